"""A packet for people: its bytes with kind and meaning of each piece, its password hidden. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ecocloud.intake.monitoring.hj212.dialect import STANDARD, Dialect
from ecocloud.intake.monitoring.hj212.explaining import explain
from ecocloud.intake.monitoring.hj212.judging import Judge

# The password a device sends, and a new one it is given; names of head fields are read in any case, with spaces.
_PASSWORD = re.compile(r"(PW\s*=)([^;&,]*)", re.IGNORECASE)


@dataclass(frozen=True)
class Shown:
    """One piece: where it begins, its text (a password as stars), its kind for the colour, what it means."""

    at: int
    size: int
    text: str
    kind: str
    meaning: str


def shown(raw: bytes, dialect: Dialect = STANDARD, *, english: bool = False) -> list[Shown]:
    """The pieces of the first packet in ``raw``. What a device sends as its password is never shown, nor a password
    within an encrypted region, whose plain text is its meaning."""
    made, at = [], 0
    for piece in explain(raw, Judge(dialect), english=english):
        made.append(Shown(at, len(piece.raw), _hidden(piece.text), piece.kind, _hidden(piece.meaning)))
        at += len(piece.raw)
    return made


def _hidden(text: str) -> str:
    return _PASSWORD.sub(lambda found: found[1] + "*" * len(found[2]), text)


def password_in(raw: bytes) -> str:
    """The password a packet carries, '' for none: to be sealed at admission, never to be shown."""
    return _head(raw, "PW=")


def system_in(raw: bytes) -> str:
    """The system code a packet carries, '' for none."""
    return _head(raw, "ST=")


def _head(raw: bytes, name: str) -> str:
    for piece in explain(raw, Judge(STANDARD)):
        if piece.kind == "head" and piece.text.startswith(name):
            return piece.text[len(name) :].rstrip(";")
    return ""


def factors_in(raw: bytes) -> list[str]:
    """The codes a packet has values of, in their order."""
    found: dict[str, None] = {}
    for piece in explain(raw, Judge(STANDARD)):
        name = piece.text.partition("=")[0]
        if piece.kind in ("value", "flag") and "-" in name:
            found.setdefault(name.partition("-")[0])
    return list(found)
