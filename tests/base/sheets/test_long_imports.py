"""Imports written chunk by chunk: what is refused alone, what a stop leaves, what a kill leaves."""

import io
import signal
from types import SimpleNamespace

import pytest
from django.db import IntegrityError

from ecocloud.base.errors import Conflict, EcoError, Forbidden
from ecocloud.base.sheets import long_imports, registry, services
from ecocloud.base.sheets.compare import Asked
from tests.base.sheets.test_batches import answer, child, look

pytestmark = pytest.mark.django_db
HEAD = ["编号", "任务名称", "数量"]
ZHANG = SimpleNamespace(pk=1, name="张三")


@pytest.fixture
def world(settings, tmp_path, spec, monkeypatch):
    """A table of the room, the rows of every call of apply, and the codes it refuses."""
    settings.MEDIA_ROOT = tmp_path / "files"
    for name in ("_targets", "_hooks"):
        monkeypatch.setattr(registry, name, {})
    assert long_imports.limits().commit_chunk_rows.value == 300
    held = SimpleNamespace(table={("T2",): {"code": "T2", "title": "旧", "count": 2}}, calls=[], bad={}, asked=[])

    def apply(user, rows):
        for row in rows:
            if row.key[0] in held.bad:
                raise EcoError("不能写入。", "refused", where=held.bad[row.key[0]](row))
        held.calls.append([row.key[0] for row in rows])
        held.table.update({row.key: {**held.table.get(row.key, {}), **row.values} for row in rows})
        return {"created": len(rows)}

    def find(keys):
        held.asked.append(len(keys))
        return {key: held.table[key] for key in keys if key in held.table}

    registry.register_target(registry.ImportTarget(
        "ledger", "任务台账", "p", lambda user: spec, lambda user: Asked(find), apply, in_chunks=True))  # fmt: skip
    registry.set_permission_checker(lambda user, code: user.pk == 1)
    return held


def previewed(book, rows):
    batch = services.upload(ZHANG, "ledger", "台账.xlsx", io.BytesIO(book([HEAD, *rows])))
    return services.stage(ZHANG, batch)


def begin(batch):
    from ecocloud.base.sheets.models import ImportBatch

    ImportBatch.objects.filter(pk=batch.pk).update(status="committing")
    batch.refresh_from_db()
    return batch


ROWS = [[f"N{n}", "名称", n] for n in range(700)]


def test_existing_rows_are_asked_for_chunk_by_chunk(book, world):
    batch = previewed(book, [["T2", "新", 2], *ROWS])
    assert batch.counts() == {"new": 700, "changed": 1, "same": 0, "wrong": 0} and batch.size == 702
    assert world.asked == [500, 201]


def test_written_in_chunks_in_the_order_of_the_file(book, world):
    seen = []
    done = long_imports.write_on(ZHANG, begin(previewed(book, ROWS)), lambda rows, last: seen.append((rows, last)))
    assert (done.status, done.result, done.counts()["new"]) == ("committed", {"created": 700}, 700)
    assert [len(call) for call in world.calls] == [300, 300, 100] and seen == [(300, 301), (300, 601), (100, 701)]
    assert sum(world.calls, []) == [f"N{n}" for n in range(700)]


@pytest.mark.parametrize("where", [lambda row: {"行": row.number}, lambda row: {}])
def test_a_refused_row_is_refused_alone(book, world, where):
    """Whether the refusal names its row or not; nothing else is lost or written twice."""
    world.bad = {"N7": where, "N650": where}
    done = long_imports.write_on(ZHANG, begin(previewed(book, ROWS)))
    assert done.counts() == {"new": 698, "changed": 0, "same": 0, "wrong": 2} and done.result == {"created": 698}
    written = sum(world.calls, [])
    assert sorted(written) == sorted({f"N{n}" for n in range(700)} - set(world.bad)) and len(written) == 698
    wrong = done.rows.filter(outcome="wrong")
    assert [(row.number, row.fault_list()[0].reason) for row in wrong.order_by("number")] == [
        (9, "不能写入。"), (652, "不能写入。")]  # fmt: skip


def test_a_record_changed_after_the_preview_is_refused_alone(book, world):
    batch = begin(previewed(book, [["T2", "新", 2], *ROWS[:3]]))
    world.table["T2",]["title"] = "别人改的"
    done = long_imports.write_on(ZHANG, batch)
    assert done.counts() == {"new": 3, "changed": 0, "same": 0, "wrong": 1}
    assert world.table["T2",]["title"] == "别人改的"


def test_stopped_half_way_goes_on_or_ends_there(book, world):
    class Stop(BaseException):
        pass

    def between():
        if world.calls:
            raise Stop

    batch = begin(previewed(book, ROWS))
    with pytest.raises(Stop):
        long_imports.write_on(ZHANG, batch, between=between)
    batch.refresh_from_db()
    assert (batch.status, batch.written, len(world.table)) == ("committing", 301, 301)
    with pytest.raises(Forbidden):
        long_imports.stop(SimpleNamespace(pk=2, name="李四"), batch)
    ended = long_imports.stop(ZHANG, batch)
    assert ended.status == "committed" and ended.counts() == {"new": 300, "changed": 0, "same": 0, "wrong": 400}
    assert len(world.table) == 301
    with pytest.raises(Conflict):
        long_imports.write_on(ZHANG, ended)


def test_a_fault_of_the_program_stops_and_keeps_what_was_written(book, world, monkeypatch):
    batch = begin(previewed(book, ROWS))

    def broken(rows, last):
        if last > 400:
            raise IntegrityError("late fault")

    with pytest.raises(IntegrityError):
        long_imports.write_on(ZHANG, batch, broken)
    batch.refresh_from_db()
    assert (batch.status, batch.written) == ("committing", 301)


def test_a_kill_within_a_chunk_loses_nothing_and_writes_nothing_twice(tmp_path):
    """600 rows; killed in the second chunk, which is not written; the next process writes the rest once."""
    assert answer(tmp_path, "upload") == ["uploaded", "0"]
    assert answer(tmp_path, "stage") == ["previewed", "0"]
    process = child(tmp_path, "chunks", "second")
    assert process.stdout.readline().strip() == "paused"
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert look(tmp_path) == ["committing", "300"]
    assert answer(tmp_path, "chunks") == ["committed", "600"]
