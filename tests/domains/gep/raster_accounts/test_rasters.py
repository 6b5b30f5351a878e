"""Raster accounts: opened, checked, computed, cancelled; what is wrong is told beside its layer; who may do it."""

import io
import json
import shutil
from datetime import date

import numpy as np
import pytest

from ecocloud.base.errors import Forbidden
from ecocloud.base.files import errors as files_errors
from ecocloud.base.jobs.context import JobCancelled
from ecocloud.base.jobs.models import Job
from ecocloud.domains.gep.errors import GepError, NotThere, Stale, WrongState
from ecocloud.domains.gep.models import Accounting, RasterAccount
from ecocloud.domains.gep.services import rasters
from ecocloud.kernel.journal.models import Entry
from tests.domains.gep.raster_accounts.conftest import CELL, GONE, RAIN, SIZE, rain, tif, zones

pytestmark = pytest.mark.django_db


def entries(row):
    return list(Entry.objects.filter(ref_kind="gepraster", ref_key=str(row.pk)).values_list("action", flat=True))


def test_an_account_is_checked_and_computed(place, raster, work):
    rasters.check(place.office, raster)
    work()
    raster.refresh_from_db()
    assert raster.state == "checked", raster.told
    assert (raster.told["rows"], raster.told["cols"], raster.told["cell"]) == (SIZE, SIZE, CELL)
    assert raster.told["services"] == ["area", "water"]
    assert raster.told["zones"] == ["360802101", "360802102", "别处"]
    assert raster.told["zone_field"] == "code"  # the field that names the townships
    rasters.start(place.office, raster)
    work()
    raster.refresh_from_db()
    assert raster.state == "done" and len(raster.digest) == 64 and raster.done_at
    assert entries(raster) == ["gep.raster.open", "gep.raster.check", "gep.raster.checked", "gep.raster.start",
                               "gep.raster.done"]  # fmt: skip


def test_its_totals_are_those_of_the_formula(computed):
    """HJ 1173: water kept = rain - runoff - evapotranspiration; a cell of 1 hm² with 1 mm is 10 m³."""
    from ecocloud.domains.gep.raster import giving

    found = giving.read(computed.folder / "result")
    kept = {}
    for one in giving.totals(found):
        if (one.service, one.column) == ("water", "retained"):
            kept[one.zone, one.lucode] = (one.value, one.unit)
    forest, paddy = RAIN * 0.95 - GONE, RAIN * 0.75 - GONE
    assert kept["360802101", 11] == (pytest.approx((100 - 4) * forest * 10), "立方米")  # without the hole of four cells
    assert kept["360802101", 51] == (pytest.approx(100 * paddy * 10), "立方米")
    assert kept["360802102", 11] == (pytest.approx(80 * forest * 10), "立方米")


def test_what_is_wrong_is_told_beside_its_layer(place, raster, files, work):
    wrong = files("rain84.tif", tif(rain(), crs="EPSG:4490"))
    rasters.set_layers(place.office, raster, {"precipitation": wrong})
    rasters.check(place.office, raster)
    work()
    raster.refresh_from_db()
    assert raster.state == "draft"
    told = raster.told["error"]
    assert told["role"] == "precipitation" and told["where"] == {"图层": "年降水量", "文件": "rain84.tif"}
    assert "EPSG:4490" in told["message_zh"] and "align: true" in told["remedy_zh"]


def test_a_table_that_lacks_a_class_is_told_beside_it(place, raster, files, work):
    other = np.full((SIZE, SIZE), 61, np.uint8)
    rasters.set_layers(place.office, raster, {"lulc": files("lulc61.tif", tif(other, 255))})
    rasters.start(place.office, raster)
    work()
    raster.refresh_from_db()
    assert raster.state == "failed" and raster.told["error"]["role"] == "biophysical_table"
    assert "61（占 100.00%）" in raster.told["error"]["sentence_zh"]


def test_without_land_cover_it_is_said(place, raster, work):
    rasters.set_layers(place.office, raster, {"lulc": None})
    rasters.check(place.office, raster)
    work()
    raster.refresh_from_db()
    assert raster.told["error"]["role"] == "lulc" and raster.told["error"]["message_zh"] == "没有给出土地覆盖。"


