"""What the commands say, in both languages at once: an operator at a terminal chose neither."""

from typing import NamedTuple


class Words(NamedTuple):
    """One sentence in Chinese and in English."""

    zh: str
    en: str

    def __str__(self) -> str:
        """Return both, as the terminal shows them."""
        return f"{self.zh} / {self.en}"


class Refused(Exception):
    """A backup cannot be taken or put back; the words say why and what to do."""

    def __init__(self, zh: str, en: str) -> None:
        """Keep the words."""
        self.words = Words(zh, en)
        super().__init__(str(self.words))
