"""The hash chain: pure functions on plain values. No database, clock or file."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

GENESIS = "genesis"
# Known answer for SM3 of b"abc" (GB/T 32905-2016, appendix A.1).
_SM3_ABC = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def _sm3_works() -> bool:
    try:
        return hashlib.new("sm3", b"abc").hexdigest() == _SM3_ABC
    except ValueError:
        return False


ALGORITHM = "sm3" if _sm3_works() else "sha256"


def digest(data: bytes, algorithm: str = ALGORITHM) -> str:
    """``algorithm:hex`` of ``data``."""
    return f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}"


def sign(key: str, text: str, algorithm: str = ALGORITHM) -> str:
    """HMAC of ``text`` under ``key`` as ``hmac-algorithm:hex``."""
    return f"hmac-{algorithm}:{hmac.new(key.encode(), text.encode(), algorithm).hexdigest()}"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)


def canonical(value: Any) -> str:
    """The one JSON text of a value: sorted keys, no spaces; decimals and dates as text."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)


def entry_digest(fields: Mapping[str, Any], algorithm: str = ALGORITHM) -> str:
    """Digest of one entry over all its fields, its transaction and its position in it."""
    return digest(canonical(dict(fields)).encode(), algorithm)


@dataclass(frozen=True)
class LinkContent:
    """What a link seals."""

    number: int
    tx: str
    at: datetime
    count: int
    total: int
    rows: str
    previous: str


def rows_digest(digests: Iterable[str], algorithm: str = ALGORITHM) -> str:
    """Digest of a transaction's entries in their order."""
    return digest("\n".join(digests).encode(), algorithm)


def link_digest(link: LinkContent, algorithm: str = ALGORITHM) -> str:
    """Digest of a link: its number, transaction, time, entries, running total and the link before."""
    fields = [link.number, link.tx, link.at, link.count, link.total, link.rows, link.previous]
    return digest(canonical(fields).encode(), algorithm)


def algorithm_of(text: str) -> str:
    """The algorithm a digest names; ``ValueError`` when it names none that is known."""
    name = text.split(":", 1)[0].removeprefix("hmac-")
    if name not in ("sm3", "sha256"):
        raise ValueError(f"unknown digest algorithm in {text!r}")
    return name


@dataclass(frozen=True)
class Finding:
    """One fault: ``kind`` is altered, removed, added, reordered, cut, unsigned or fork."""

    kind: str
    place: str
    sentence_zh: str
    sentence_en: str
