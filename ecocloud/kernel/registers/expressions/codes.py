"""Check characters of national codes."""

from __future__ import annotations

# GB 32100-2015: the 31 characters in the order of their values (no I, O, S, V, Z); weights 3^(i-1) modulo 31.
_SIGNS = {sign: value for value, sign in enumerate("0123456789ABCDEFGHJKLMNPQRTUWXY")}
_LENGTH = 18


def is_credit_code(text: str) -> bool:
    """Whether ``text`` is a unified social credit code with the right check character (GB 32100-2015).

    Some codes given out by pilots before the standard have another check character and are in use all the same.
    """
    if len(text) != _LENGTH or not set(text) <= _SIGNS.keys():
        return False
    total = sum(_SIGNS[sign] * pow(3, place, 31) for place, sign in enumerate(text[:-1]))
    return _SIGNS[text[-1]] == -total % 31
