"""Upload, staging and commit against a made-up target whose table is a dictionary, and kills on a file database."""

import io
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest
from django.db import IntegrityError, transaction

from ecocloud.base.errors import Conflict, Forbidden
from ecocloud.base.files import errors as file_errors
from ecocloud.base.files.models import StoredFile
from ecocloud.base.sheets import faults, registry, services
from ecocloud.base.sheets.models import ImportBatch, ImportRow, SavedMapping

pytestmark = pytest.mark.django_db
HEAD = ["编号", "任务名称", "数量"]
ZHANG = SimpleNamespace(pk=1, name="张三")
LI = SimpleNamespace(pk=2, name="李四")


@pytest.fixture
def table():
    return {("T2",): {"code": "T2", "title": "旧", "count": 2}, ("T3",): {"code": "T3", "title": "c", "count": None}}


@pytest.fixture(autouse=True)
def target(settings, tmp_path, table, spec, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "files"
    monkeypatch.setattr(registry, "_targets", {})
    monkeypatch.setattr(registry, "_hooks", {})

    def apply(user, rows):
        for row in rows:
            table[row.key] = {**table.get(row.key, {}), **row.values}
        return {"journal": user.name}

    made = registry.ImportTarget(
        "ledger", "任务台账", "duties.item.import", lambda user: spec, lambda user: table, apply
    )
    registry.register_target(made)
    registry.set_permission_checker(lambda user, code: code == "duties.item.import" and user.pk in (1, 2))
    return made


def start(book, rows, user=ZHANG, name="台账.xlsx", head=HEAD):
    return services.upload(user, "ledger", name, io.BytesIO(book([head, *rows])))


ROWS = [["T1", "a", 1], ["T2", "新", 2], ["T3", "c", None], ["T4", None, 1]]


def test_from_upload_to_commit(book, table):
    events = []
    registry.set_event_hook(lambda user, event, batch: events.append((user.pk, event, batch.status)))
    batch = services.stage(ZHANG, start(book, ROWS))
    assert batch.status == "previewed" and batch.total == 4
    assert batch.counts() == {"new": 1, "changed": 1, "same": 1, "wrong": 1}
    assert set(table) == {("T2",), ("T3",)} and table["T2",]["title"] == "旧"
    with pytest.raises(services.ErrorsRemain):
        services.commit(ZHANG, batch)
    assert set(table) == {("T2",), ("T3",)}
    batch = services.commit(ZHANG, batch, skip_errors=True)
    assert (batch.status, batch.skipped_errors, batch.result) == ("committed", True, {"journal": "张三"})
    assert table["T1",]["title"] == "a" and table["T2",]["title"] == "新" and ("T4",) not in table
    assert [event for _, event, _ in events] == ["sheets.upload", "sheets.stage", "sheets.commit"]
    with pytest.raises(Conflict):
        services.commit(ZHANG, batch, skip_errors=True)


def test_record_changed_after_the_preview_stops_the_commit(book, table):
    batch = services.stage(ZHANG, start(book, ROWS[:2]))
    table["T2",]["title"] = "别人改的"
    with pytest.raises(Conflict) as caught:
        services.commit(ZHANG, batch)
    assert caught.value.where == {"行": 3}
    batch.refresh_from_db()
    assert batch.status == "previewed" and ("T1",) not in table
    assert services.commit(ZHANG, services.stage(ZHANG, batch)).status == "committed"


def test_record_added_or_removed_after_the_preview_stops_the_commit(book, table):
    batch = services.stage(ZHANG, start(book, ROWS[:2]))
    table["T1",] = {"code": "T1", "title": "先建"}
    with pytest.raises(Conflict):
        services.commit(ZHANG, batch)
    del table["T1",], table["T2",]
    with pytest.raises(Conflict):
        services.commit(ZHANG, batch)


def test_change_in_a_column_the_file_does_not_have_is_no_conflict(book, table):
    batch = services.stage(ZHANG, start(book, ROWS[:2]))
    table["T2",]["unit"] = "100002"
    assert services.commit(ZHANG, batch).status == "committed"
    assert table["T2",] == {"code": "T2", "title": "新", "count": 2, "unit": "100002"}


def test_failing_apply_leaves_the_batch_as_it_was(book, target, spec):
    def broken(user, rows):
        SavedMapping.objects.create(target="x", owner="1", name="half", headers={})
        raise IntegrityError("late fault")

    registry.register_target(
        registry.ImportTarget("ledger", "x", target.permission, target.spec, target.existing, broken)
    )
    batch = services.stage(ZHANG, start(book, ROWS[:2]))
    with pytest.raises(IntegrityError):
        services.commit(ZHANG, batch)
    batch.refresh_from_db()
    assert batch.status == "previewed" and not SavedMapping.objects.exists()


def test_permission_and_ownership(book):
    batch = start(book, ROWS)
    with pytest.raises(Forbidden):
        start(book, ROWS, SimpleNamespace(pk=3, name="王五"))
    for step in (services.stage, services.commit, services.cancel, services.error_file):
        with pytest.raises(Forbidden):
            step(LI, batch)
    registry._hooks.clear()
    with pytest.raises(Forbidden):
        services.stage(ZHANG, batch)


@pytest.mark.parametrize(
    ("name", "data", "error"),
    [
        ("a.xlsx", b"", file_errors.EmptyFile),
        ("a.xlsx", b"text", file_errors.KindNotAllowed),
        ("a.xls", None, file_errors.NameMismatch),
    ],
)
def test_refused_files_leave_nothing(book, name, data, error):
    with pytest.raises(error):
        services.upload(ZHANG, "ledger", name, io.BytesIO(book([HEAD, *ROWS]) if data is None else data))
    with pytest.raises(faults.HeaderNotFound):
        services.upload(ZHANG, "ledger", "b.xlsx", io.BytesIO(book([["x", "y"], [1, 2]])))
    assert not StoredFile.objects.exists() and not ImportBatch.objects.exists()


def test_unusable_rows_put_the_batch_back(book):
    batch = start(book, [])
    with pytest.raises(faults.EmptyWorkbook):
        services.stage(ZHANG, batch)
    batch.refresh_from_db()
    assert batch.status == "uploaded" and not ImportRow.objects.exists()


def test_mapping_chosen_and_remembered_for_the_next_file(book):
    head = ["编号", "事项", "个数"]
    batch = start(book, [["T1", "a", 1]], head=head)
    with pytest.raises(faults.MissingColumns):
        services.stage(ZHANG, batch)
    with pytest.raises(faults.MissingColumns):
        services.choose_mapping(ZHANG, batch, {1: "code"})
    services.choose_mapping(ZHANG, batch, {1: "code", 2: "title", 3: "count"}, remember_as="台账")
    batch = services.stage(ZHANG, batch)
    assert services.staged_rows(batch, ["new"])[0].values == {"code": "T1", "title": "a", "count": 1}
    again = services.stage(ZHANG, start(book, [[1, "T7", "b"]], head=["个数", "编号", "事项"]))
    assert services.staged_rows(again, ["new"])[0].values == {"code": "T7", "title": "b", "count": 1}
    with pytest.raises(faults.HeaderNotFound):
        start(book, [["b", "T7"]], LI, head=["事项", "编号之外"])


def test_staged_again_after_the_mapping_changed(book):
    batch = services.stage(ZHANG, start(book, ROWS))
    services.choose_mapping(ZHANG, batch, {1: "code", 2: "title"})
    assert batch.status == "uploaded" and not batch.rows.exists()
    batch = services.stage(ZHANG, batch)
    assert batch.total == 4 and "count" not in services.staged_rows(batch, ["new"])[0].values


def test_cancel_removes_staged_rows_and_nothing_to_do_is_said(book, table):
    batch = services.stage(ZHANG, start(book, [["T3", "c", None]]))
    with pytest.raises(services.NothingToDo):
        services.commit(ZHANG, batch)
    batch = services.cancel(ZHANG, batch)
    assert batch.status == "cancelled" and not ImportRow.objects.exists()
    with pytest.raises(Conflict):
        services.stage(ZHANG, batch)


def test_error_file_is_the_users_own(book):
    batch = services.stage(ZHANG, start(book, ROWS))
    sheet = openpyxl.load_workbook(io.BytesIO(services.error_file(ZHANG, batch))).active
    assert "任务名称：没有填写" in sheet["D5"].value and sheet["A2"].value == "T1"


def test_staging_spans_chunks_and_keeps_types(book, spec):
    rows = [[f"N{n}", "名称", n] for n in range(1203)]
    batch = services.stage(ZHANG, start(book, rows))
    assert batch.new == 1203 and batch.rows.count() == 1203
    assert [row.values["count"] for row in services.staged_rows(batch, ["new"])] == list(range(1203))


def test_database_refuses_counts_that_do_not_add_up(book):
    batch = start(book, ROWS)
    with pytest.raises(IntegrityError), transaction.atomic():
        ImportBatch.objects.filter(pk=batch.pk).update(total=5)


CHILD = Path(__file__).with_name("child_import.py")


def child(home, action, pause=""):
    return subprocess.Popen(
        [sys.executable, str(CHILD), str(home), action, pause], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    )


def look(home):
    """The state of the database file as another program sees it."""
    database = sqlite3.connect(home / "test.sqlite3")
    status = database.execute("select status from sheets_importbatch").fetchone()[0]
    written = database.execute("select count(*) from sheets_savedmapping where target = 'business'").fetchone()[0]
    database.close()
    return [status, str(written)]


def answer(home, action):
    process = child(home, action)
    return process.communicate(timeout=60)[0].split()


@pytest.mark.parametrize(
    ("action", "pause", "after"),
    [
        ("stage", "reading", ["staging", "0"]),
        ("commit", "apply", ["previewed", "0"]),
        ("commit", "done", ["committed", "600"]),
    ],
)
def test_kill_leaves_the_old_or_the_new_state(tmp_path, action, pause, after):
    assert answer(tmp_path, "upload") == ["uploaded", "0"]
    if action == "commit":
        assert answer(tmp_path, "stage") == ["previewed", "0"]
    process = child(tmp_path, action, pause)
    assert process.stdout.readline().strip() == "paused"
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert look(tmp_path) == after
    if action == "stage":
        assert answer(tmp_path, "stage") == ["previewed", "0"]
    if after[0] != "committed":
        assert answer(tmp_path, "commit") == ["committed", "600"]
