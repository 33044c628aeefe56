"""Programs that read calendar files and did not write them: libical and calcurse."""

import ctypes
import ctypes.util
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import skip_or_fail


def libical_library():
    """Return libical, or skip (fail on CI) where it is not installed."""
    name = ctypes.util.find_library("ical")
    if name is None:
        skip_or_fail("libical is not installed: apt-get install libical3")
    library = ctypes.CDLL(name)
    library.icalparser_parse_string.restype = ctypes.c_void_p
    library.icalparser_parse_string.argtypes = [ctypes.c_char_p]
    library.icalrestriction_check.argtypes = [ctypes.c_void_p]
    library.icalcomponent_count_errors.argtypes = [ctypes.c_void_p]
    library.icalcomponent_free.argtypes = [ctypes.c_void_p]
    return library


@pytest.fixture(scope="module")
def libical() -> Iterator[Callable[[bytes], bool]]:
    """libical, which knows what each method of RFC 5546 requires and forbids."""
    library = libical_library()

    def stands(file: bytes) -> bool:
        component = library.icalparser_parse_string(file)
        assert component, "libical cannot parse the file at all"
        try:
            passes = library.icalrestriction_check(component) == 1
            return passes and library.icalcomponent_count_errors(component) == 0
        finally:
            library.icalcomponent_free(component)

    return stands


@pytest.fixture
def calcurse(tmp_path: Path) -> Callable[[bytes], str]:
    """Return a function that imports a file into calcurse and gives what it then shows."""
    program = shutil.which("calcurse")
    if program is None:
        skip_or_fail("calcurse is not installed: apt-get install calcurse")

    def imported(file: bytes) -> str:
        path, folder = tmp_path / "invite.ics", tmp_path / "calcurse"
        path.write_bytes(file)
        environment = {"LC_ALL": "C.UTF-8", "TZ": "Asia/Shanghai", "HOME": str(tmp_path)}
        for arguments in (
            ["-i", str(path)],
            ["-Q", "--from", "11/01/2026", "--days", "60", "--format-apt", "%S-%E %m\n%N\n"],
        ):
            done = subprocess.run(
                [program, "-D", str(folder), "-q", *arguments],
                capture_output=True,
                check=True,
                timeout=20,
                env=environment,
            )
        return done.stdout.decode()

    return imported
