"""A workbook of more rows than a page takes: staged and written by jobs, exact afterwards."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from ecocloud.base import bulk, jobs
from ecocloud.base.sheets import export_workbook, long_imports
from ecocloud.base.sheets.models import ImportBatch
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.registers import queries, services, workbooks
from ecocloud.kernel.registers.models import ObjectVersion, RegisterObject
from ecocloud.kernel.registers.services import counts

IMPORTS = ["sheets.stage", "sheets.commit"]


@pytest.fixture
def office(client, place, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    client.force_login(place.office, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def wells_of(wells, count, **more):
    rows = ({"name": f"井{n}", "region": "990102", "owner": f"户{n}", "dug_on": date(2020, 1, 1),
             "depth": Decimal(n % 100), **more} for n in range(count))  # fmt: skip
    return io.BytesIO(export_workbook(workbooks.named(workbooks.spec(wells)), rows))


def test_from_the_upload_to_the_result_by_jobs(office, place, wells, dig, monkeypatch):
    """Rows beyond the limit go to jobs; a record that somebody takes meanwhile costs its own row only."""
    direct, chunk = long_imports.limits().direct_rows, long_imports.limits().commit_chunk_rows
    small = long_imports.limits().model_copy(update={
        "direct_rows": direct.model_copy(update={"value": 20}), "commit_chunk_rows": chunk.model_copy(
            update={"value": 25})})  # fmt: skip
    monkeypatch.setattr(long_imports, "limits", lambda: small)
    old = dig("井7", owner="户7", dug_on="2020-01-01", depth=99)
    content = wells_of(wells, 60)
    content.name = "井.xlsx"
    answer = office.post("/import/register-well/", {"file": content})
    batch = ImportBatch.objects.get()
    assert answer.status_code == 302 and answer.url == f"/jobs/{batch.job}/"
    assert office.get(f"/import/batch/{batch.pk}/").url == answer.url
    assert office.get(answer.url).status_code == 200
    jobs.drain(IMPORTS)
    batch.refresh_from_db()
    assert (batch.status, batch.counts()) == ("previewed", {"new": 59, "changed": 1, "same": 0, "wrong": 0})
    assert f"/import/batch/{batch.pk}/" in office.get(answer.url).content.decode()
    preview = office.get(f"/import/batch/{batch.pk}/").content.decode()
    assert "分批写入" in preview
    dig("井", owner="户30", dug_on="2020-01-01")
    answer = office.post(f"/import/batch/{batch.pk}/commit/")
    assert answer.url == office.get(f"/import/batch/{batch.pk}/").url
    jobs.drain(IMPORTS)
    batch.refresh_from_db()
    assert (batch.status, batch.counts()) == ("committed", {"new": 58, "changed": 1, "same": 0, "wrong": 1})
    assert batch.result == {"created": 58, "changed": 1}
    old.refresh_from_db()
    assert (old.n1, old.version) == (7, 2)
    assert RegisterObject.objects.count() == 60 and ObjectVersion.objects.count() == 61
    assert Entry.objects.filter(action="registers.object.import").count() == 59
    assert counts.differences() == {} and queries.slot_differences(wells) == {}
    assert office.get(f"/import/batch/{batch.pk}/").status_code == 200


def test_a_stopped_write_shows_how_to_go_on(office, place, wells, monkeypatch):
    content = wells_of(wells, 10)
    content.name = "井.xlsx"
    office.post("/import/register-well/", {"file": content})
    batch = ImportBatch.objects.get()
    ImportBatch.objects.filter(pk=batch.pk).update(status="committing", written=4)
    page = office.get(f"/import/batch/{batch.pk}/").content.decode()
    assert "停在第 4 行" in page and "继续写入" in page
    assert office.post(f"/import/batch/{batch.pk}/cancel/").url == f"/import/batch/{batch.pk}/"
    batch.refresh_from_db()
    assert (batch.status, batch.new, batch.wrong) == ("committed", 3, 7)


def test_values_that_were_computed_do_not_hinder_a_later_import(office, place, wells, dig):
    """A well with depth and diameter has a computed volume; the workbook has no such column."""
    row = dig("井1", owner="户1", dug_on="2020-01-01", depth=3, diameter=200)
    content = wells_of(wells, 2, diameter=Decimal(300))
    content.name = "井.xlsx"
    office.post("/import/register-well/", {"file": content})
    batch = ImportBatch.objects.get()
    assert batch.counts() == {"new": 1, "changed": 1, "same": 0, "wrong": 0}
    office.post(f"/import/batch/{batch.pk}/commit/")
    row.refresh_from_db()
    assert row.version == 2 and row.n2 == Decimal("0.1")  # 1 m x (0.3 m)^2 = 0.09, one decimal


def test_a_retired_object_is_no_longer_there(office, place, wells, dig):
    row = dig("井1", owner="户1", dug_on="2020-01-01")
    services.retire(place.office, wells, row.pk, reason="填埋")
    content = wells_of(wells, 2)
    content.name = "井.xlsx"
    office.post("/import/register-well/", {"file": content})
    assert ImportBatch.objects.get().counts()["new"] == 2


def test_what_the_field_refuses_and_what_the_database_refuses(place, wells):
    def well(**more):
        return RegisterObject(type_id=wells.pk, region=place.east, state="found", schema=1, code="A", name="井",
                              **{"valid_from": date(2026, 1, 1), **more})  # fmt: skip

    with pytest.raises(ValidationError):
        bulk.insert([well(n1=Decimal("0.0000001"))])
    bulk.insert([well(n1=Decimal("-0.000001"), place=b"\x00\xff", west=1.5, body={"a": "1"})])
    row = RegisterObject.objects.get()
    assert (row.n1, bytes(row.place), row.west, row.body) == (Decimal("-0.000001"), b"\x00\xff", 1.5, {"a": "1"})
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert([well()])
    bulk.insert([])
