"""Grids drawn, redrawn, given on and ended; as-of questions; import and export."""

import io
import json
from datetime import date, timedelta

import pytest
from django.urls import reverse
from shapely.geometry import box

from ecocloud.base.errors import Conflict, Forbidden
from ecocloud.base.sheets import export_workbook
from ecocloud.base.sheets import services as sheets
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.journal.refs import resolve
from ecocloud.kernel.regions.grids import importing, queries, services, shapes
from ecocloud.kernel.regions.grids.models import Grid, GridTerm, GridVersion
from ecocloud.kernel.regions.services import CONSOLE
from tests.kernel.regions.grids.conftest import AREAS, START, given

LATER = date(2026, 6, 1)


def test_every_place_has_one_owner(drawn):
    owner = queries.owner_of(115.05, 27.1, on=START)
    assert (owner.grid, owner.department, owner.post, owner.holder, owner.by) == (
        "grid:V1@1", drawn.town, "网格长", "甲", "area")  # fmt: skip
    assert queries.owner_of(115.1, 27.1, on=START).grid == "grid:V1@1"  # the border
    assert queries.owner_of(115.3, 27.1, on=START).department == drawn.east_gov
    outside = queries.owner_of(116.0, 27.1, drawn.w1.code, START)
    assert (outside.grid, outside.department, outside.by) == ("", drawn.village, "office")
    before = queries.owner_of(115.05, 27.1, drawn.e2.code, START - timedelta(days=1))
    assert (before.grid, before.department) == ("", drawn.town)


def test_a_list_of_villages_and_the_next_division_above(drawn):
    services.save_grids(CONSOLE, [services.Given("W1", "竹溪一格", 3, drawn.w1.code, drawn.village,
                                                 members=("990123200201",))], on=START)  # fmt: skip
    assert queries.owner_of(region="990123200201", on=START).grid == "grid:W1@1"
    assert queries.owner_of(region="990123200202", on=START).department == drawn.village
    assert queries.owner_of(region="990123300", on=START).department.region == drawn.west
    assert queries.owner_of(on=START).department is None


def test_redrawing_keeps_what_was(drawn):
    counts = services.save_grids(
        CONSOLE, [given(drawn, "V1", 3, "T", box(115.0, 27.0, 115.08, 27.2), post="网格长", holder="甲"),
                  given(drawn, "V2", 3, "T", box(115.08, 27.0, 115.2, 27.2), department=drawn.street)],
        on=LATER, basis="调整",
    )  # fmt: skip
    assert counts == {"created": 0, "redrawn": 2, "given": 0, "same": 0}
    assert queries.owner_of(115.09, 27.1, on=LATER).grid == "grid:V2@2"
    assert queries.owner_of(115.09, 27.1, on=LATER - timedelta(days=1)).grid == "grid:V1@1"
    # a case that was given the old grid still opens it
    old = resolve("grid:V1@1", _everything())
    assert (old.title, old.url.endswith("?on=2026-01-01")) == ("网格V1", True)
    assert Entry.objects.filter(action="regions.grid.redraw").count() == 2
    same = services.save_grids(CONSOLE, [given(drawn, "T", 2, "C")], on=LATER)
    assert same["same"] == 1 and GridVersion.objects.filter(grid__code="T").count() == 1


def test_the_same_day_again_leaves_a_version_of_no_length(drawn):
    services.save_grids(CONSOLE, [given(drawn, "V1", 3, "T", box(115.0, 27.0, 115.05, 27.2))], on=START)
    old, new = GridVersion.objects.filter(grid__code="V1").order_by("number")
    assert old.valid_to == START - timedelta(days=1) and new.valid_to is None
    assert queries.owner_of(115.07, 27.1, on=START).grid == "grid:T@1"


