"""API keys as text and as limits of rights. Pure.

A key reads ``eco_HEAD_SECRET``: the head finds the row, of the whole only a digest is kept. The secret has 256 random
bits, so that one round of SHA-256 is enough: there is nothing to guess from a dictionary.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from ecocloud.base.errors import EcoError

_TOKEN = re.compile(r"eco_([a-z0-9]{10})_[A-Za-z0-9_-]{43}")
_SCOPE = re.compile(r"([a-z][a-z0-9_]*)(?:/([a-z][a-z0-9_]{0,39}))?:(read|write)")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
READ_VERB = "view"
MOST_SCOPES = 100


class KeyRefused(EcoError):
    """A key cannot be issued that way."""

    code = "regions.key"


def make() -> tuple[str, str]:
    """``(head, token)`` of a new key; the token is shown once and never stored."""
    head = "".join(secrets.choice(_LETTERS) for _ in range(10))
    return head, f"eco_{head}_{secrets.token_urlsafe(32)}"


def head_of(token: str) -> str:
    """The head of a well-formed token, else ''."""
    found = _TOKEN.fullmatch(token)
    return found[1] if found else ""


def digest_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True, order=True)
class KeyScope:
    """What a key opens: a room, or one ``part`` of it (a register); ``write`` covers reading."""

    room: str
    part: str = ""
    write: bool = False

    def __str__(self) -> str:
        return f"{self.room}{'/' if self.part else ''}{self.part}:{'write' if self.write else 'read'}"

    @classmethod
    def parse(cls, text: str) -> KeyScope:
        """``registers:read``, ``registers/outfall:write``; raises :class:`KeyRefused`."""
        found = _SCOPE.fullmatch(str(text).strip())
        if not found:
            raise KeyRefused(f"“{text}”不是密钥范围。", f"bad scope {text!r}", value=text, where={"字段": "范围"},
                             remedy_zh="应形如 registers:read 或 registers/outfall:write。")  # fmt: skip
        return cls(found[1], found[2] or "", found[3] == "write")


@dataclass(frozen=True)
class KeyLimit:
    """Everything a key opens. It only narrows: what its owner may not do, no key may."""

    scopes: frozenset[KeyScope]

    @classmethod
    def of(cls, texts: Iterable[str]) -> KeyLimit:
        """From scopes as text."""
        return cls(frozenset(KeyScope.parse(text) for text in texts))

    def permits(self, permission: str) -> bool:
        """Whether a right (``room.thing.verb``) may be used in some part of its room."""
        room, verb = permission.partition(".")[0], permission.rpartition(".")[2]
        return any(one.room == room and (one.write or verb == READ_VERB) for one in self.scopes)

    def writes(self, permission: str) -> bool:
        """Whether anything may be changed in the room of this right."""
        room = permission.partition(".")[0]
        return any(one.room == room and one.write for one in self.scopes)

    def reaches(self, room: str, part: str, write: bool) -> bool:
        """Whether this part of the room is open for reading, or for writing."""
        return any(one.room == room and one.part in ("", part) and (one.write or not write) for one in self.scopes)
