"""Numbers out of addresses and forms, where anybody may have written anything."""

from __future__ import annotations

# The largest whole number a database column of ours holds.
LARGEST = 2**63 - 1


def whole_number(text: str | None, largest: int = LARGEST) -> int | None:
    """``text`` as a whole number from 0 to ``largest``; ``None`` for everything else.

    Only the digits 0-9 count: ``str.isdigit`` takes ``²`` as well, which ``int`` refuses, and ``int`` refuses texts of
    thousands of digits.
    """
    if not text or len(text) > 19 or not (text.isascii() and text.isdigit()):
        return None
    number = int(text)
    return number if number <= largest else None


def whole_numbers(texts: list[str]) -> list[int]:
    """The whole numbers among ``texts``, in their order."""
    return [number for number in map(whole_number, texts) if number is not None]
