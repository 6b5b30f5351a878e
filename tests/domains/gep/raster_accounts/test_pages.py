"""Pages of raster accounts: the wizard from the first page to the tables, what is told beside a layer, cards, files,
the map, the way into the forms, whom they open for, a server without the engine.
"""

import csv
import hashlib
import io
import json
import re
import shutil

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from ecocloud.base.files.services import store_root
from ecocloud.base.pages.templatetags.pages import grouped
from ecocloud.domains.gep.models import Datum, Form, RasterAccount
from ecocloud.domains.gep.raster_accounts import engine as libraries
from ecocloud.domains.gep.services import raster_data, rasters, reporting
from tests.domains.gep.raster_accounts.conftest import GONE, HOLE, RAIN, rain, table, tif, zones

pytestmark = pytest.mark.django_db


def upload(name, stream):
    return SimpleUploadedFile(name, stream.read())


def url(name, row, *more):
    return reverse(f"gep:{name}", args=[row.pk, *more])


def text(response):
    return response.content.decode()


def test_the_wizard_from_the_first_page_to_the_tables(place, accounting, files, at, work):
    client = at(place.office)
    first = client.get(reverse("gep:raster-new"), {"accounting": accounting.pk})
    assert f'value="{accounting.pk}-2024" selected' in text(first)
    made = client.post(reverse("gep:raster-new"), {"of": f"{accounting.pk}-2023", "name": "青山县2023年"})
    row = RasterAccount.objects.get()
    assert made.status_code == 302 and made.url == url("raster-layers", row)
    page = client.get(made.url)
    assert "还缺：年降水量 · 年实际蒸散发量" in text(page)
    given = {
        "file-lulc": upload("cover.tif", tif(np.full((20, 20), 11, np.uint8), 255)),
        "file-biophysical_table": upload("classes.csv", table()),
        "file-watersheds": upload("zones.geojson", zones()), "pick-precipitation": files.layers["precipitation"].pk,
        "number-evapotranspiration": "800", "slope_length": "hj1173-2021", "then": "check",
    }  # fmt: skip
    saved = client.post(url("raster-layers", row), given)
    assert saved.status_code == 302 and saved.url == url("raster", row)
    row.refresh_from_db()
    assert set(row.config["layers"]) == {"lulc", "biophysical_table", "watersheds", "precipitation",
                                         "evapotranspiration"}  # fmt: skip
    client.post(url("raster-check", row))
    waiting = client.get(url("raster", row))
    assert "hx-get" in text(waiting) and "检查栅格核算" in text(waiting)
    work()
    checked = text(client.get(url("raster", row)))
    assert "检查通过" in checked and "上游镇 · 下游乡 · 别处" in checked and "20 × 20" in checked
    assert client.post(url("raster-run", row)).status_code == 302
    progress = client.get(url("raster-progress", row), headers={"HX-Request": "true"})
    assert progress.status_code == 200 and "HX-Refresh" not in progress
    work()
    ended = client.get(url("raster-progress", row), headers={"HX-Request": "true"})
    assert ended["HX-Refresh"] == "true"
    assert client.get(url("raster", row)).url == url("raster-result", row)
    result = text(client.get(url("raster-result", row), {"service": "water"}))
    row.refresh_from_db()
    # Forest everywhere: (1600 * 0.95 - 800) mm on 196 of 200 cells of 1 hm², 10 m³ each.
    assert row.digest in result and grouped(round(196 * (RAIN * 0.95 - GONE) * 10)) in result
    assert "98.00" in result  # four of two hundred cells of the upper township have no rain


