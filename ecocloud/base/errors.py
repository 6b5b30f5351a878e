"""Errors are types: each says what is wrong, where, with which value, and what to do.

Pages show :attr:`EcoError.message_zh` and :attr:`EcoError.remedy_zh`; logs and the API carry the English text and
the machine-readable :attr:`EcoError.code`.
"""

from __future__ import annotations

from typing import Any


class EcoError(Exception):
    """Base of every error a user may see.

    Parameters
    ----------
    message_zh: one Chinese sentence: what is wrong.
    message_en: the same in English, for logs and the API.
    code: stable dotted identifier, ``room.reason``.
    where: place of the fault, for example ``{"file": "a.xlsx", "row": 3, "column": "期限"}``.
    value: the offending value as it was given.
    remedy_zh: what would be right.
    """

    code = "error"
    http_status = 400

    def __init__(
        self,
        message_zh: str,
        message_en: str = "",
        *,
        code: str | None = None,
        where: dict[str, Any] | None = None,
        value: Any = None,
        remedy_zh: str = "",
    ) -> None:
        self.message_zh = message_zh
        self.message_en = message_en or message_zh
        if code:
            self.code = code
        self.where = dict(where or {})
        self.value = value
        self.remedy_zh = remedy_zh
        super().__init__(self.message_en)

    def sentence_zh(self) -> str:
        """The error as one Chinese sentence with its place and remedy."""
        place = "，".join(f"{key} {value}" for key, value in self.where.items())
        head = f"{place}：{self.message_zh}" if place else self.message_zh
        return f"{head}{self.remedy_zh}" if self.remedy_zh else head

    def as_dict(self) -> dict[str, Any]:
        """The error for the API: code, both texts, where, value and remedy."""
        return {
            "code": self.code,
            "message_zh": self.message_zh,
            "message_en": self.message_en,
            "where": self.where,
            "value": None if self.value is None else str(self.value),
            "remedy_zh": self.remedy_zh,
        }


class Forbidden(EcoError):
    """The person may not do this; says which permission is missing."""

    code = "forbidden"
    http_status = 403


class Conflict(EcoError):
    """Somebody else changed the record first; safe to read again and retry."""

    code = "conflict"
    http_status = 409
