"""The index against a naive oracle (every document read, substring test), and against damage."""

import random
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.base.search.index import EVERYONE, SearchBusy, SearchDamaged, SearchDoc, SearchIndex

ROOT = Path(__file__).resolve().parents[3]


def doc(ref, title="", body="", **more):
    return SearchDoc(ref, ref.split(":")[0], title, body, **more)


@pytest.fixture
def index(tmp_path):
    return SearchIndex(tmp_path / "search")


def refs(results):
    return {hit.ref for hit in results.hits}


def test_nothing_yet(index):
    assert index.query("河长").total == 0 and index.count() == 0 and index.check() == []


def test_finds_what_is_written(index):
    when = datetime(2026, 3, 1, tzinfo=UTC)
    index.upsert(
        [
            doc("item:1", "推进河长制", "市水利局牵头，PM2.5浓度下降3.5%。", year=2026, updated=when),
            doc("item:2", "生态文明建设", "落实林长制"),
            doc("doc:3", "工作要点", "河湖长制全面推行；河长制办公室"),
        ]
    )
    results = index.query("河长制")
    assert results.total == 2 and results.hits[0].ref == "item:1"  # a match in the title counts more
    assert results.hits[0].title_parts == [("推进", False), ("河长制", True)]
    assert results.hits[0].year == 2026 and results.hits[0].updated == when
    assert ("河长制", True) in results.hits[1].parts
    assert refs(index.query("pm2.5")) == {"item:1"}
    assert refs(index.query("3.5%")) == {"item:1"}
    assert refs(index.query("水")) == {"item:1"}
    assert refs(index.query("长制 牵头")) == {"item:1"}
    assert refs(index.query("态明")) == set()
    assert refs(index.query("长制", kinds=["doc"])) == {"doc:3"}
    assert index.query("长制", kinds=[]).total == 0
    assert index.query("  ，").total == 0


def test_words_that_stand_apart_are_found_when_nothing_else_is(index):
    index.upsert([doc("item:1", "长江干流流域综合治理"), doc("item:2", "长江治理")])
    results = index.query("长江流域治理")
    assert results.relaxed and refs(results) == {"item:1"}
    assert not index.query("综合治理").relaxed


def test_scopes_limit_what_is_found(index):
    index.upsert(
        [
            doc("item:1", "植树", scopes=["d1"]),
            doc("item:2", "植树", scopes=["d2", "d3"]),
            doc("item:3", "植树", scopes=[EVERYONE]),
            doc("item:4", "植树"),
        ]
    )
    assert refs(index.query("植树")) == {"item:1", "item:2", "item:3", "item:4"}
    assert refs(index.query("植树", scopes=["d1", "d2"])) == {"item:1", "item:2", "item:3"}
    assert refs(index.query("植树", scopes=[])) == {"item:3"}
    assert index.query("植树", scopes=["d1"]).total == 2  # the total is limited too


def test_replace_delete_and_groups(index):
    index.upsert([doc("item:1", "旧标题")])
    index.upsert([doc("item:1", "新标题")])
    assert index.query("旧标题").total == 0 and index.query("新标题").total == 1 and index.count() == 1
    index.upsert([doc("doc:5#0-9", "甲段", group="doc:5"), doc("doc:5#9-20", "乙段", group="doc:5")])
    index.upsert([doc("doc:5#0-20", "丙段", group="doc:5")])
    assert refs(index.query("段")) == {"doc:5#0-20"}
    index.delete(["doc:5", "item:1", "item:99"])
    assert index.count() == 0


def test_pages_of_results(index):
    index.upsert([doc(f"item:{n}", "植树造林") for n in range(25)])
    seen = []
    for offset in (0, 10, 20):
        results = index.query("造林", limit=10, offset=offset)
        assert results.total == 25
        seen += [hit.ref for hit in results.hits]
    assert len(seen) == len(set(seen)) == 25


def test_an_open_reader_sees_new_commits_and_generations(tmp_path):
    reader, writer = SearchIndex(tmp_path), SearchIndex(tmp_path)
    writer.upsert([doc("item:1", "甲任务")])
    assert reader.query("任务").total == 1
    writer.upsert([doc("item:2", "乙任务")])
    assert reader.query("任务").total == 2
    assert writer.rebuild(doc(f"item:{n}", "丙任务") for n in range(7)) == 7
    assert reader.query("任务").total == 7
    assert len(list(tmp_path.glob("g-*"))) == 1