def test_a_bad_file_is_told_beside_its_layer_and_the_others_stay(place, raster, files, at, work):
    client = at(place.office)
    answer = client.post(url("raster-layers", raster), {
        "file-precipitation": upload("rain.pdf", io.BytesIO(b"%PDF-1.7 ...")), "number-evapotranspiration": "9999",
        "file-lulc": upload("new.tif", tif(np.full((20, 20), 51, np.uint8), 255))})  # fmt: skip
    assert answer.status_code == 400
    rows = {one.partition('"')[0]: one for one in text(answer).split('<tr id="role-')[1:]}
    assert "不接收PDF 文件" in rows["precipitation"] and "不接收" not in rows["lulc"]
    assert "9999 超出 0—3000 毫米" in rows["evapotranspiration"]
    raster.refresh_from_db()
    assert "new.tif" in rows["lulc"] and raster.config["layers"]["evapotranspiration"] == {"number": "800.0"}
    client.post(
        url("raster-layers", raster), {"file-precipitation": upload("rain84.tif", tif(rain(), crs="EPSG:4490"))}
    )
    client.post(url("raster-check", raster))
    work()
    told = text(client.get(url("raster-layers", raster)))
    told = next(one for one in told.split('<tr id="role-') if one.startswith("precipitation"))
    assert "坐标系为 EPSG:4490，与基准图层不同" in told and "在选项中勾选对齐" in told


def test_a_layer_is_taken_out_again(place, raster, at):
    client = at(place.office)
    client.post(url("raster-layers", raster), {"pick-precipitation": "none", "number-evapotranspiration": ""})
    raster.refresh_from_db()
    assert set(raster.config["layers"]) == {"lulc", "biophysical_table", "watersheds"}


def test_services_without_layers_are_ticked(place, raster, at, work):
    client = at(place.office)
    client.post(url("raster-layers", raster), {"also": "carbon_rate", "years": "abc"})
    raster.refresh_from_db()
    assert "also" not in raster.config  # nothing of a bad page is kept of the choices
    client.post(url("raster-layers", raster), {"also": "carbon_rate", "years": "5"})
    raster.refresh_from_db()
    assert raster.config["also"] == ["carbon_rate"] and raster.config["parameters"]["years"] == 5
    rasters.start(place.office, raster)
    work()
    raster.refresh_from_db()
    # What that service needs of the classes is not published for them: it is told, beside the table.
    assert raster.state == "failed" and raster.told["error"]["role"] == "biophysical_table"


def test_saving_the_page_keeps_the_parameters_that_are_not_on_it(place, raster, at):
    rasters.set_layers(place.office, raster, {}, parameters={"threshold_flow_accumulation": 500, "years": 3})
    client = at(place.office)
    client.post(url("raster-layers", raster), {"slope_length": "invest-3.14", "flow": "d8", "years": "",
                                               "wind_distance": "30"})  # fmt: skip
    raster.refresh_from_db()
    assert raster.config["parameters"] == {"threshold_flow_accumulation": 500, "slope_length": "invest-3.14",
                                           "flow": "d8", "wind_distance": 30}  # fmt: skip


def services_of(page):
    """The list of services of the page, each as its text."""
    told = page.split('<ul class="gep-services">')[1].split("</ul>")[0]
    return [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in told.split("<li")[1:]]


def test_listed_services_become_choices_when_the_page_is_saved(place, raster, at):
    """Listed services are computed alone (Config.chosen); the page says so, and saving it ends the list."""
    rasters.set_layers(place.office, raster, {}, services=["carbon_rate"])
    client = at(place.office)
    told = services_of(text(client.get(url("raster-layers", raster))))
    assert any("水源涵养（水量平衡法） 现在不核算，保存本页后核算" in one for one in told)
    assert [one.endswith("固碳（固碳速率法） 将核算") for one in told if "将核算" in one] == [True]
    client.post(url("raster-layers", raster), {"also": ["carbon_rate", "air"]})
    raster.refresh_from_db()
    assert "services" not in raster.config and raster.config["also"] == ["carbon_rate", "air"]
    told = services_of(text(client.get(url("raster-layers", raster))))
    assert not any("现在不核算" in one for one in told)
    assert sum("将核算" in one for one in told) == 3  # rain and evapotranspiration are there, two are ticked
    client.post(url("raster-layers", raster), {})
    raster.refresh_from_db()
    assert "also" not in raster.config


