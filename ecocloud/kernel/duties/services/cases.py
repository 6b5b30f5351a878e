"""What items of cases and rectification carry beside the item: channel, category, place, fields, levels, reporters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from ecocloud.base import typed
from ecocloud.base.geo.coordinates import check_lonlat
from ecocloud.kernel.duties import deadlines
from ecocloud.kernel.duties.errors import Invalid
from ecocloud.kernel.duties.models import ItemCase, ItemLevel, Reporter, WorkItem
from ecocloud.kernel.duties.parts import Kind
from ecocloud.kernel.duties.services import shine
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.regions import codes
from ecocloud.kernel.regions.models import Department, Region
from ecocloud.kernel.regions.queries import in_force

if TYPE_CHECKING:
    from ecocloud.kernel.duties.services.items import Draft

# The unit that checks on a level is that of this function in the division of the level.
LEVEL_FUNCTION = "eco-office"
# Decimals of a degree that are kept: about 0.1 m.
_PLACES = 6
_ORDER = (Region.Level.VILLAGE, Region.Level.TOWNSHIP, Region.Level.COUNTY, Region.Level.CITY, Region.Level.PROVINCE)


@lru_cache(maxsize=2048)
def workday_after(day: date, n: int) -> date:
    """The ``n``-th working day after ``day`` in the calendar of this installation."""
    return shine.calendar().add_workdays(day, n)


def case_of(item: WorkItem) -> ItemCase:
    """The case part of an item; made where an item of an earlier release has none."""
    day = timezone.localdate(item.created_at)
    found, _ = ItemCase.objects.get_or_create(item=item, defaults={"seen_on": day})
    return found


def checked_code(kind: Kind, name: str, code: str) -> str:
    """A channel or category of the kind, or ''; raises :class:`Invalid` for another one."""
    known = kind.channels if name == "channel" else kind.categories
    if code and code not in {row.code for row in known}:
        label = "来源" if name == "channel" else "类别"
        raise Invalid(
            f"“{kind.label_zh}”没有“{code}”这种{label}。", f"unknown {name} {code}", where={"字段": label}, value=code,
            remedy_zh=f"可选：{'、'.join(row.label_zh for row in known) or '无'}。",
        )  # fmt: skip
    return code


def checked_values(kind: Kind, values: Mapping[str, Any]) -> dict[str, str]:
    """The values of the kind's fields as texts (days as 2026-06-30); empty ones are left out. Raises Invalid."""
    known = {field.code: field for field in kind.fields}
    kept: dict[str, str] = {}
    for code, value in values.items():
        field = known.get(code)
        if field is None:
            raise Invalid(f"“{kind.label_zh}”没有“{code}”这一项。", f"unknown field {code}", value=code)
        if value in (None, ""):
            continue
        if field.kind == "date":
            try:
                kept[code] = (value if isinstance(value, date) else typed.day(value)).isoformat()
            except typed.BadInput as error:
                raise Invalid(
                    f"“{value}”不是日期。", "not a date", where={"字段": field.label_zh}, value=value
                ) from error
        elif field.kind == "choice" and value not in field.entries:
            words = "、".join(zh for zh, _en in field.entries.values())
            raise Invalid(
                f"“{value}”不在选项中。", "not a choice", where={"字段": field.label_zh}, value=value,
                remedy_zh=f"可选：{words}。",
            )  # fmt: skip
        else:
            kept[code] = typed.visible(str(value).strip())[:8000]
    return kept


def checked_place(lon: float | None, lat: float | None) -> None:
    """Raise :class:`Invalid` unless both are given and on the earth, or neither."""
    if (lon is None) != (lat is None):
        raise Invalid("经度和纬度应同时填写。", "longitude without latitude", where={"字段": "位置"})
    if lon is not None and lat is not None:
        check_lonlat(lon, lat)


def term_of(item: WorkItem, start: date) -> deadlines.Terms | None:
    """The days the deadline policy gives ``item`` taken in on ``start``; None for kinds without a policy."""
    policy = deadlines.policy_of(item.kind, item.category, start)
    if policy is None:
        return None
    return deadlines.Terms(*(workday_after(start, n) for n in (policy.decide, policy.close, policy.longest)))