def test_owners_follow_each_other_without_a_gap(drawn):
    services.save_grids(CONSOLE, [given(drawn, "V1", 3, "T", holder="乙", department=drawn.street)], on=LATER)
    first, second = GridTerm.objects.filter(grid__code="V1").order_by("valid_from")
    assert (first.valid_to, second.valid_from) == (LATER - timedelta(days=1), LATER)
    assert queries.owner_of(115.05, 27.1, on=LATER - timedelta(days=1)).holder == "甲"
    assert queries.owner_of(115.05, 27.1, on=LATER).department == drawn.street
    with pytest.raises(Conflict):
        services.save_grids(CONSOLE, [given(drawn, "V1", 3, "T", box(115, 27, 115.01, 27.1))], on=START - timedelta(1))


@pytest.mark.parametrize(
    ("more", "says"),
    [({"code": "网格一"}, "编码"), ({"level": 4}, "没有这一级"), ({"level": 0}, "没有这一级"),
     ({"parent": "C"}, "上级网格"),
     ({"parent": "nowhere"}, "上级网格"), ({"area": False}, "只填一项"), ({"name": " "}, "名称")],
)  # fmt: skip
def test_what_cannot_be_a_grid(drawn, more, says):
    told = {"code": "V9", "level": 3, "parent": "T", "area": AREAS["V1"]} | more
    code, level, parent, area = (told.pop(key) for key in ("code", "level", "parent", "area"))
    row = given(drawn, code, level, parent, AREAS["V1"] if area is False else area, **told)
    if area is False:
        row = services.Given(**{**vars(row), "shape": None})
    with pytest.raises(services.GridRefused) as refused:
        services.save_grids(CONSOLE, [row], on=LATER)
    assert says in refused.value.message_zh
    assert not Grid.objects.filter(code="V9").exists()


def test_reach_of_writing_and_reading(drawn, make_user):
    town = make_user("township", department=drawn.town)
    services.save_grids(town, [given(drawn, "V1", 3, "T", holder="丙", department=drawn.town)], on=LATER)
    with pytest.raises(Forbidden):
        services.save_grids(town, [given(drawn, "V2", 3, "T", AREAS["V1"], region=drawn.e1.code,
                                         department=drawn.street)], on=LATER)  # fmt: skip
    village = make_user("township", department=drawn.village)
    assert not queries.grids(village).exists() and queries.grids(town).filter(code="V2").exists()
    with pytest.raises(Forbidden):
        services.end_grid(village, "V1", reason="撤")


def test_ending(drawn):
    with pytest.raises(services.GridRefused, match="children"):
        services.end_grid(CONSOLE, "T", on=LATER, reason="撤并")
    with pytest.raises(services.GridRefused):
        services.end_grid(CONSOLE, "V2", on=LATER, reason=" ")
    services.end_grid(CONSOLE, "V2", on=LATER, reason="撤并")
    assert queries.owner_of(115.15, 27.1, on=LATER).grid == "grid:T@1"
    assert queries.owner_of(115.15, 27.1, on=LATER - timedelta(1)).grid == "grid:V2@1"


def _everything():
    from ecocloud.kernel.regions.models import Role, RoleGrant, User

    user, _ = User.objects.get_or_create(username="sees-all", defaults={"name": "测"})
    RoleGrant.objects.get_or_create(user=user, role=Role.objects.get(code="office"))
    user.refresh_from_db()
    return user


def test_the_workbook_goes_round(drawn):
    user = _everything()
    rows = importing.rows_of(user)
    content = export_workbook(importing.spec(user), rows)
    preview = sheets.stage(user, sheets.upload(user, importing.KEY, "grids.xlsx", io.BytesIO(content)))
    assert {line.outcome for line in preview.rows.all()} == {"same"} and preview.rows.count() == 4


def test_a_workbook_with_faults_names_the_cells(drawn):
    user = _everything()
    usual = {"name": "新格", "level": "3", "region": drawn.e2.code, "department": drawn.town.code}
    rows = [{**usual, "code": "N1", "parent": "T",
             "shape": "POLYGON ((0 0, 1 1, 0 1, 1 0, 0 0))"},
            {**usual, "code": "N2", "parent": "N3",
             "shape": "POLYGON ((115 27, 115.1 27, 115.1 27.1, 115 27))"}]  # fmt: skip
    batch = sheets.stage(user, sheets.upload(user, importing.KEY, "g.xlsx",
                                             io.BytesIO(export_workbook(importing.spec(user), rows))))  # fmt: skip
    assert [line.outcome for line in batch.rows.order_by("number")] == ["wrong", "wrong"]