def test_a_failed_rebuild_leaves_the_old_index(index):
    index.upsert([doc("item:1", "甲任务")])

    def broken():
        yield doc("item:2", "乙任务")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        index.rebuild(broken())
    assert refs(index.query("任务")) == {"item:1"} and len(list(index.path.glob("g-*"))) == 1


def test_one_writer_at_a_time(tmp_path):
    index, impatient = SearchIndex(tmp_path), SearchIndex(tmp_path, patience=0.2)
    inside, go_on = threading.Event(), threading.Event()

    def slow():
        inside.set()
        go_on.wait(10)
        yield doc("item:1", "甲任务")

    thread = threading.Thread(target=index.rebuild, args=(slow(),))
    thread.start()
    inside.wait(10)
    with pytest.raises(SearchBusy):
        impatient.upsert([doc("item:2", "乙任务")])
    go_on.set()
    thread.join()
    impatient.upsert([doc("item:2", "乙任务")])
    assert index.count() == 2


LETTERS = "河长制水林生态Pm25 ，"


@given(
    bodies=st.lists(st.text(LETTERS, max_size=12), min_size=1, max_size=8),
    query=st.text("河长制水林生态", min_size=1, max_size=3),
)
@settings(max_examples=15, deadline=None)
def test_agrees_with_reading_everything(tmp_path_factory, bodies, query):
    index = SearchIndex(tmp_path_factory.mktemp("oracle"))
    index.upsert([doc(f"item:{n}", body=body) for n, body in enumerate(bodies)])
    results = index.query(query, limit=100)
    assert refs(results) == {f"item:{n}" for n, body in enumerate(bodies) if query in body}
    assert all(hit.parts.count((query, True)) >= 1 for hit in results.hits)


def put_in_place(path, data):
    """The first index still maps the file: cutting it short under a thread that reads it is a bus error, so the
    damaged bytes are put in its place.
    """
    damaged = path.with_name(path.name + ".damaged")
    damaged.write_bytes(data)
    damaged.replace(path)


def damage_flip(folder):
    path = max(folder.glob("*.store"), key=lambda file: file.stat().st_size)
    data = bytearray(path.read_bytes())
    data[10] ^= 0xFF
    put_in_place(path, data)


def damage_cut(folder):
    path = next(folder.glob("*.idx"))
    put_in_place(path, path.read_bytes()[:-20])


def damage_remove(folder):
    next(folder.glob("*.term")).unlink()


def damage_meta(folder):
    (folder / "meta.json").write_text("{", encoding="utf-8")


def damage_no_meta(folder):
    (folder / "meta.json").unlink()


@pytest.mark.parametrize("damage", [damage_flip, damage_cut, damage_remove, damage_meta, damage_no_meta])
def test_damage_is_found_reported_and_repaired(tmp_path, damage):
    index = SearchIndex(tmp_path)
    index.upsert([doc(f"item:{n}", f"任务{n}", "正文" * 50) for n in range(20)])
    assert index.check() == []
    damage(next(tmp_path.glob("g-*")))
    fresh = SearchIndex(tmp_path)
    assert fresh.check()
    try:
        fresh.query("任务")
    except SearchDamaged as error:
        assert "search-rebuild" in error.remedy_zh
    assert fresh.rebuild([doc("item:1", "任务")]) == 1
    assert fresh.check() == [] and fresh.query("任务").total == 1
    assert index.query("任务").total == 1


WRITER = """
import sys
from ecocloud.base.search.index import SearchDoc, SearchIndex
index = SearchIndex(sys.argv[1])
start = int(sys.argv[2])
for batch in range(start, start + 1000):
    index.upsert([SearchDoc(f"item:{batch}-{n}", "item", f"批次{batch}") for n in range(5)])
    print(batch, flush=True)
"""


def test_kill_9_leaves_whole_commits_and_no_stale_lock(tmp_path, full_size):
    kills, start = 20 if full_size else 4, 0
    chance = random.Random(7)
    for _ in range(kills):
        command = [sys.executable, "-c", WRITER, str(tmp_path), str(start)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT)})
        last = start
        for _ in range(chance.randint(2, 6)):
            last = int(child.stdout.readline())
        time.sleep(chance.random() * 0.03)
        child.send_signal(signal.SIGKILL)
        rest = child.communicate()[0].split()
        last = int(rest[-1]) if rest else last
        index = SearchIndex(tmp_path)
        assert index.check() == []
        count = index.count()
        # Every batch that was reported is there whole; the one in the making is there whole or not at all.
        assert count in ((last + 1) * 5, (last + 2) * 5)
        start = count // 5
    SearchIndex(tmp_path, patience=1).upsert([doc("item:x", "最后")])
    assert index.query("最后").total == 1
