"""Chiefs of the sample site: two rivers, a lake, a forest, chiefs of four levels, patrols, one finding, one plan."""

from __future__ import annotations

from datetime import date, timedelta
from importlib.resources import files
from typing import Any

import yaml
from django.utils import timezone
from shapely.geometry import box

from ecocloud.base.geo import boundaries
from ecocloud.domains.chiefs.models import Office
from ecocloud.domains.chiefs.services import handovers, offices, patrols, rules
from ecocloud.kernel.regions.grids.services import Given as GridGiven
from ecocloud.kernel.regions.grids.services import save_grids
from ecocloud.kernel.regions.models import Region, User
from ecocloud.kernel.regions.services import CONSOLE
from ecocloud.kernel.registers.models import RegisterObject

_GRIDS = 4  # across and along the county whose grids are drawn


def load(context: Any) -> None:
    """Rules, offices with terms, patrols of the last weeks, a finding, a handover, a plan, drawn grids of a county."""
    given = yaml.safe_load((files("ecocloud.domains.chiefs") / "data" / "sample.yaml").read_text("utf-8"))
    people: dict[str, User] = context.shared["people"]
    office, today = people["office"], timezone.localdate()
    context.say("河湖长、林长")
    began = date(today.year - 1, 1, 1)
    for one in given["rules"]:
        on = max(began, date(2022, 7, 1))
        rules.choose_rule(office, Region.objects.get(pk="360000"), one["family"], variant=one["variant"], on=on)
    _general(context, given["general"], people, began)
    for one in given["offices"]:
        _office(context, one, people, began, today)
    for one in given["patrols"]:
        for days in one["days"]:
            _patrol(people, one, today - timedelta(days=days))
    found = given["finding"]
    problem = [patrols.Problem(found["kind"], found["text"])]
    _patrol(people, found | {"note": ""}, today - timedelta(days=found["day"]), problem)
    _plan(context, given["plan"], people, today)
    _handover(people)
    _grids(context, began)


def _object(name: str) -> RegisterObject | None:
    return RegisterObject.objects.filter(name=name, type__code__in=("reach", "forest_block")).first()


def _general(context: Any, one: dict[str, Any], people: dict[str, User], began: date) -> None:
    unit = context.shared["departments"]["government"]
    made = offices.open_office(people["office"], kind="general", level=one["level"], department=unit, post=one["post"],
                               region=context.shared["region"], opened_on=began)  # fmt: skip
    offices.appoint(people["office"], made.pk, name=one["name"], on=began, person=people[one["account"]])


def _office(context: Any, one: dict[str, Any], people: dict[str, User], began: date, today: date) -> None:
    about = _object(one["object"])
    if about is None:
        return
    units = context.shared["county_departments"].get(about.region_id, {})
    function = "forestry" if one["kind"] == "forest" else "water"
    unit = about.department or units.get(function) or context.shared["departments"][function]
    texts = {name: one.get(name, "") for name in ("post", "duty", "phone", "sign")}
    made = offices.open_office(
        people["office"], kind=one["kind"], nature=one.get("nature", "administrative"), level=one["level"], about=about,
        department=unit, contact=context.shared["departments"][function], opened_on=began, **texts,
    )  # fmt: skip
    if one.get("before"):
        offices.appoint(people["office"], made.pk, name=one["before"], on=began)
    start = date(today.year, 1, 1) if one.get("before") else began
    offices.appoint(people["office"], made.pk, name=one["name"], on=start, person=people.get(one.get("account", "")))
    if one.get("stand_in"):
        offices.add_helper(people["office"], made.pk, role="stand_in", name=one["stand_in"], reason="外出学习",
                           start=today - timedelta(days=60), end=today - timedelta(days=50))  # fmt: skip


def _patrol(people: dict[str, User], one: dict[str, Any], day: date, problems: Any = ()) -> None:
    about = _object(one["object"])
    office = Office.objects.filter(object=about, level=one["level"], nature="administrative").first()
    if office is None or about is None:
        return
    start = timezone.make_aware(timezone.datetime(day.year, day.month, day.day, 8, 30))
    place = ((about.west + about.east) / 2, (about.south + about.north) / 2) if about.west is not None else (None, None)
    patrols.record(people[one["by"]], patrols.Given(
        f"sample-{office.pk}-{day}-{len(problems)}", office.pk, start, one.get("minutes"), one.get("metres"), *place,
        note=one["note"], problems=problems,
    ))  # fmt: skip


def _plan(context: Any, one: dict[str, Any], people: dict[str, User], today: date) -> None:
    about = _object(one["object"])
    if about is None:
        return
    plan = rules.make_plan(people["office"], about.pk, title=one["title"], goal=one["goal"],
                           valid_from=date(today.year, 1, 1), valid_to=date(today.year + 2, 12, 31))  # fmt: skip
    rules.add_measure(people["office"], plan, title=one["measure"], lead=context.shared["departments"]["water"],
                      deadline=today + timedelta(days=one["days"]))  # fmt: skip


def _handover(people: dict[str, User]) -> None:
    row = Office.objects.filter(level="village", nature="administrative", kind="river").first()
    if row is not None:
        handovers.prepare(people["office"], row.pk, taker_name="郭小溪", more="巡河手册一本\n保洁员名册一份")


def _grids(context: Any, began: date) -> None:
    """Squares over the county whose townships are units: a made-up grid of three levels."""
    units = context.shared["township_units"]
    if not units:
        return
    county = units[0].region.parent
    drawn = next((one for one in boundaries("county") if one.code == county.code), None)
    if drawn is None:
        return
    west, south, east, north = drawn.geometry.bounds
    government = context.shared["county_governments"][county.code]
    rows = [GridGiven(f"{county.code}-1", f"{county.name}一级网格", 1, county.code, government, shape=drawn.geometry)]
    wide, high = (east - west) / _GRIDS, (north - south) / _GRIDS
    for number in range(_GRIDS * _GRIDS):
        x, y = number % _GRIDS, number // _GRIDS
        square = box(west + x * wide, south + y * high, west + (x + 1) * wide, south + (y + 1) * high)
        area = square.intersection(drawn.geometry)
        if area.is_empty or area.geom_type not in ("Polygon", "MultiPolygon"):
            continue
        unit = units[number % len(units)]
        rows.append(GridGiven(f"{county.code}-2-{number + 1:02d}", f"{unit.region.name}网格", 2, unit.region_id, unit,
                              f"{county.code}-1", area, post="网格长"))  # fmt: skip
    save_grids(CONSOLE, rows, on=began, basis="演示数据")
