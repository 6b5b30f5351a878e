"""``lake:MN/FACTOR/INTERVAL-TIME@VERSION``: a measured value as a reference, and what it points at.

MN and factor are percent-encoded, TIME has 14 digits of Beijing time, VERSION is the moment of arrival in microseconds
since 1970 UTC; without it the current value is meant.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from django.urls import reverse
from django.utils.translation import gettext as _

from ecocloud.intake.monitoring.hj212.tables import code_of
from ecocloud.intake.monitoring.lake import schema, site
from ecocloud.intake.monitoring.lake.reading import Snapshot, Wanted
from ecocloud.intake.monitoring.stations import queries
from ecocloud.kernel.journal.refs import Ref, Resolved, register_batch, register_resolver
from ecocloud.kernel.regions.permissions import allowed

KIND = "lake"
FILES = Ref(KIND, "files")  # the lake as a whole, in the journal


class Place(NamedTuple):
    """What a reference says. version: µs since 1970 UTC, None for the current value."""

    mn: str
    factor: str
    interval: str
    time: datetime
    version: int | None


def ref_of(row: dict[str, Any], *, version: bool = True) -> Ref:
    """The reference of a row with a time of its own (mn, factor, cn, time, version)."""
    time = row["time"].astimezone(schema.BEIJING)
    key = f"{quote(row['mn'], safe='')}/{quote(row['factor'], safe='')}"
    number = str(schema.micro(row["version"])) if version else ""
    return Ref(KIND, f"{key}/{schema.interval_of(row['cn'])}-{time:%Y%m%d%H%M%S}", version=number)


def place_of(ref: Ref) -> Place | None:
    """What a reference says, None when it is none of the lake."""
    parts = ref.key.split("/")
    if ref.kind != KIND or len(parts) != 3:
        return None
    interval, _hyphen, digits = parts[2].partition("-")
    try:
        time = datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=schema.BEIJING)
        version = int(ref.version) if ref.version else None
    except ValueError:
        return None
    return Place(unquote(parts[0]), unquote(parts[1]), interval, time, version)


def register() -> None:
    """Register the resolver; called once at start."""
    register_resolver(KIND, lambda ref, viewer: resolve_all([ref], viewer).get(ref))
    register_batch(KIND, resolve_all)


def resolve_all(refs: list[Ref], viewer: Any) -> dict[Ref, Resolved]:
    """Title, value and place in the raw journal of many values; a viewer sees those of devices within reach."""
    places = {ref: place for ref in refs if (place := place_of(ref)) is not None}
    devices = {}
    if viewer is not None and allowed(viewer, queries.VIEW):
        names = {place.mn for place in places.values()}
        devices = {row.mn: row for row in queries.devices(viewer).filter(mn__in=names)}
    found = {ref: Resolved(ref, _("测量库"), allowed=viewer is not None and allowed(viewer, queries.VIEW))
             for ref in refs if ref.record == FILES}  # fmt: skip
    asked: dict[tuple[str, str], list[Ref]] = defaultdict(list)
    for ref, place in places.items():
        if place.mn not in devices:
            found[ref] = Resolved(ref, _("监测值（不在您的数据范围内）"), allowed=False)
        else:
            asked[place.interval, schema.partition_of(place.interval, place.time).period].append(ref)
    snapshot = site.snapshot()
    for (interval, _period), some in asked.items():
        those = [places[ref] for ref in some]
        times = [place.time for place in those]
        wanted = Wanted(
            interval, min(times), max(times) + schema.MICROSECOND,
            tuple(sorted({place.mn for place in those})), tuple(sorted({place.factor for place in those})),
        )  # fmt: skip
        rows = _rows(snapshot, wanted, {place.version is not None for place in those})
        for ref in some:
            place = places[ref]
            row = rows.get((place.mn, place.factor, place.time, place.version))
            if row is not None:
                found[ref] = _shown(ref, place, row, devices[place.mn])
    return found


def _rows(snapshot: Snapshot, wanted: Wanted, exact: set[bool]) -> dict[tuple, dict[str, Any]]:
    """Rows by (mn, factor, time, version), current ones under the version None; only what is asked for."""
    rows = {}
    if True in exact:
        for row in snapshot.versions(wanted).to_pylist():
            rows[row["mn"], row["factor"], row["time"], schema.micro(row["version"])] = row
    if False in exact:
        for row in snapshot.current(wanted, schema.SCHEMA.names).to_pylist():
            rows[row["mn"], row["factor"], row["time"], None] = row
    return rows


def _shown(ref: Ref, place: Place, row: dict[str, Any], device: Any) -> Resolved:
    code = code_of(place.factor)
    name = code.zh if code else place.factor
    texts = schema.sent_texts(row)
    said = "，".join(f"{column} {text}" for column, text in texts.items())
    if row["flag"]:
        said += f"，Flag {row['flag']}"
    title = f"{device.name} {name} {place.time:%Y-%m-%d %H:%M:%S}"
    raw = f"raw:{row['gateway']}/{row['sequence']}"
    return Resolved(ref, title, reverse("monitoring:device", args=[device.pk]), excerpt=said, place=raw)
