"""Automatic flags kept beside the lake: made for what is new, and anew as far as late values reach. Derived, not
journalled; a value is never changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from ecocloud.intake.monitoring.alarms.hints import apart
from ecocloud.intake.monitoring.lake import schema, site
from ecocloud.intake.monitoring.lake.changes import Spans
from ecocloud.intake.monitoring.lake.reading import Wanted, value_columns
from ecocloud.intake.monitoring.quality import flags as pure
from ecocloud.intake.monitoring.quality import rules as table
from ecocloud.intake.monitoring.quality.models import QualityFlag
from ecocloud.intake.monitoring.quality.series import Series, exact
from ecocloud.intake.monitoring.stations.models import Device
from ecocloud.kernel.registers.models import RegisterObject

INTERVAL = "hour"
_AT_ONCE, _BATCH = 50, 500
# Flags the sender puts on values that are no measurements of the surroundings (HJ 212-2017 table 8): they are not
# looked at, since everybody sees that they do not count.
_NOT_MEASURED = frozenset("FMSCB")


def flag_new(spans: Spans) -> int:
    """Make the flags of what is new: for each device from the first new time as far after the last one as rules reach.

    spans: device -> first and last time of its new rows, µs since 1970 UTC. Returns how many flags came or went.
    """
    reach = timedelta(seconds=table.rules().reach)
    changed, places = 0, _places()
    devices = {row.mn: row for row in Device.objects.filter(mn__in=list(spans))}
    windows = {row.pk: (schema.moment(spans[mn][0]), schema.moment(spans[mn][1]) + reach + timedelta(seconds=1))
               for mn, row in devices.items()}  # fmt: skip
    for pk, window in list(windows.items()):
        for other in places.near(pk):
            first, last = windows.get(other, window)
            windows[other] = min(first, window[0]), max(last, window[1])
    order = sorted(windows, key=lambda pk: (windows[pk][0], pk))
    for start in range(0, len(order), _AT_ONCE):
        part = order[start : start + _AT_ONCE]
        changed += _flag(part, {pk: windows[pk] for pk in part}, places)
    return changed


def flag_days(days: int, now: datetime | None = None) -> int:
    """Make the flags of the last days of all devices anew; returns how many came or went."""
    now = now or timezone.now()
    places = _places()
    order = list(Device.objects.filter(enabled=True).order_by("pk").values_list("pk", flat=True))
    window = now - timedelta(days=days), now + timedelta(hours=1)
    return sum(_flag(part, dict.fromkeys(part, window), places)
               for part in (order[n : n + _AT_ONCE] for n in range(0, len(order), _AT_ONCE)))  # fmt: skip


class _Near:
    """Which devices of kinds that are held against their neighbours stand near each other."""

    def __init__(self, at: Mapping[int, tuple[str, float, float]], kilometres: int) -> None:
        self._at, self._km = at, kilometres

    def near(self, pk: int) -> list[int]:
        """The devices of the same kind within the distance, itself left out; the nearest first."""
        if pk not in self._at:
            return []
        kind, *here = self._at[pk]
        found = [(apart(tuple(here), (lon, lat))[0], other) for other, (what, lon, lat) in self._at.items()
                 if other != pk and what == kind]  # fmt: skip
        return [other for distance, other in sorted(found) if distance <= self._km]


def _places() -> _Near:
    drift = [rule for rule in table.rules().in_use if isinstance(rule, table.DriftRule)]
    kinds = {kind for rule in drift for kind in rule.kinds}
    rows = Device.objects.filter(enabled=True, kind__in=kinds, object_ref__startswith="obj:")
    stands = {pk: (kind, int(ref.partition(":")[2])) for pk, kind, ref in rows.values_list("pk", "kind", "object_ref")}
    boxes = RegisterObject.objects.filter(pk__in=[key for _kind, key in stands.values()], west__isnull=False)
    middle = {
        pk: ((west + east) / 2, (south + north) / 2)
        for pk, west, east, south, north in boxes.values_list("pk", "west", "east", "south", "north")
    }
    at = {pk: (kind, *middle[key]) for pk, (kind, key) in stands.items() if key in middle}
    return _Near(at, max((rule.kilometres for rule in drift), default=0))


def _flag(pks: Sequence[int], windows: Mapping[int, tuple[datetime, datetime]], places: _Near) -> int:
    """Make the flags of some devices in their windows, and write what differs from what is kept."""
    rules = table.rules()
    near = {pk: places.near(pk) for pk in pks}
    everyone = {*pks, *(other for found in near.values() for other in found)}
    devices = Device.objects.filter(pk__in=everyone).prefetch_related("channels").in_bulk()
    first = min(windows[pk][0] for pk in pks) - timedelta(seconds=rules.reach)
    last = max(windows[pk][1] for pk in pks)
    series = _series([devices[pk].mn for pk in sorted(everyone) if pk in devices], first, last)
    changed = 0
    for pk in pks:
        if pk in devices:
            subject = _subject(devices[pk], series, [devices[other].mn for other in near[pk] if other in devices])
            begin, end = (int(at.timestamp()) for at in windows[pk])
            changed += _write(devices[pk], windows[pk], pure.flags(rules.in_use, subject, begin, end))
    return changed


def _series(mns: Sequence[str], first: datetime, last: datetime) -> dict[str, dict[str, Series]]:
    one, other = value_columns(INTERVAL)
    rows = site.snapshot(None).current(
        Wanted(INTERVAL, first, last, tuple(mns)), ("mn", "factor", "time", one, other, "flag")
    )
    found: dict[str, dict[str, list]] = defaultdict(lambda: defaultdict(list))
    for row in rows.to_pylist():
        if (row["flag"] or "") not in _NOT_MEASURED:
            value = row[one] if row[one] is not None else row[other]
            found[row["mn"]][row["factor"]].append((int(row["time"].timestamp()), value))
    return {mn: {code: Series.of(pairs) for code, pairs in factors.items()} for mn, factors in found.items()}


def _subject(device: Device, series: Mapping[str, Mapping[str, Series]], near: Iterable[str]) -> pure.Subject:
    mine = series.get(device.mn, {})
    neighbours = {code: [series[mn][code] for mn in near if code in series.get(mn, {})] for code in mine}
    ranges = {one.code: (exact(one.low), exact(one.high)) for one in device.channels.all()
              if one.low is not None or one.high is not None}  # fmt: skip
    return pure.Subject(device.kind, mine, neighbours, ranges)


def _write(device: Device, window: tuple[datetime, datetime], found: Sequence[pure.Flag]) -> int:
    new = {(flag.factor, datetime.fromtimestamp(flag.at, UTC), flag.rule): flag for flag in found}
    rows = QualityFlag.objects.filter(device=device, interval=INTERVAL, at__gte=window[0], at__lt=window[1])
    with transaction.atomic():
        gone = []
        for row in rows:
            flag = new.get((row.factor, row.at, row.rule))
            if flag is not None and (flag.values, flag.bound) == (row.values, row.bound):
                del new[row.factor, row.at, row.rule]
            else:
                gone.append(row.pk)
        for start in range(0, len(gone), _BATCH):
            QualityFlag.objects.filter(pk__in=gone[start : start + _BATCH]).delete()
        QualityFlag.objects.bulk_create(
            [QualityFlag(device=device, factor=factor, interval=INTERVAL, at=at, rule=rule, values=flag.values,
                         bound=flag.bound) for (factor, at, rule), flag in new.items()], batch_size=_BATCH
        )  # fmt: skip
    return len(gone) + len(new)
