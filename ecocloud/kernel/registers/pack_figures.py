"""Figures of packs as pages show them: kept for some minutes for all who see the same, each with its evidence page."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from ecocloud.kernel.regions import scope
from ecocloud.kernel.regions.models import Region
from ecocloud.kernel.registers import queries, showing
from ecocloud.kernel.registers.pack_definition import Figure, PackDefinition
from ecocloud.kernel.registers.services import packs

# A figure walks the objects of its register, so it is computed anew at most so often for one day, region and reach.
KEEP_SECONDS = 600


@dataclass(frozen=True)
class Shown:
    """One figure: what it is, its value on the day, and the page with the objects behind it."""

    figure: Figure
    value: Decimal | None
    url: str

    @property
    def name(self) -> str:
        """Its name in the language of the page."""
        return showing.pick(self.figure)

    @property
    def percent(self) -> int | None:
        """A share in whole percent for a bar; None for what is no share of something."""
        if self.figure.unit != "%" or self.value is None or not 0 <= self.value <= 100:
            return None
        return int(self.value)


@dataclass(frozen=True)
class Taken:
    """Figures of one pack, region and day, and when they were computed."""

    figures: tuple[Shown, ...]
    at: datetime

    def by_code(self) -> dict[str, Shown]:
        """The figures by code."""
        return {one.figure.code: one for one in self.figures}


def _sight(viewer: Any) -> str:
    """What distinguishes people who see different objects."""
    seen = scope.reach(viewer, queries.VIEW)
    own = viewer.pk if seen.own else ""
    return f"{seen.everything}{sorted(seen.departments)}{sorted(seen.regions)}{sorted(seen.region_spans)}{own}"


def take(viewer: Any, pack: PackDefinition, codes: Iterable[str], region: Region, day: date) -> Taken:
    """Figures of a pack within what the viewer sees, kept for :data:`KEEP_SECONDS`."""
    wanted = [one for one in pack.figures if one.code in set(codes)]
    formulas = "|".join(f"{one.code}={one.value}" for one in wanted)
    text = f"{pack.id}@{pack.version}:{formulas}:{region.pk}:{day}:{_sight(viewer)}"
    key = "registers.figures:" + hashlib.sha256(text.encode()).hexdigest()
    kept = cache.get(key)
    if kept is None:
        kept = packs.figure_values(viewer, pack, [one.code for one in wanted], region, day), timezone.now()
        cache.set(key, kept, KEEP_SECONDS if not settings.TESTING else 0)
    values, at = kept
    return Taken(tuple(Shown(one, values[one.code], figure_url(pack.id, one.code, region, day)) for one in wanted), at)


def figure_url(pack: str, code: str, region: Region, day: date) -> str:
    """The page with the objects behind a figure."""
    query = urlencode({"region": region.pk, "day": day.isoformat()})
    return f"{reverse('registers:figure', args=[pack, code])}?{query}"
