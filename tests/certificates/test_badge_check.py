"""A visitor's browser checks a badge by itself: the file is read there and sent nowhere."""

import pytest
import time_machine
from certificates.conftest import portal_at
from conftest import NOW

from courses.certificate import written
from portal.certificates import badge_files

pytestmark = [
    pytest.mark.journey,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    # A static file that is compressed on its way is closed when it is collected: no matter of ours.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def test_the_page_tells_a_true_badge_from_an_altered_one_and_from_anothers(
    app, cast, issued, row_of, browser
):
    with time_machine.travel(NOW, tick=True), portal_at(app) as url:
        number, other = issued(), issued(cast.dealer_b)
        token, others = row_of(number).credential, row_of(other).credential
        altered = token[:900] + ("A" if token[900] != "A" else "B") + token[901:]
        page = browser.new_page(viewport={"width": 390, "height": 800}, locale="zh-CN")
        sent = []
        page.on("request", lambda request: sent.append((request.method, request.url)))
        page.goto(f"{url}/verify/{written(number)}")

        def told(content: bytes, name: str = "badge.jwt") -> str:
            file = {"name": name, "mimeType": "text/plain", "buffer": content}
            page.set_input_files("#badge-file", file)
            page.wait_for_function(
                "() => !['', '…'].includes(document.querySelector('[data-verdict]').textContent)"
            )
            return page.inner_text("[data-verdict]")

        for kind in ("jwt", "json", "svg", "png"):
            content, _ = badge_files.made(token, kind=kind)
            assert "就是这张证书的徽章" in told(content, f"badge.{kind}")
        assert "签名对不上" in told(altered.encode())
        assert written(other) in told(others.encode())
        assert "没有找到徽章" in told(b"hello")
        page.close()

    assert {method for method, _ in sent} == {"GET"}
    assert {address.startswith(url) for _, address in sent} == {True}
