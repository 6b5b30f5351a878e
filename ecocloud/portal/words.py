"""The word with which a reporter asks after a report. It is derived, not stored: only its holder and the site know it.

Letters and digits that are mistaken for each other (0 O, 1 I L) do not occur.
"""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings

_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 10


def word_of(number: str, salt: str) -> str:
    """The word of the report ``number``: ten of thirty-one signs (49 bits)."""
    key = settings.SECRET_KEY.encode()
    rest = int.from_bytes(hmac.new(key, f"portal.report/{number}/{salt}".encode(), hashlib.sha256).digest(), "big")
    signs = []
    for _place in range(LENGTH):
        rest, at = divmod(rest, len(_SIGNS))
        signs.append(_SIGNS[at])
    return "".join(signs)


def same(given: str, word: str) -> bool:
    """Whether the given word is the right one; case, blanks and hyphens do not matter. In constant time."""
    plain = "".join(sign for sign in given.upper() if sign.isascii() and sign.isalnum())
    return hmac.compare_digest(plain.encode(), word.encode())
