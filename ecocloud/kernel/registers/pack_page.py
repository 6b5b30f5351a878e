"""What the page of one pack shows for a division and a day: figures, indicators, targets, report, systems, sources."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from ecocloud.base import typed
from ecocloud.base.errors import EcoError
from ecocloud.kernel.evidence.display import home_region, region_choices
from ecocloud.kernel.evidence.models import Indicator, Observation, Target
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import Region
from ecocloud.kernel.regions.queries import region_by_code
from ecocloud.kernel.registers import pack_figures, panels, queries, reading, showing
from ecocloud.kernel.registers.coverage import Covered, covered
from ecocloud.kernel.registers.models import Pack, RegisterType, TypeVersion
from ecocloud.kernel.registers.pack_definition import PackDefinition, PackIndicator, PackTarget
from ecocloud.kernel.registers.services import packs, packs_in_use
from ecocloud.kernel.registers.systems import System, systems

TARGET = "evidence.target.edit"


@dataclass(frozen=True)
class About:
    """What a page of packs is about: the division and the day of its address."""

    region: Region
    day: date

    @classmethod
    def of(cls, request: HttpRequest) -> About:
        """``region`` and ``day`` of the address; else the person's own division, and today."""
        given = request.GET if request.method == "GET" else request.POST
        try:
            region = region_by_code(given.get("region", "")) if given.get("region") else home_region(request.user)
        except EcoError:
            region = home_region(request.user)
        today = timezone.localdate()
        try:
            day = min(typed.day(given.get("day", "")), today)
        except typed.BadInput:
            day = today
        return cls(region, day)


@dataclass(frozen=True)
class Fed:
    """One indicator of a pack: its figure now, and the value that is held for the year."""

    indicator: PackIndicator
    name: str
    url: str
    shown: pack_figures.Shown
    held: Observation | None

    @property
    def differs(self) -> bool:
        """Whether the value held is another than the figure."""
        return self.held is not None and self.held.value != self.shown.value


@dataclass(frozen=True)
class Wanted:
    """One target of a pack, and the target in force for the region and year when there is one."""

    target: PackTarget
    name: str
    unit: str
    source: str
    held: Target | None

    @property
    def operator(self) -> str:
        """The comparison as people write it."""
        return {">=": "≥", "<=": "≤"}.get(self.target.operator, self.target.operator)

    @property
    def held_url(self) -> str:
        """The page of the target in force."""
        return reverse("evidence:target", args=[self.held.pk]) if self.held is not None else ""


def context(viewer: Any, row: Pack, about: About) -> dict[str, Any]:
    """Everything the page needs."""
    pack = PackDefinition.model_validate(row.content)
    taken = pack_figures.take(viewer, pack, [one.code for one in pack.figures], about.region, about.day)
    may = permissions.rights(viewer).permissions
    names = {one.code: showing.pick(one) for one in Indicator.objects.filter(
        code__in=[one.code for one in pack.indicators])}  # fmt: skip
    return {
        "row": row, "pack": pack, "name": showing.pick(row), "about": about, "taken": taken,
        "summary": showing.summary_of(pack),
        "figures": [(one, _source(pack, one.figure.source)) for one in taken.figures],
        "registers": _registers(viewer, row), "systems": _systems(pack), "covered": _covered(row, pack),
        "fed": _fed(pack, about, taken, names), "feed": packs_in_use.feed_of(pack.id, about.region),
        "targets": _targets(pack, about, names), "sources": [(one, _source(pack, one.code)) for one in pack.sources],
        "paragraphs": _paragraphs(pack, about, taken), "regions": region_choices(about.region),
        "may_feed": packs_in_use.FEED in may, "may_adopt": TARGET in may, "today": timezone.localdate(),
        "panels": panels.panels(panels.PACK, viewer, pack),
    }  # fmt: skip


def _source(pack: PackDefinition, code: str) -> str:
    return str(Ref("pack", pack.id, code, pack.version)) if code else ""


def _registers(viewer: Any, row: Pack) -> list[dict[str, Any]]:
    counts = queries.state_counts(viewer)
    return [
        {"row": one, "name": showing.pick(one),
         "total": sum(n for state, n in counts.get(one.pk, {}).items() if state != "retired")}
        for one in RegisterType.objects.filter(pack=row).order_by("code")
    ]  # fmt: skip


def _systems(pack: PackDefinition) -> list[System]:
    return [one for one in systems() if one.id in pack.systems]


def _covered(row: Pack, pack: PackDefinition) -> list[tuple[System, list[Covered], int]]:
    """Each system with the items of its data, and how many of them the pack has not."""
    newest = TypeVersion.objects.filter(type__pack=row, number=F("type__version")).values_list("definition", flat=True)
    made = [reading.from_stored(one) for one in newest]
    found = covered(pack, {one.code: one for one in made})
    by_system = [(one, [each for each in found if each.system == one.id]) for one in _systems(pack)]
    return [(one, lines, sum(bool(each.missing) for each in lines)) for one, lines in by_system]


def _fed(pack: PackDefinition, about: About, taken: pack_figures.Taken, names: dict[str, str]) -> list[Fed]:
    rows = Observation.objects.filter(
        indicator__code__in=[one.code for one in pack.indicators], region=about.region, period=str(about.day.year),
        qualifier="actual", status__in=("submitted", "confirmed", "locked"),
    ).select_related("indicator").order_by("pk")  # fmt: skip
    held = {row.indicator.code: row for row in rows}
    known = taken.by_code()
    return [
        Fed(one, names.get(one.code, one.code), reverse("evidence:detail", args=[one.code]), known[one.figure],
            held.get(one.code))
        for one in pack.indicators
    ]  # fmt: skip


def _targets(pack: PackDefinition, about: About, names: dict[str, str]) -> list[Wanted]:
    figures = {one.code: one.figure for one in pack.indicators}
    units = {one.code: one.unit for one in pack.figures}
    return [
        Wanted(one, names.get(one.indicator, one.indicator), units[figures[one.indicator]],
               _source(pack, one.source), held)
        for one, held in packs_in_use.open_targets(pack, about.region)
    ]  # fmt: skip


def _paragraphs(pack: PackDefinition, about: About, taken: pack_figures.Taken) -> list[tuple[str, str]]:
    """The report paragraphs filled with the figures of the page: name and text."""
    values = {one.figure.code: one.value for one in taken.figures}
    filled = packs.filled(pack, about.region, about.day, values)
    return [(showing.pick_words(one.zh, one.en or ""), filled[one.code]) for one in pack.paragraphs]