def test_layers_that_are_not_given_are_folded(place, raster, at):
    """Only what every account needs, what is given and what is wrong stands open."""
    from ecocloud.domains.gep.raster_accounts import roles

    answer = at(place.office).post(url("raster-layers", raster), {"number-storm_rain": "-5"})
    open_part = re.sub(r"<details>.*?</details>", "", text(answer), flags=re.S)
    shown = re.findall(r'<tr id="role-([^"]+)"', open_part)
    assert shown == ["lulc", "biophysical_table", "watersheds", "precipitation", "evapotranspiration", "storm_rain"]
    assert {*re.findall(r'<tr id="role-([^"]+)"', text(answer))} == {*roles.roles()}


def test_cards_name_formula_layers_and_digest(place, computed, files, at):
    page = text(at(place.reader).get(url("raster-cards", computed)))
    water = page.split('id="card-water"')[1].split('id="card-')[0]
    assert files.layers["precipitation"].file.sha256 in water and "rain.tif" in water and "800" in water
    assert files.layers["lulc"].file.sha256 in page.split('id="card-')[0] and computed.digest in page
    assert "HJ 1173" in water


def test_files_have_every_total(place, computed, at):
    client = at(place.reader)
    rows = list(
        csv.DictReader(io.StringIO(client.get(url("raster-file", computed, "csv")).content.decode("utf-8-sig")))
    )
    kept = [
        row for row in rows if row["数量"] == "水源涵养量" and row["分区"] == "上游镇" and row["土地覆盖代码"] == "11"
    ]
    assert float(kept[0]["总量"]) == pytest.approx(96 * (RAIN * 0.95 - GONE) * 10) and kept[0]["单位"] == "立方米"
    book = load_workbook(io.BytesIO(client.get(url("raster-file", computed, "xlsx")).content))
    notes = {row[0].value: row[1].value for row in book["说明"].iter_rows()}
    assert notes["摘要"] == computed.digest and "rain.tif SHA-256" in notes["年降水量"]
    assert client.get(url("raster-file", computed, "pdf")).status_code == 404


def test_tiles_are_kept_and_stay_within_sight(place, computed, at):
    client = at(place.reader)
    page = text(client.get(url("raster-map", computed)))
    assert "data-raster" in page and "<img" in page and 'id="ramp"' in page
    name = next(iter(computed.told["ramps"]))
    address = url("raster-tile", computed, name, 0, 0, 0)
    tile = client.get(address)
    assert tile["Content-Type"] == "image/png" and tile.content.startswith(b"\x89PNG")
    assert tile["Cache-Control"].startswith("private")
    again = client.get(address, headers={"If-None-Match": tile["ETag"]})
    assert again.status_code == 304 and not again.content
    other = client.get(url("raster-tile", computed, name, 1, 0, 0))
    assert other["ETag"] != tile["ETag"]
    assert client.get(url("raster-tile", computed, name, 1, 2, 0)).status_code == 404
    assert client.get(url("raster-tile", computed, "gold", 0, 0, 0)).status_code == 404
    assert client.get(url("raster-picture", computed, name)).content.startswith(b"\x89PNG")
    stranger = at(place.stranger)
    for one in ("raster", "raster-result", "raster-map", "raster-cards", "raster-zones"):
        assert stranger.get(url(one, computed)).status_code == 404, one
    assert stranger.get(address).status_code == 404
    assert stranger.get(address, headers={"If-None-Match": tile["ETag"]}).status_code == 404


def test_the_picture_of_the_whole_has_the_hole(place, computed, at):
    rasterio = pytest.importorskip("rasterio")
    content = at(place.office).get(url("raster-picture", computed, "water_retained")).content
    with rasterio.MemoryFile(content) as memory, memory.open() as source:
        places = source.read(1)
    assert places.shape == (20, 20) and (places[HOLE] == 0).all() and (places == 0).sum() == 4


