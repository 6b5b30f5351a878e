"""Text that a spreadsheet could take for a formula, and characters XML cannot carry.

``unquote(quote(text)) == text`` for every text, and ``quote(text)`` never starts with a sign that starts a formula
(half or full width).
"""

from __future__ import annotations

import re

DANGEROUS = frozenset("=+-@\t\r\n＝＋－＠")
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)|\r")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def needs_quote(text: str) -> bool:
    """Whether a text would be changed or run by a spreadsheet: formula signs, outer blanks, or our own quote."""
    while text.startswith("'"):
        text = text[1:]
    return bool(text) and (text[0] in DANGEROUS or text != text.strip())


def quote(text: str) -> str:
    """The text as it is written into a cell."""
    return f"'{text}" if needs_quote(text) else text


def unquote(text: str) -> str:
    """The text that :func:`quote` was given; other texts stay as they are."""
    return text[1:] if is_quoted(text) else text


def is_quoted(text: str) -> bool:
    """Whether a cell's text is one that :func:`quote` changed."""
    return text.startswith("'") and needs_quote(text[1:])


def escape(text: str) -> str:
    """Write characters that XML cannot carry the way Excel does (``_x000D_``)."""
    return _ILLEGAL.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def unescape(text: str) -> str:
    """Undo :func:`escape`."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text