def test_numbers_and_files_fit_their_layers(place, accounting, raster, files):
    with pytest.raises(GepError, match="beyond"):
        rasters.set_layers(place.office, raster, {"evapotranspiration": 3001})  # layers.yaml: at most 3000 mm
    with pytest.raises(GepError, match="is no number"):
        rasters.set_layers(place.office, raster, {"lulc": 11})
    with pytest.raises(GepError, match="kind csv"):
        rasters.set_layers(place.office, raster, {"precipitation": files.layers["biophysical_table"]})
    with pytest.raises(GepError, match="no role"):
        rasters.set_layers(place.office, raster, {"gold": 1})
    with pytest.raises(files_errors.KindNotAllowed):
        files("report.pdf", io.BytesIO(b"%PDF-1.7 ..."))


@pytest.mark.parametrize("text", [
    '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/a.csv</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>',
    '{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline read /a.csv"}',
    "[1, 2]", "code,name\n1,2\n",
    '{"type": "FeatureCollection", "features": [], "CRS": {"type": "link", "properties": {"href": "http://127.0.0.1/"}}}',
    '{"type": "FeatureCollection", "features": [{"geometry": {"crs": {"type": "URL"}}}]}',
])  # fmt: skip
def test_a_text_that_is_no_collection_of_shapes_never_reaches_the_reader(place, raster, files, text):
    with pytest.raises(GepError, match="is no JSON|no FeatureCollection|is a link"):
        rasters.set_layers(place.office, raster, {"watersheds": files("a.geojson", io.BytesIO(text.encode()))})


def test_a_large_text_is_refused_before_it_is_read(place, raster, files, monkeypatch):
    from ecocloud.domains.gep.raster_accounts import shapes

    monkeypatch.setattr(shapes, "MOST_BYTES", 600)
    with pytest.raises(GepError, match=r"townships.geojson: 0.0 MB, at most 0.0006 MB") as told:
        rasters.set_layers(place.office, raster, {"watersheds": files.layers["watersheds"]})
    assert "GeoPackage" in told.value.remedy_zh


@pytest.mark.parametrize("name", ["a!b;c.geojson", "zip!x.geojson", f"{'县' * 190}.geojson"])
def test_a_file_is_read_whatever_its_name(place, raster, files, work, name):
    """``!`` leads GDAL's reader into archives; a name of 190 characters of three bytes is none of a file system."""
    rasters.set_layers(place.office, raster, {"watersheds": files(name, zones())})
    rasters.check(place.office, raster)
    work()
    raster.refresh_from_db()
    assert raster.state == "checked" and raster.told["zones"] == ["360802101", "360802102", "别处"]
    rasters.set_layers(place.office, raster, {"watersheds": files(name, zones(names=("360802101", "", "c")))})
    rasters.check(place.office, raster)
    work()
    raster.refresh_from_db()
    told = raster.told["error"]
    assert told["role"] == "watersheds" and told["where"] == {"文件": name} and told["message_en"].startswith(name)


def test_remarks_name_files_as_they_came(place, raster, files, work):
    text = "lucode,ecosystem,runoff,名称\n11,11,5,林\n51,51,25,田\n".encode("gb18030")
    rasters.set_layers(place.office, raster, {"biophysical_table": files("分类.csv", io.BytesIO(text))})
    rasters.check(place.office, raster)
    work()
    raster.refresh_from_db()
    assert raster.told["remarks"] == ["分类.csv 按 GB18030 读取"]


def test_the_grid_of_an_account_is_limited(place, raster, settings, work):
    settings.RASTER_CELLS = 399
    rasters.check(place.office, raster)
    work()
    raster.refresh_from_db()
    told = raster.told["error"]["sentence_zh"]
    assert raster.told["error"]["role"] == "lulc" and "20 行 20 列，共 400 个像元，上限为 399 个" in told


def test_a_run_whose_folder_another_still_works_in_is_tried_again(place, raster, work):
    """A worker that lost its lease computes until it looks: the run is no failure."""
    from ecocloud.domains.gep.raster.state import State

    rasters.start(place.office, raster)
    with State(raster.folder / "result"):
        assert work() == 1
    raster.refresh_from_db()
    job = Job.objects.get(pk=raster.job)
    assert (raster.state, job.state) == ("running", "queued") and "正在使用这个结果文件夹" in job.error
    job.run_after = job.created_at
    job.save()
    work()
    raster.refresh_from_db()
    assert raster.state == "done"