class LevelUnits:
    """Which unit checks on a level: the eco-office in the division of the level above the lead unit, else the
    government there, else the office. Read once for many items."""

    def __init__(self) -> None:
        rows = in_force().exclude(kind=Department.Kind.GROUP).select_related("region").order_by("-order", "-id")
        self._office: dict[str, Department] = {}
        self._government: dict[str, Department] = {}
        for unit in rows.filter(function=LEVEL_FUNCTION):
            self._office[unit.region_id] = unit
        for unit in rows.filter(kind__in=(Department.Kind.GOVERNMENT, Department.Kind.TOWNSHIP)):
            self._government[unit.region_id] = unit
        self._levels = dict(Region.objects.order_by().values_list("code", "level"))

    def of(self, kind: Kind, channel: str, lead: Department, office: Department) -> list[tuple[str, Department]]:
        """The states of the levels an item passes with their units, from the level of its lead unit upwards."""
        row = kind.channel(channel)
        if row is None or not row.levels:
            return []
        own = self._levels.get(lead.region_id, Region.Level.TOWNSHIP)
        above: dict[str, str] = {}
        code: str | None = lead.region_id
        while code:
            if code in self._levels:
                above.setdefault(self._levels[code], code)
            code = codes.parent_of(code)
        found = []
        for state, level in kind.levels.items():
            if level in row.levels and _ORDER.index(level) >= _ORDER.index(own):
                region = above.get(level, "")
                found.append((state, self._office.get(region) or self._government.get(region) or office))
        return found


def write_new(pairs: Sequence[tuple[WorkItem, Draft]], at: datetime) -> None:
    """Write the case parts, levels and reporters of new items, set by set."""
    pairs = [(item, draft) for item, draft in pairs if item.table.takes_case]
    if not pairs:
        return
    cases, levels, reporters = [], [], []
    units = LevelUnits() if any(item.table.levels and item.channel for item, _ in pairs) else None
    for item, draft in pairs:
        checked_place(draft.lon, draft.lat)
        cases.append(
            ItemCase(
                item=item, number=draft.number.strip()[:80], values=checked_values(item.table, draft.values),
                place=draft.place.strip()[:200], lon=None if draft.lon is None else round(draft.lon, _PLACES),
                lat=None if draft.lat is None else round(draft.lat, _PLACES),
                seen_on=draft.seen_on or timezone.localdate(at), routed=draft.routed,
            )
        )  # fmt: skip
        if units is not None:
            named = units.of(item.table, item.channel, item.lead_department, item.office_department)
            levels += [ItemLevel(item=item, state=state, department=unit) for state, unit in named]
        if draft.reporter:
            reporters.append(Reporter(item=item, ref=str(Ref.parse(draft.reporter))))
    ItemCase.objects.bulk_create(cases, batch_size=200)
    ItemLevel.objects.bulk_create(levels, batch_size=200)
    Reporter.objects.bulk_create(reporters, batch_size=200)


def change(item: WorkItem, data: Mapping[str, Any]) -> list[str]:
    """Change the case part: ``channel``, ``number``, ``place``, ``lon``, ``lat``, ``values`` as far as given; says what
    was changed."""
    told: list[str] = []
    if "channel" in data and data["channel"] != item.channel:
        item.channel = checked_code(item.table, "channel", data["channel"])
        told.append("来源改为" + getattr(item.table.channel(item.channel), "label_zh", "无"))
    given = {name: data[name] for name in ("number", "place", "lon", "lat") if name in data}
    if not given and "values" not in data:
        return told
    case = case_of(item)
    checked_place(given.get("lon", case.lon), given.get("lat", case.lat))
    for name, value in given.items():
        value = round(value, _PLACES) if isinstance(value, float) else value
        if getattr(case, name) != value:
            setattr(case, name, value)
            told.append({"number": "编号", "place": "位置"}.get(name, "坐标") + f"改为{value or '无'}")
    values = case.values | checked_values(item.table, data.get("values") or {})
    values = {code: value for code, value in values.items() if (data.get("values") or {}).get(code, value)}
    labels = {field.code: field.label_zh for field in item.table.fields}
    told += [f"{labels.get(code, code)}改动" for code in labels if values.get(code) != case.values.get(code)]
    case.values = values
    case.save()
    return told


def holder(item: WorkItem, state: str) -> Department:
    """The unit that holds ``item`` in ``state``."""
    owner = item.table.states[state].owner
    if owner == "level":
        row = ItemLevel.objects.select_related("department").filter(item=item, state=state).first()
        return row.department if row else item.office_department
    return item.lead_department if owner == "lead" else item.office_department