def test_zones_are_drawn_in_degrees_with_their_names(place, computed, at):
    found = at(place.office).get(url("raster-zones", computed)).json()["features"]
    assert [one["properties"]["name"] for one in found] == ["上游镇", "下游乡", "别处"]
    lon, lat = found[0]["properties"]["at"]
    assert 116.9 < lon < 117.1 and 27 < lat < 27.2  # EPSG:4527: 500 km east of 117°, 3000 km north


def test_the_lines_of_the_zones_are_not_read_from_the_file_again(place, computed, files, at):
    (store_root() / files.layers["watersheds"].file.path).unlink()
    shutil.rmtree(computed.folder / "input")
    assert len(at(place.office).get(url("raster-zones", computed)).json()["features"]) == 3
    assert not (computed.folder / "input").exists()


def test_the_way_into_the_forms(place, accounting, computed, fill, at):
    locked = fill("GEP101", place.upper, {"area__11": 7})
    reporting.submit(place.office, locked, note="试验")
    for action in ("check", "approve", "lock"):
        reporting.step(place.second, locked, action)
    client = at(place.office)
    page = text(client.get(url("raster-give", computed)))
    assert "报表已锁定，不覆盖" in page and "逐项提出更正" in page and "别处" in page
    token = raster_data.propose(place.office, computed).token
    assert f'value="{token}"' in page
    answer = client.post(url("raster-give", computed), {"token": token})
    assert answer.status_code == 302 and answer.url == url("accounting", accounting)
    assert Datum.objects.get(form=locked).value == 7
    lower = Form.objects.get(accounting=accounting, code="GEP101", region=place.lower, year=2023)
    assert lower.data.count() == 2
    shown = text(client.get(url("form", lower)))
    assert f"gepraster:{computed.pk}#area@{computed.digest[:16]}" in shown
    assert client.post(url("raster-give", computed), {"token": token}).url == url("raster-give", computed)
    assert "没有变化" in text(client.get(url("raster-give", computed)))


def test_forms_of_other_units_are_told_without_what_stands_in_them(place, accounting, computed, fill, at):
    other = fill("GEP102", place.county, {"rain__11": 4321})
    own = Form.objects.get(accounting=accounting, code="GEP101", region=place.upper, year=2023)
    page = text(at(place.land).get(url("raster-give", computed)))
    assert url("form", own) in page and url("form", other) not in page
    assert grouped(4321) not in page and "不可见" in page and "他人填报" in page and grouped(1600) in page
    assert grouped(4321) in text(at(place.office).get(url("raster-give", computed)))


def test_what_is_not_of_the_whole_region_says_so_beside_the_value(place, partial, at):
    client = at(place.office)
    page = text(client.get(url("raster-give", partial)))
    assert "有数据的面积 60.00 %" in page and "有 6 个数只来自部分面积" in page
    token = raster_data.propose(place.office, partial).token
    assert client.post(url("raster-give", partial), {"token": token}).url == url("raster-give", partial)
    assert "须写明说明" in text(client.get(url("raster-give", partial)))
    assert not Datum.objects.exists()
    client.post(url("raster-give", partial), {"token": token, "opinion": "云下"})
    assert Datum.objects.filter(note="有数据的面积 60.00 %；云下").count() == 2


def test_without_the_engine_the_pages_say_so(place, computed, at, monkeypatch):
    monkeypatch.setattr(libraries, "missing", lambda: ("rasterio",))
    client = at(place.office)
    for name in ("raster-result", "raster-map", "raster-cards", "raster-give"):
        answer = client.get(url(name, computed))
        assert answer.status_code == 200 and "ecocloud[raster]" in text(answer), name
    assert "ecocloud[raster]" in text(client.get(reverse("gep:raster-list")))
    assert "ecocloud[raster]" in text(client.get(reverse("gep:raster-new")))
    assert client.get(url("raster-tile", computed, "ls", 0, 0, 0)).status_code == 400
    RasterAccount.objects.update(state="draft", digest="")
    for name in ("raster", "raster-layers"):
        answer = client.get(url(name, computed))
        assert answer.status_code == 200 and "ecocloud[raster]" in text(answer), name