def test_cancelled_while_it_waits_for_another_try(place, raster, work):
    from ecocloud.domains.gep.raster.state import State

    rasters.start(place.office, raster)
    with State(raster.folder / "result"):
        work()
    rasters.cancel(place.office, raster)
    raster.refresh_from_db()
    assert raster.state == "cancelled" and Job.objects.get(pk=raster.job).state == "cancelled"


def test_a_check_that_is_cancelled_says_nothing(place, raster, work, monkeypatch):
    from ecocloud.base.jobs.context import JobContext

    rasters.check(place.office, raster)
    monkeypatch.setattr(JobContext, "cancelled", lambda self: True)
    work()
    raster.refresh_from_db()
    assert (raster.state, raster.told) == ("draft", {})
    assert Job.objects.get(pk=raster.job).state == "cancelled"


def test_outlines_are_made_once_and_made_where_they_are_not(place, computed, monkeypatch):
    from ecocloud.domains.gep.raster_accounts import assembling, outlines

    kept = computed.folder / "result" / outlines.FILE
    written = kept.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(assembling, "zones_of", lambda row: pytest.fail("made again"))
        found = outlines.outlines(computed)
    assert [one["properties"]["name"] for one in found["features"]] == ["上游镇", "下游乡", "别处"]
    kept.unlink()
    assert outlines.outlines(computed) == found and kept.read_bytes() == written
    kept.write_text(kept.read_text("utf-8").replace(computed.digest, "0" * 64), "utf-8")  # of an earlier run
    assert outlines.outlines(computed) == found and kept.read_bytes() == written


def test_labels_of_a_column_with_gaps_are_read_alike(place, raster, files, work):
    """GDAL gives whole numbers beside an empty one as 360802101.0; an empty shape has no line."""
    from ecocloud.domains.gep.raster_accounts import outlines

    told = json.load(zones(names=(360802101, 360802102, 7)))
    told["features"].append({"type": "Feature", "properties": {"nr": 0.5, "code": 360802101.0},
                             "geometry": {"type": "Polygon", "coordinates": []}})  # fmt: skip
    text = json.dumps(told)
    rasters.set_layers(place.office, raster, {"watersheds": files("n.geojson", io.BytesIO(text.encode()))})
    rasters.start(place.office, raster)
    work()
    raster.refresh_from_db()
    assert raster.state == "done", raster.told
    assert (raster.told["zone_field"], raster.told["zones"]) == ("code", ["360802101", "360802102", "7"])
    found = outlines.outlines(raster)["features"]
    assert [one["properties"]["name"] for one in found] == ["上游镇", "下游乡", "7"]


def test_a_run_that_a_worker_gives_back_goes_on(place, raster, work, monkeypatch):
    """The worker ends in order while the job works; the next one takes it over and finishes it."""
    from ecocloud.base.jobs.context import JobContext, WorkerStopping

    asked, check = [], JobContext.check

    def ending(self):
        asked.append(RasterAccount.objects.get(pk=raster.pk).state)
        if len(asked) == 2:
            raise WorkerStopping(self.job_id)
        check(self)

    monkeypatch.setattr(JobContext, "check", ending)
    rasters.start(place.office, raster)
    assert work() == 2  # given back once, then done
    raster.refresh_from_db()
    assert raster.state == "done" and set(asked) == {"running"}
    assert Job.objects.get(pk=raster.job).state == "done"


def test_layers_are_prepared_from_their_sources(place, accounting, raster, files):
    from ecocloud.domains.gep.raster_accounts.assembling import assembled

    sources = dict.fromkeys(("erodibility.sand", "erodibility.silt", "erodibility.clay"), 20)
    days = files("days.tif", tif(np.ones((SIZE, SIZE), np.float32)))
    rasters.set_layers(place.office, raster, {**sources, "erosivity.daily_rain": days})
    assert "erodibility" not in assembled(_read(raster)).prepare  # organic carbon is not there yet
    rasters.set_layers(place.office, raster, {"erodibility.organic_carbon": 1})
    made = assembled(_read(raster)).prepare
    assert made["erodibility"] == {"sand": 20, "silt": 20, "clay": 20, "organic_carbon": 1}
    assert {year: path.name for year, path in made["erosivity"]["daily_rain"].items()} == {
        2023: "erosivity.daily_rain.tif"
    }