def test_geojson_goes_round_and_faults_hold_everything_back(drawn):
    user = _everything()
    made = importing.as_geojson(user)
    again = importing.preview(user, json.dumps(made))
    assert [one.outcome for one in again.lines] == ["same"] * 4
    made["features"][3]["geometry"]["coordinates"] = [[[115.1, 27.0], [115.2, 27.2], [115.2, 27.0], [115.1, 27.2],
                                                       [115.1, 27.0]]]  # fmt: skip
    broken = importing.preview(user, json.dumps(made))
    assert broken.faulty and broken.count("same") == 3
    with pytest.raises(services.GridRefused):
        importing.commit(user, broken)


def test_projected_and_shifted_coordinates_come_back_to_degrees():
    """EPSG:4548 by the room of places itself; GCJ-02 shifted forth and back."""
    from ecocloud.base.geo import cgcs2000_zone, to_zone, wgs84_to_gcj02

    corners = list(AREAS["V1"].exterior.coords)
    zone = cgcs2000_zone(115.05)
    metres = [to_zone(lon, lat, zone) for lon, lat in corners]
    file = {"type": "FeatureCollection", "crs": {"properties": {"name": f"urn:ogc:def:crs:EPSG::{zone.epsg}"}},
            "features": [{"properties": {}, "geometry": {"type": "Polygon", "coordinates": [metres]}}]}  # fmt: skip
    ((_properties, area),) = shapes.features(json.dumps(file))
    assert area.equals_exact(AREAS["V1"].normalize(), 2e-7)
    shifted = [wgs84_to_gcj02(lon, lat) for lon, lat in corners]
    file = {"type": "FeatureCollection", "features": [{"geometry": {"type": "Polygon", "coordinates": [shifted]}}]}
    ((_properties, area),) = shapes.features(json.dumps(file), shapes.GCJ02)
    assert area.equals_exact(AREAS["V1"].normalize(), 2e-7)
    with pytest.raises(Exception, match="unknown crs"):
        shapes.features(json.dumps({"crs": {"properties": {"name": "EPSG:3857"}}, "features": []}))


def test_pages(drawn, make_user, inside):
    browser = inside(make_user("office", department=drawn.office))
    listed = browser.get(reverse("regions:grids")).content.decode()
    assert "网格V1" in listed and "三级网格" in listed and "甲" in listed
    assert "平方公里" in browser.get(reverse("regions:grids-map")).content.decode()
    assert "空隙" in browser.get(reverse("regions:grids-check")).content.decode()
    page = browser.get(reverse("regions:grid", args=["V1"])).content.decode()
    assert "网格长" in page and "至今" in page
    before = browser.get(reverse("regions:grid", args=["V1"]), {"on": "2025-12-31"}).content.decode()
    assert "当日没有这个网格" in before
    file = io.BytesIO(browser.get(reverse("regions:grids-export")).content)
    file.name = "grids.geojson"
    shown = browser.post(reverse("regions:grids-geojson"), {"file": file})
    assert shown.status_code == 200 and "不变" in shown.content.decode()
    kept = shown.context["file"].pk
    assert browser.post(reverse("regions:grids-geojson"), {"kept": kept, "commit": "1"}).status_code == 302
    stranger = inside(make_user("office", department=drawn.office))
    assert stranger.post(reverse("regions:grids-geojson"), {"kept": kept}).status_code == 400
    given_on = browser.post(reverse("regions:grid-give", args=["V1"]), {"unit": drawn.street.pk, "holder": "丁"})
    assert given_on.status_code == 302 and Grid.objects.get(code="V1").department == drawn.street
    browser.post(reverse("regions:grid-end", args=["V1"]), {"opinion": "撤并"})
    assert Grid.objects.get(code="V1").ended_on
    told = browser.get("/api/regions/grids/at", {"lon": 115.15, "lat": 27.1}).json()
    assert (told["grid"], told["by"]) == ("grid:V2@1", "area")
    assert browser.get("/api/regions/grids").json()["total"] == 3
