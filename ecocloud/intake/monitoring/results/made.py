"""A result as evaluation makes it, before it is stored. Pure: the same inputs give the same digests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from ecocloud.intake.monitoring.results.rules import Span


class Key(NamedTuple):
    """What a result is about: its kind, span and first day, and the subject as a reference (``device:12``)."""

    kind: str
    span: Span
    start: date
    subject: str


@dataclass(frozen=True)
class Made:
    """One result.

    device, region, department: where it lies for the reach of people; edition: the edition(s) used.
    value: the index (AQI) or class; level: category or class for colours; items: primary pollutants or deciding items;
    target: class to meet, meets: whether it does; reason: why there is no value, '' where there is one.
    body: all figures, exact numbers as whole numbers; inputs: what it was made of, as plain data; parents: results it
    was made of; lake: the rows of the lake it was made of; facts: unverified facts, ``air:hour.negative``.
    """

    key: Key
    device: int | None
    region: str
    department: int | None
    edition: str
    value: int | None
    level: int | None
    items: tuple[str, ...]
    reason: str
    body: Mapping[str, Any]
    inputs: Any
    target: int | None = None
    meets: bool | None = None
    parents: tuple[Key, ...] = ()
    lake: Mapping[str, Any] = field(default_factory=dict)
    facts: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Of what it was made of."""
        return digest_of(self.inputs)

    @property
    def outcome(self) -> str:
        """Of what came out."""
        return digest_of([self.edition, self.value, self.level, self.items, self.reason, self.body, self.target,
                          self.meets, self.facts])  # fmt: skip


def digest_of(content: Any) -> str:
    """SHA-256 of plain data in one form."""
    return hashlib.sha256(canonical(content)).hexdigest()


def canonical(content: Any) -> bytes:
    """Plain data in one form; raises TypeError for what is none, and for floats, which are no exact numbers."""
    _no_floats(content)
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _no_floats(content: Any) -> None:
    if isinstance(content, float):
        raise TypeError(f"{content!r}: a float in a result")
    if isinstance(content, Mapping):
        content = content.values()
    elif not isinstance(content, list | tuple):
        return
    for one in content:
        _no_floats(one)