def _read(row):
    return RasterAccount.objects.select_related("accounting__region").get(pk=row.pk)


def test_known_boundaries_serve_where_all_parts_have_one(place, files):
    """The package knows the counties of Jiangxi (base/geo), 360802 and 360803 among them, and no townships."""
    from ecocloud.domains.gep.raster_accounts import assembling
    from ecocloud.domains.gep.services import accountings

    how = {"years": (2023, 2023), "deadline": date(2027, 3, 31), "edition": "ndrc-481-2022"}
    counties = [place.county, place.other]
    city = accountings.open_accounting(place.office, title="市", region=place.city, parts=counties, **how)
    assert list(assembling.boundaries_of(city)) == ["360802", "360803"]
    towns = accountings.open_accounting(place.office, title="县", region=place.county, parts=[place.upper], **how)
    assert assembling.boundaries_of(towns) == {}


def test_without_zones_it_is_said_beside_them(place, raster, work):
    rasters.set_layers(place.office, raster, {"watersheds": None})
    rasters.check(place.office, raster)
    work()
    raster.refresh_from_db()
    assert raster.told["error"]["role"] == "watersheds"


def test_a_file_that_is_too_large_is_refused(settings, files):
    settings.RASTER_MEGABYTES = 0.001
    with pytest.raises(files_errors.FileTooBig):
        files("big.tif", tif(np.zeros((SIZE, SIZE), np.float64)))


def test_while_a_job_waits_nothing_is_changed(place, raster):
    rasters.start(place.office, raster)
    with pytest.raises(WrongState, match="a job of raster"):
        rasters.set_layers(place.office, raster, {"evapotranspiration": 700})
    with pytest.raises(WrongState):
        rasters.start(place.office, raster)
    rasters.cancel(place.office, raster)
    raster.refresh_from_db()
    assert raster.state == "cancelled" and Job.objects.get(pk=raster.job).state == "cancelled"
    with pytest.raises(WrongState, match="no job"):
        rasters.cancel(place.office, raster)
    rasters.set_layers(place.office, raster, {"evapotranspiration": 700})
    raster.refresh_from_db()
    assert raster.state == "draft" and raster.config["layers"]["evapotranspiration"] == {"number": "700"}


def test_a_run_that_is_cancelled_half_way_goes_on_later(place, raster, work, monkeypatch):
    from ecocloud.base.jobs.context import JobContext

    rasters.start(place.office, raster)
    asked = []

    def cancelled(self):
        asked.append(1)
        return len(asked) > 1

    monkeypatch.setattr(JobContext, "cancelled", cancelled)
    work()
    raster.refresh_from_db()
    assert raster.state == "cancelled" and Job.objects.get(pk=raster.job).state == "cancelled"
    assert not (raster.folder / "result" / "result.json").exists()
    monkeypatch.undo()
    rasters.start(place.office, raster)
    work()
    raster.refresh_from_db()
    assert raster.state == "done"


def test_a_job_that_no_account_waits_for_does_nothing(place, raster, work):
    rasters.start(place.office, raster)
    RasterAccount.objects.filter(pk=raster.pk).update(job=None)
    work()
    raster.refresh_from_db()
    assert raster.state == "queued" and not raster.digest


def test_what_is_done_stays_and_another_is_made_of_it(place, computed, work):
    with pytest.raises(WrongState, match="is done"):
        rasters.set_layers(place.office, computed, {"evapotranspiration": 700})
    again = rasters.copy(place.office, computed, computed.name)
    assert again.config == computed.config and again.state == "draft"
    rasters.start(place.office, again)
    work()
    again.refresh_from_db()
    assert again.digest == computed.digest  # the same files and name give the same result


def test_a_result_that_is_gone_is_computed_again_to_the_same_digest(place, computed, work):
    before = computed.digest
    with pytest.raises(WrongState, match="is done"):
        rasters.start(place.office, computed)
    shutil.rmtree(computed.folder)  # a restored home has uploads, no results
    with pytest.raises(WrongState, match="is done"):
        rasters.set_layers(place.office, computed, {"evapotranspiration": 700})
    rasters.start(place.office, computed)
    work()
    computed.refresh_from_db()
    assert (computed.state, computed.digest) == ("done", before) and rasters.has_result(computed)
    shutil.rmtree(computed.folder)
    RasterAccount.objects.filter(pk=computed.pk).update(digest="0" * 64)
    rasters.start(place.office, computed)
    work()
    computed.refresh_from_db()
    assert computed.state == "failed" and "摘要不同" in computed.told["error"]["sentence_zh"]
    assert not rasters.has_result(computed)  # that of another digest lies there
    RasterAccount.objects.filter(pk=computed.pk).update(digest=before)  # the programme of then is back
    rasters.start(place.office, computed)
    work()
    computed.refresh_from_db()
    assert computed.state == "done" and rasters.has_result(computed)


