"""Text of the public: what nobody can see is taken out, everything visible stays as it was typed. Pure.

Markup stays text: pages write it escaped, workbooks as text. Nothing is refused for how it is typed, only for length.
"""

from __future__ import annotations

import re
import unicodedata

_BREAKS = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]")
_BLANK_LINES = re.compile(r"\n{3,}")
_SPACES = re.compile(r"[ \t]+\n")
_JOINERS = "\u200c\u200d"  # between the parts of one emoji, and in some scripts between letters


def _shown(sign: str) -> bool:
    kind = unicodedata.category(sign)
    if kind == "Cn":  # what Unicode will never give a meaning is out, what this Python does not know yet stays
        return not (ord(sign) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(sign) <= 0xFDEF)
    return sign in "\n\t" or sign in _JOINERS or kind not in ("Cc", "Cf", "Cs")


def cleaned(text: str) -> str:
    """The text with ordinary line ends, without control signs, signs that turn the direction of writing, halves of
    characters and outer blanks; at most one empty line on end. ``cleaned(cleaned(x)) == cleaned(x)``."""
    text = _BREAKS.sub("\n", text)
    kept = "".join(sign for sign in text if _shown(sign))
    return _BLANK_LINES.sub("\n\n", _SPACES.sub("\n", kept)).strip()


def one_line(text: str) -> str:
    """The text cleaned, on one line with single blanks."""
    return " ".join(cleaned(text).split())
