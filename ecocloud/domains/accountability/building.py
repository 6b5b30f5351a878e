"""Whose files there are, and what stands in one: gathered from the rooms' descriptors. No line names or ranks a
person; a post's file says what the post answered for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ecocloud.base.rooms import all_rooms, load
from ecocloud.domains.accountability.errors import NoSuchFile
from ecocloud.kernel.journal.proofs import Proof, proofs_of
from ecocloud.kernel.regions import scope
from ecocloud.kernel.regions.accountable import Accountable, Section, Subject
from ecocloud.kernel.regions.models import Department, Post, PostHandover, User

VIEW, ISSUE = "accountability.file.view", "accountability.file.issue"
_EVER = (date(2000, 1, 1), date(2999, 12, 31))


@dataclass(frozen=True)
class Dossier:
    """A file in the making: whose, which days, the sections, the proofs of all entries by number."""

    subject: Subject
    first: date
    last: date
    sections: tuple[Section, ...]
    proofs: dict[int, Proof]

    @property
    def body(self) -> dict[str, Any]:
        """The file as plain values: what is stored, printed and digested."""
        return {
            "subject": self.subject.ref, "label": self.subject.label, "first": str(self.first), "last": str(self.last),
            "sections": [
                {
                    "code": section.code, "label": section.label, "count": section.count,
                    "lines": [
                        {"ref": line.ref, "title": line.title, "url": line.url, "day": str(line.day or ""),
                         "words": line.words, "more": line.more,
                         "proofs": [[pk, self.proofs[pk].digest] for pk in line.entries if pk in self.proofs]}
                        for line in section.lines
                    ],
                }
                for section in self.sections
            ],
        }  # fmt: skip


def providers() -> list[Accountable]:
    """The rooms' parts, in the order of the floors."""
    return [load(room.accountable) for room in all_rooms() if room.accountable]


def units_in_reach(viewer: Any) -> Sequence[int] | None:
    """The units whose files ``viewer`` may see; None for all."""
    seen = scope.reach(viewer, VIEW)
    return None if seen.everything else sorted(seen.departments)


def holders(department: int, post: int) -> tuple[tuple[str, date, date], ...]:
    """The accounts that held a post of a unit with their days, from handovers and from who holds it now."""
    moves = list(PostHandover.objects.filter(department=department, post=post).order_by("on", "pk"))
    now = User.objects.filter(department=department, post=post).values_list("pk", flat=True)
    spans: list[tuple[str, date, date]] = []
    for person in sorted({*now, *(m.giver_id for m in moves), *(m.taker_id for m in moves)}):
        taken = [m.on for m in moves if m.taker_id == person]
        given = [m.on for m in moves if m.giver_id == person]
        if given and (not taken or min(given) <= min(taken)):
            taken.insert(0, _EVER[0])
        if not taken:
            taken = [_EVER[0]]
        for start in sorted(taken):
            end = next((day for day in sorted(given) if day >= start and (day > start or day not in taken)), _EVER[1])
            spans.append((f"user:{person}", start, end))
    return tuple(spans)


def _post(department: Department, post: Post) -> Subject:
    label = f"{department.name} {post.name}"
    ref = f"post:{department.pk}-{post.pk}"
    return Subject(ref, label, department.pk, department.region_id, holders(department.pk, post.pk))


def subjects(viewer: Any) -> list[tuple[str, str]]:
    """What files ``viewer`` may ask for: reference and label; units first, then posts, then the rooms' own."""
    units = units_in_reach(viewer)
    rows = Department.objects.exclude(kind=Department.Kind.GROUP).order_by("order", "pk")
    if units is not None:
        rows = rows.filter(pk__in=units)
    found = [(f"dept:{row.pk}", row.name) for row in rows]
    names = dict(rows.values_list("pk", "name"))
    held = User.objects.filter(department__in=list(names), post__isnull=False)
    pairs = set(held.values_list("department_id", "post_id"))
    handed = PostHandover.objects.filter(department__in=list(names), post__isnull=False)
    pairs |= set(handed.values_list("department_id", "post_id"))
    posts = Post.objects.in_bulk([post for _unit, post in pairs])
    ordered = sorted(pairs, key=lambda pair: (list(names).index(pair[0]), posts[pair[1]].order, pair[1]))
    found += [(f"post:{unit}-{post}", f"{names[unit]} {posts[post].name}") for unit, post in ordered]
    for provider in providers():
        if provider.subjects:
            found += [(one.ref, one.label) for one in provider.subjects(units)]
    return found


def subject_for(viewer: Any, ref: str) -> Subject:
    """The holder of duties ``ref`` names; raises :class:`NoSuchFile` where there is none in the viewer's reach."""
    kind, _colon, key = ref.partition(":")
    units, found = units_in_reach(viewer), None
    if kind == "dept" and key.isdecimal() and len(key) < 19:
        unit = Department.objects.filter(pk=int(key)).first()
        found = Subject(ref, unit.name, unit.pk, unit.region_id) if unit else None
    elif kind == "post":
        first, _dash, second = key.partition("-")
        if first.isdecimal() and second.isdecimal() and len(key) < 38:
            unit, post = Department.objects.filter(pk=int(first)).first(), Post.objects.filter(pk=int(second)).first()
            found = _post(unit, post) if unit and post else None
    else:
        own = [one for provider in providers() if provider.subjects for one in provider.subjects(units)]
        found = next((one for one in own if one.ref == ref), None)
    if found is None or (units is not None and found.department not in units):
        raise NoSuchFile("没有这个单位或岗位，或它不在您的数据范围内。", f"no subject {ref!r} in reach", value=ref[:60])
    return found


def build(subject: Subject, first: date, last: date) -> Dossier:
    """The file of ``subject`` from ``first`` to ``last``, both included; sections of all rooms in their order."""
    found = [section for provider in providers() for section in provider.sections(subject, first, last)]
    sections = tuple(sorted(found, key=lambda section: section.order))
    entries = [pk for section in sections for line in section.lines for pk in line.entries]
    return Dossier(subject, first, last, sections, proofs_of(entries))