@pytest.mark.parametrize("spoiled", ["result.json", "sums.csv", "nothing in it"])
def test_a_result_that_is_not_its_own_is_computed_again(place, computed, work, spoiled):
    result = computed.folder / "result"
    if spoiled == "sums.csv":
        (result / spoiled).write_text("service,zone,lucode,column,sum\n")
    elif spoiled == "result.json":
        told = json.loads((result / spoiled).read_text())
        (result / spoiled).write_text(json.dumps({**told, "digest": "0" * 64}))
    else:
        (result / "result.json").write_text("{}")
    assert not rasters.has_result(computed)
    rasters.start(place.office, computed)
    work()
    computed.refresh_from_db()
    assert computed.state == "done" and rasters.has_result(computed)


def test_a_recomputation_that_is_cancelled_can_be_gone_on_with(place, computed, work, monkeypatch):
    """It was cancelled when the whole result stood there already."""
    from ecocloud.domains.gep.raster_accounts import outlines

    def cancelled(row, digest):
        rasters.cancel(place.office, row)
        raise JobCancelled

    shutil.rmtree(computed.folder)
    rasters.start(place.office, computed)
    with monkeypatch.context() as patch:
        patch.setattr(outlines, "keep", cancelled)
        work()
    computed.refresh_from_db()
    assert computed.state != "done" and rasters.has_result(computed)
    rasters.start(place.office, computed)
    work()
    computed.refresh_from_db()
    assert computed.state == "done"


def test_evidence_of_a_closed_accounting_is_computed_again(place, accounting, computed, work):
    Accounting.objects.filter(pk=accounting.pk).update(state=Accounting.State.CLOSED)
    with pytest.raises(WrongState, match="is done"):
        rasters.start(place.office, computed)
    shutil.rmtree(computed.folder)
    rasters.start(place.office, computed)
    work()
    computed.refresh_from_db()
    assert computed.state == "done" and rasters.has_result(computed)


def test_in_a_closed_accounting_nothing_new_is_computed(place, accounting, raster):
    Accounting.objects.filter(pk=accounting.pk).update(state=Accounting.State.CLOSED)
    with pytest.raises(WrongState, match="is closed"):
        rasters.start(place.office, raster)


def test_somebody_elses_change_is_not_overwritten(place, raster):
    rasters.set_layers(place.second, raster, {"evapotranspiration": 700})
    with pytest.raises(Stale):
        rasters.set_layers(place.office, raster, {"evapotranspiration": 600}, revision=0)


def test_who_may(place, accounting, raster, files):
    for person in (place.land, place.reader):
        with pytest.raises(Forbidden):
            rasters.open_raster(person, accounting, 2023, "一")
        with pytest.raises(Forbidden):
            rasters.start(person, raster)
        with pytest.raises(Forbidden):
            rasters.add_file(person, accounting, "a.csv", io.BytesIO(b"a,b\n1,2\n"))
    with pytest.raises((Forbidden, NotThere)):
        rasters.cancel(place.stranger, raster)


def test_name_and_year(place, accounting):
    with pytest.raises(GepError, match="bad name"):
        rasters.open_raster(place.office, accounting, 2023, " ")
    with pytest.raises(GepError, match="2022 is not accounted"):
        rasters.open_raster(place.office, accounting, 2022, "一")


def test_without_the_engine_it_is_said_and_nothing_is_queued(place, raster, monkeypatch):
    from ecocloud.domains.gep.raster_accounts import engine

    monkeypatch.setattr(engine, "missing", lambda: ("numba",))
    with pytest.raises(engine.NoEngine) as told:
        rasters.start(place.office, raster)
    assert 'pip install "ecocloud[raster]"' in told.value.remedy_zh
    raster.refresh_from_db()
    assert raster.state == "draft" and raster.job is None