def test_a_result_that_is_gone_is_said(place, computed, at):
    shutil.rmtree(computed.folder)
    client = at(place.office)
    for name in ("raster-result", "raster-map", "raster-cards", "raster-give", "raster-layers"):
        assert client.get(url(name, computed)).url == url("raster", computed), name
    page = text(client.get(url("raster", computed)))
    assert "完整结果不在" in page and "改图层" not in page and url("raster-run", computed) in page
    for form in ("csv", "xlsx"):
        answer = client.get(url("raster-file", computed, form))
        assert answer.status_code == 400 and "结果文件不在、不全或被改动" in text(answer), form
        assert str(computed.folder) not in text(answer) and "ecocloud gep" not in text(answer), form


def test_a_result_without_totals_is_an_empty_page(place, computed, at):
    """No zone has a cell: the table of sums is its heads alone."""
    folder = computed.folder / "result"
    head = (folder / "sums.csv").read_bytes().splitlines(keepends=True)[0]
    told = json.loads((folder / "result.json").read_text("utf-8"))
    (folder / "sums.csv").write_bytes(head)
    (folder / "result.json").write_text(json.dumps(told | {"sums_sha256": hashlib.sha256(head).hexdigest()}), "utf-8")
    client = at(place.reader)
    assert "结果里没有数量" in text(client.get(url("raster-result", computed)))
    assert client.get(url("raster-cards", computed)).status_code == 200
    assert client.get(url("raster-file", computed, "xlsx")).status_code == 200


def test_cancelled_on_the_page(place, raster, at):
    client = at(place.office)
    client.post(url("raster-run", raster))
    answer = client.post(url("raster-cancel", raster), headers={"HX-Request": "true"})
    assert answer["HX-Refresh"] == "true"
    page = text(client.get(url("raster", raster)))
    assert "已取消" in page and "接着运行" in page


def test_a_job_that_ended_without_a_word_is_told(place, raster, at):
    from ecocloud.base.jobs.models import Job

    rasters.start(place.office, raster)
    raster.refresh_from_db()
    Job.objects.filter(pk=raster.job).update(state="failed", error="后台进程多次中断，任务未完成。")
    page = text(at(place.office).get(url("raster", raster)))
    assert "未完成" in page and "后台进程多次中断" in page and "接着运行" in page


def test_the_same_layers_again(place, computed, at):
    answer = at(place.office).post(url("raster-copy", computed), {"opinion": "第二次"})
    made = RasterAccount.objects.get(name="第二次")
    assert answer.url == url("raster-layers", made) and made.config == computed.config


@pytest.mark.parametrize("state", ["draft", "checked", "failed", "cancelled"])
def test_an_account_that_is_not_done_is_copied_from_its_page(place, raster, at, state):
    RasterAccount.objects.filter(pk=raster.pk).update(state=state)
    page = text(at(place.office).get(url("raster", raster)))
    assert 'data-dialog="copy"' in page and f'action="{url("raster-copy", raster)}"' in page
    assert 'data-dialog="copy"' not in text(at(place.reader).get(url("raster", raster)))


def test_whom_the_pages_open_for(place, raster, at):
    land = at(place.land)  # a unit of the county that owes forms sees, but does not change
    assert land.get(url("raster", raster)).status_code == 200
    assert "改图层" not in text(land.get(url("raster", raster)))
    assert land.get(url("raster-layers", raster)).status_code == 403
    assert land.post(url("raster-run", raster)).status_code == 403
    raster.refresh_from_db()
    assert raster.state == "draft"
