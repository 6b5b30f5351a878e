"""Figures of dispatch reports, read: which indicators a report asks for, what is held of them already, from where.

A figure is known by a reference: ``target:ID`` (the indicator of that target, in its region) or ``ind:CODE`` (that
indicator in the item's region). The number of queries does not depend on the number of reports.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ecocloud.base.periods import Period
from ecocloud.kernel.duties import lights
from ecocloud.kernel.duties.models import ItemTarget, RoundReport
from ecocloud.kernel.evidence import queries as evidence
from ecocloud.kernel.evidence.models import Indicator, Observation, Target
from ecocloud.kernel.journal.refs import Ref, RefError
from ecocloud.kernel.regions.models import Region, in_language

_HELD = (*Observation.STANDING, Observation.Status.SUBMITTED)


@dataclass(frozen=True)
class Meant:
    """What a reference to a figure means: an indicator and a region."""

    indicator: Indicator
    region: Region

    @property
    def key(self) -> tuple[int, str]:
        """Indicator and region as ids."""
        return self.indicator.pk, self.region.pk


@dataclass(frozen=True)
class Asked:
    """One figure a report is asked for. ``held``: the value of that period that is in the system already, if any."""

    ref: str
    meant: Meant
    label: str
    unit: str
    held: Observation | None = None
    visible: bool = False

    @property
    def held_text(self) -> str:
        """The held value as typed in a form; '' where it is not for this viewer."""
        if self.held is None or not self.visible:
            return ""
        return self.held.value_text if self.held.value is None else lights.plain(Decimal(self.held.value))

    @property
    def source(self) -> str:
        """Reference to the held value."""
        return f"obs:{self.held.pk}" if self.held is not None else ""


def canonical(text: str) -> str:
    """The reference to a figure; a bare indicator code is one, too. Raises RefError."""
    text = text.strip()
    if ":" not in text:
        text = f"ind:{text}"
    found = Ref.parse(text)
    if found.kind not in ("target", "ind"):
        raise RefError(f"“{text}”不是指标或目标。", f"{text} is no figure", value=text, remedy_zh="应形如 ind:代码。")
    return str(found.record)


def source_ref(report: RoundReport, indicator: Indicator) -> str:
    """The source of an observation that a report brought: ``roundreport:ID#CODE``."""
    return str(Ref("roundreport", str(report.pk), indicator.code))


def meanings(refs: Iterable[str]) -> dict[str, tuple[Indicator, Region | None]]:
    """Indicator and region (None: the item's) of canonical references; unknown ones are left out. Two queries."""
    parsed = {text: Ref.parse(text) for text in set(refs)}
    keys = {int(ref.key) for ref in parsed.values() if ref.kind == "target" and ref.key.isdecimal()}
    codes = {ref.key for ref in parsed.values() if ref.kind == "ind"}
    targets = Target.objects.select_related("indicator", "region").in_bulk(keys) if keys else {}
    known = {row.code: row for row in Indicator.objects.filter(code__in=codes)} if codes else {}
    found: dict[str, tuple[Indicator, Region | None]] = {}
    for text, ref in parsed.items():
        if ref.kind == "ind" and ref.key in known:
            found[text] = (known[ref.key], None)
        elif ref.kind == "target" and ref.key.isdecimal() and int(ref.key) in targets:
            row = targets[int(ref.key)]
            found[text] = (row.indicator, row.region)
    return found


def held(meant: Iterable[Meant], period: Period) -> dict[tuple[int, str], Observation]:
    """The values of ``period`` that stand or wait for review, by indicator and region: a standing one first."""
    keys = {one.key for one in meant}
    if not keys:
        return {}
    rows = Observation.objects.filter(
        indicator_id__in={key[0] for key in keys}, region_id__in={key[1] for key in keys}, end=period.end,
        period=period.edtf, qualifier=Observation.Qualifier.ACTUAL, status__in=_HELD,
    )  # fmt: skip
    found: dict[tuple[int, str], Observation] = {}
    for row in rows.order_by("id"):
        key = (row.indicator_id, row.region_id)
        if key in keys and (key not in found or row.is_standing):
            found[key] = row
    return found


def _linked(reports: Sequence[RoundReport]) -> dict[int, list[str]]:
    """The references each item asks for, by item."""
    links: dict[int, list[str]] = defaultdict(list)
    rows = ItemTarget.objects.filter(item_id__in=[report.item_id for report in reports]).order_by("id")
    for item_id, text in rows.values_list("item_id", "target_ref"):
        links[item_id] += readable([text])
    return links


def readable(texts: Iterable[str]) -> list[str]:
    """The canonical references among ``texts``; others are left out."""
    found = []
    for text in texts:
        try:
            found.append(canonical(text))
        except RefError:
            continue
    return found


def asked(
    viewer: Any, reports: Sequence[RoundReport], period: str, *, told_only: bool = False
) -> dict[int, list[Asked]]:
    """The figures of each report by its id: those its item is linked to and those it tells. Reports need ``item``.

    ``told_only``: only those it tells. Six queries at most.
    """
    links = {} if told_only else _linked(reports)
    wanted: dict[int, list[str]] = {}
    for report in reports:
        wanted[report.pk] = list(dict.fromkeys([*links.get(report.item_id, ()), *readable(report.figures)]))
    known = meanings(text for texts in wanted.values() for text in texts)
    regions = Region.objects.in_bulk({report.item.region_id for report in reports}) if known else {}
    meant: dict[tuple[int, str], Meant] = {}
    for report in reports:
        for text in wanted[report.pk]:
            if text in known:
                indicator, region = known[text]
                meant[report.pk, text] = Meant(indicator, region or regions[report.item.region_id])
    rows = held(meant.values(), Period.parse(period))
    pks = [row.pk for row in rows.values()]
    seen = set(evidence.observations(viewer).filter(pk__in=pks).values_list("pk", flat=True)) if pks else set()
    found: dict[int, list[Asked]] = {}
    for report in reports:
        lines: dict[tuple[int, str], Asked] = {}
        for text in wanted[report.pk]:
            one = meant.get((report.pk, text))
            if one is None or one.key in lines:
                continue
            here = rows.get(one.key)
            name = in_language(one.indicator.zh, one.indicator.en)
            label = name if one.region.pk == report.item.region_id else f"{name}（{one.region}）"
            lines[one.key] = Asked(text, one, label, one.indicator.unit, here, here is not None and here.pk in seen)
        found[report.pk] = list(lines.values())
    return found
