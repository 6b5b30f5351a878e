"""``Ref``: a typed, stable reference to a record of any room, as text.

Form: ``kind:key[#fragment][@version]``, for example ``doc:12#100-120`` or ``obs:9@2``. A room registers one resolver
for each kind it owns; lower rooms keep references upwards as text and never import the room above.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ecocloud.base.errors import EcoError

_FORM = re.compile(
    r"(?P<kind>[a-z][a-z0-9_-]{0,19}):(?P<key>[^#@\s]{1,120})(?:#(?P<fragment>[^@\s]{1,60}))?(?:@(?P<version>[^\s@#]{1,40}))?"
)


class RefError(EcoError):
    """The text is not a reference."""

    code = "journal.ref"


@dataclass(frozen=True)
class Ref:
    """A reference to a record: its kind, its key, a place inside it and its version."""

    kind: str
    key: str
    fragment: str = ""
    version: str = ""

    @classmethod
    def parse(cls, text: str) -> Ref:
        """Read the text form; raises :class:`RefError` for anything else."""
        match = _FORM.fullmatch(text)
        if not match:
            raise RefError(
                f"“{text}”不是引用。", f"{text!r} is not a reference", value=text, remedy_zh="应形如 doc:12#100-120。"
            )
        found = match.groupdict()
        return cls(found["kind"], found["key"], found["fragment"] or "", found["version"] or "")

    def __str__(self) -> str:
        fragment = f"#{self.fragment}" if self.fragment else ""
        version = f"@{self.version}" if self.version else ""
        return f"{self.kind}:{self.key}{fragment}{version}"

    @property
    def record(self) -> Ref:
        """The record itself, without fragment and version."""
        return Ref(self.kind, self.key)

    @property
    def span(self) -> tuple[int, int] | None:
        """``(start, end)`` when the fragment is a span of text, else ``None``."""
        match = re.fullmatch(r"(\d+)-(\d+)", self.fragment)
        return (int(match[1]), int(match[2])) if match else None


@dataclass(frozen=True)
class Resolved:
    """What a reference points at, as far as this viewer may see it."""

    ref: Ref
    title: str
    url: str = ""
    excerpt: str = ""
    place: str = ""
    allowed: bool = True


Resolver = Callable[[Ref, Any], "Resolved | None"]
_RESOLVERS: dict[str, Resolver] = {}


def register_resolver(kind: str, resolver: Resolver) -> None:
    """Register ``resolver(ref, viewer) -> Resolved | None`` for references of ``kind``. Called once at start."""
    _RESOLVERS[kind] = resolver


BatchResolver = Callable[[list[Ref], Any], "dict[Ref, Resolved]"]
_BATCHES: dict[str, BatchResolver] = {}


def register_batch(kind: str, resolver: BatchResolver) -> None:
    """Register ``resolver(refs, viewer) -> {ref: Resolved}``: many references of ``kind`` at once."""
    _BATCHES[kind] = resolver


def resolve_many(refs: Iterable[Ref | str], viewer: Any) -> dict[str, Resolved]:
    """What many references point at, by their text: one batch for each kind that has one, else one by one."""
    parsed = {str(ref): Ref.parse(ref) if isinstance(ref, str) else ref for ref in refs}
    groups: dict[str, list[Ref]] = defaultdict(list)
    for ref in parsed.values():
        groups[ref.kind].append(ref)
    batched = {kind: _BATCHES[kind](group, viewer) for kind, group in groups.items() if kind in _BATCHES}
    return {
        text: _judged(ref, batched[ref.kind].get(ref)) if ref.kind in batched else resolve(ref, viewer)
        for text, ref in parsed.items()
    }


def resolve(ref: Ref | str, viewer: Any) -> Resolved:
    """What ``ref`` points at. Always answers: an unknown kind or a missing record is named as such, without a link."""
    if isinstance(ref, str):
        ref = Ref.parse(ref)
    resolver = _RESOLVERS.get(ref.kind)
    return _judged(ref, resolver(ref, viewer) if resolver else None)


def _judged(ref: Ref, found: Resolved | None) -> Resolved:
    if found is None:
        return Resolved(ref, f"来源 {ref} 已不存在", allowed=False)
    if not found.allowed:
        return Resolved(ref, found.title, place=found.place, allowed=False)
    return found
