"""What the chiefs room says in an accountability file: patrols due and made, problems found, by office of a chief."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_noop

from ecocloud.domains.chiefs import queries, showing
from ecocloud.domains.chiefs.models import Finding, Office, Patrol, Term
from ecocloud.kernel.journal.proofs import entries_about
from ecocloud.kernel.regions.accountable import Accountable, Line, Section, Subject, proof

_PROOFS = 12  # entries that are named for one line; the line's page lists all of its patrols


def _offices(subject: Subject, first: date, last: date) -> list[Office]:
    rows = Office.objects.filter(opened_on__lte=last).filter(Q(closed_on__isnull=True) | Q(closed_on__gt=first))
    if subject.kind == "chief":
        rows = rows.filter(pk=int(subject.key))
    elif subject.kind == "dept":
        rows = rows.filter(department=subject.department)
    else:
        people = [int(actor.partition(":")[2]) for actor, _start, _end in subject.actors]
        held = Term.objects.filter(person__in=people, valid_from__lte=last)
        held = held.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=first))
        rows = rows.filter(pk__in=held.values("office"), department=subject.department)
    return list(rows.select_related("object", "region", "department").order_by("region_id", "kind", "pk"))


def _patrols(offices: Sequence[Office], first: date, last: date) -> dict[int, list[Patrol]]:
    found: dict[int, list[Patrol]] = {}
    rows = Patrol.objects.filter(office__in=[row.pk for row in offices], day__gte=first, day__lte=last)
    for patrol in rows.filter(counts_as__in=queries.COUNTING).order_by("day", "pk"):
        found.setdefault(patrol.office_id, []).append(patrol)
    return found


def sections(subject: Subject, first: date, last: date) -> list[Section]:
    """Patrols due and made in the periods that ended in the days, and the problems found, for each office."""
    offices = _offices(subject, first, last)
    if not offices:
        return []
    covers, made = queries.covers(offices, first, last), _patrols(offices, first, last)
    refs = [patrol.ref for rows in made.values() for patrol in rows] + [row.ref for row in offices]
    entries: dict[str, Any] = dict(entries_about(refs))
    due, done = [], []
    for row in offices:
        title, url, cover = showing.title(row), reverse("chiefs:office", args=[row.pk]), covers[row.pk]
        words = f"应巡 {cover.owed} 次，到位 {cover.done} 次"
        if cover.owed:
            due.append(Line(row.ref, title, url, last, words, proof(entries, row.ref), cover.owed))
        if cover.done:
            proofs = tuple(pk for patrol in made.get(row.pk, []) for pk in proof(entries, patrol.ref))
            done.append(Line(row.ref, title, url, last, words, proofs[-_PROOFS:], cover.done))
    return [
        Section("patrols_due", gettext_noop("应巡查"), 80, tuple(due)),
        Section("patrols_done", gettext_noop("巡查到位"), 85, tuple(done)),
        Section("patrol_problems", gettext_noop("巡查发现问题"), 90, _found(offices, first, last)),
    ]


def _found(offices: Sequence[Office], first: date, last: date) -> tuple[Line, ...]:
    rows = Finding.objects.filter(patrol__office__in=[row.pk for row in offices], patrol__day__gte=first,
                                  patrol__day__lte=last)  # fmt: skip
    rows = list(rows.select_related("patrol").order_by("patrol__day", "pk"))
    entries = dict(entries_about([row.patrol.ref for row in rows]))
    return tuple(
        Line(row.item_ref, row.text[:60], reverse("chiefs:patrol", args=[row.patrol_id]), row.patrol.day,
             "在办" if row.open else "已办结", proof(entries, row.patrol.ref))
        for row in rows
    )  # fmt: skip


def subjects(departments: Sequence[int] | None) -> list[Subject]:
    """The offices of chiefs of these units (all for None)."""
    rows = Office.objects.select_related("object", "region", "department").order_by("region_id", "kind", "pk")
    if departments is not None:
        rows = rows.filter(department__in=list(departments))
    return [
        Subject(row.ref, f"{showing.title(row)} {row.post}", row.department_id, row.region_id) for row in rows[:5000]
    ]


ACCOUNTABLE = Accountable(sections, subjects)
