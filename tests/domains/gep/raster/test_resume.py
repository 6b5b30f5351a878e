"""A run that is killed, stopped or repeated: it goes on with what was whole, makes only what changed, and never shows a
result of which a part is missing or of another run."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio

from ecocloud.domains.gep.raster import blocks, config, half, joining, run, state
from tests.domains.gep.raster import landscape

ROWS, COLS = 60, 50
WRITE = ["ls", "usle", "water_retained", "sed_export"]
# Runs CONFIG and kills itself without a word at the first step of this name (and, with a number, this share of it).
KILLED = """
import os, signal, sys
from ecocloud.domains.gep.raster import config, run
def say(text, share):
    if text == sys.argv[2] and share >= float(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
run.run(run.prepare(config.read(sys.argv[1])), say)
"""


@pytest.fixture
def county(tmp_path):
    given = landscape.make(tmp_path, ROWS, COLS)
    return tmp_path, {**given, "write": WRITE}


def ran(folder, given, **more):
    return run.run(run.prepare(config.checked({**given, **more}, folder)))


def bytes_of(folder):
    """The table and the cells of every raster of a result."""
    told = json.loads((folder / "result.json").read_text())
    found = {"sums": (folder / "sums.csv").read_bytes(), "digest": told["digest"]}
    for name, file in told["rasters"].items():
        with rasterio.open(folder / file) as source:
            found[name] = source.read(1).tobytes()
    return found


@pytest.mark.parametrize(
    ("step", "share", "threads"), [("逐块核算", 0, 1), ("输沙", 0, 1), ("沉积", 0, 2), ("写出结果", 0.5, 2)]
)
def test_a_run_that_is_killed_leaves_no_result_and_goes_on_from_there(county, step, share, threads):
    folder, given = county
    given = {**given, "threads": threads}
    ran(folder, {**given, "output": "fresh"})
    (folder / "a.yaml").write_text(json.dumps(given))
    done = subprocess.run([sys.executable, "-c", KILLED, str(folder / "a.yaml"), step, str(share)],
                          env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, capture_output=True)  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()[-800:]
    assert not (folder / "out" / "result.json").exists()
    made = ran(folder, given)
    if step == "输沙":  # beside the main thread, how far files were written when it was killed is chance
        assert {"routing", "service-soil"} <= {*made.reused}
    if step == "写出结果":
        assert {"service-soil", "delivery"} <= {*made.reused}
    assert bytes_of(folder / "out") == bytes_of(folder / "fresh")


# Runs CONFIG with a mark after every block and kills itself when the rasters of this block are to be written.
KILLED_IN_A_PASS = """
import os, signal, sys
from ecocloud.domains.gep.raster import config, half, outputs, run
half.SECONDS, number, write = 0, 0, outputs.Writers.write
def counted(self, window, rasters):
    global number
    number += 1
    if number == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    write(self, window, rasters)
outputs.Writers.write = counted
run.run(run.prepare(config.read(sys.argv[1])))
"""
PASS = ["water_retained", "aet", "carbon"]


@pytest.fixture(scope="module")
def blocks_of_six(tmp_path_factory):
    """A county of six blocks, its services of single cells computed at one go."""
    folder = tmp_path_factory.mktemp("blocks")
    given = landscape.make(folder, 520, 1030) | {"write": PASS}
    given = {name: value for name, value in given.items() if name not in ("dem", "erosivity", "erodibility")}
    ran(folder, {**given, "output": "fresh"})
    return folder, given


def computed(monkeypatch):
    """The blocks that are computed from now on."""
    found, block = [], blocks.Blocks.block
    monkeypatch.setattr(blocks.Blocks, "block", lambda self, one: (found.append((one.row_off, one.col_off)),
                                                                   block(self, one))[1])  # fmt: skip
    return found


@pytest.mark.parametrize("last", [2, 5])
def test_killed_in_the_pass_over_blocks_it_goes_on_from_the_last_mark(blocks_of_six, monkeypatch, last):
    folder, given = blocks_of_six
    given = given | {"output": f"killed-{last}"}
    (folder / "a.yaml").write_text(json.dumps(given))
    done = subprocess.run([sys.executable, "-c", KILLED_IN_A_PASS, str(folder / "a.yaml"), str(last)],
                          env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, capture_output=True)  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()[-800:]
    anew = computed(monkeypatch)
    made = ran(folder, given)
    assert len(anew) == 6 - (last - 1) and "blocks" in made.reused
    assert bytes_of(folder / f"killed-{last}") == bytes_of(folder / "fresh")
    assert not list((folder / f"killed-{last}" / ".state").glob("half-*"))


def stopped_in_a_pass(folder, given, monkeypatch):
    """A run with marks after every block that fails at the fourth."""
    monkeypatch.setattr(half, "SECONDS", 0)
    marks, mark = [], half.Half.mark

    def counted(self, parts, sums):
        mark(self, parts, sums)
        marks.append(parts[-1])
        if parts[-1] == 3:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(half.Half, "mark", counted)
        ran(folder, given)
    assert marks == [1, 2, 3]


@pytest.mark.parametrize("change", ["nothing", "runoff", "write", "keep", "mark", "other"])
def test_a_mark_holds_for_the_same_pass_only(blocks_of_six, monkeypatch, change):
    folder, given = blocks_of_six
    given = given | {"output": f"out-{change}"}
    stopped_in_a_pass(folder, given, monkeypatch)
    place, table = folder / f"out-{change}", (folder / "biophysical.csv").read_text()
    (mark,) = (place / ".state").glob("half-*")
    if change == "runoff":
        (folder / "other.csv").write_text(table.replace("3.87", "3.88"))
        given["biophysical_table"] = "other.csv"
    elif change == "write":
        given["write"] = PASS[:2]
    elif change == "keep":
        given["keep"] = False
    elif change == "mark":
        (mark / "told.json").write_text("{")
    elif change == "other":  # another pass began in the same folders and came to nothing; its cells are not taken
        with state.State(place) as other:
            other.begin("service-water")
    anew = computed(monkeypatch)
    made = ran(folder, given)
    assert len(anew) == (3 if change == "nothing" else 6) and ("blocks" in made.reused) == (change == "nothing")
    ran(folder, {**given, "output": f"whole-{change}"})
    assert bytes_of(place) == bytes_of(folder / f"whole-{change}")


@pytest.mark.parametrize("at", ["first join", "second join", "first unlink", "last unlink"])
def test_killed_while_parts_are_joined_it_goes_on(blocks_of_six, monkeypatch, at):
    """Until all rasters are joined the last mark names their parts; afterwards another says that they are whole."""
    folder, given = blocks_of_six
    given = given | {"output": f"joined-{at.replace(' ', '-')}"}
    place = folder / given["output"]
    calls, join, unlink = [], joining.join, Path.unlink
    last = {"first": 1, "second": 2, "last": 9}[at.split()[0]]

    def counted(what, kind):
        def call(path, *more, **how):
            if kind == "join" or re.fullmatch(r"\w+\.\d+\.tif", path.name):
                calls.append(kind)
                if at.endswith(kind) and calls.count(kind) == last:
                    raise KeyboardInterrupt
            return what(path, *more, **how)

        return call

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(joining, "join", counted(join, "join"))
        patch.setattr(Path, "unlink", counted(unlink, "unlink"))
        due = iter([True] * 3)  # a mark after each of the first three blocks
        patch.setattr(half.Half, "is_due", property(lambda self: next(due, False)))
        ran(folder, given)
    anew = computed(monkeypatch)
    made = ran(folder, given)
    assert len(anew) == (3 if at.endswith("join") else 0) and "blocks" in made.reused
    assert bytes_of(place) == bytes_of(folder / "fresh")
    assert {one.name for one in (place / ".state").glob("service-*/*.tif")} == {f"{name}.tif" for name in PASS}


@pytest.mark.parametrize("lost", ["part", "sums"])
def test_a_mark_whose_files_are_not_whole_is_none(blocks_of_six, monkeypatch, lost):
    folder, given = blocks_of_six
    given = given | {"output": f"lost-{lost}"}
    stopped_in_a_pass(folder, given, monkeypatch)
    place = folder / f"lost-{lost}" / ".state"
    if lost == "part":
        (place / ".service-carbon" / "carbon.1.tif").unlink()
    else:
        next(place.glob("half-*/*.npy")).write_bytes(b"")
    anew = computed(monkeypatch)
    ran(folder, given)
    assert len(anew) == 6 and bytes_of(folder / f"lost-{lost}") == bytes_of(folder / "fresh")


def test_a_pass_that_is_short_makes_no_mark(blocks_of_six, monkeypatch):
    folder, given = blocks_of_six
    monkeypatch.setattr(half.Half, "mark", lambda *_: pytest.fail("a mark"))
    ran(folder, given, output="short")
    assert bytes_of(folder / "short") == bytes_of(folder / "fresh")
    assert not list((folder / "short" / ".state").glob("half-*"))


def test_killed_while_a_result_replaces_another_there_is_none(county):
    """The old result names its own files; once one of them is another's, it must be gone."""
    folder, given = county
    ran(folder, given)
    changed = {**given, "parameters": {"threshold_flow_accumulation": 50, "slope_limit": 100}}

    def say(text, share):
        if text == "写出结果" and share > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run.run(run.prepare(config.checked(changed, folder)), say)
    assert not (folder / "out" / "result.json").exists()
    made = ran(folder, changed)
    assert json.loads((folder / "out" / "result.json").read_text())["digest"] == made.digest


ALL = {
    "raster-ls",
    "service-area",
    "service-soil",
    "service-water",
    "service-water_yield",
    "service-carbon",
    "delivery",
}


@pytest.mark.parametrize(
    ("change", "anew"),
    [
        ("nothing", set()),
        ("runoff", {"service-water"}),
        ("k_param", {"delivery"}),
        ("pawc", {"service-water_yield"}),
        ("erosivity", {"service-soil", "delivery"}),
        ("dem", {"raster-ls", "service-soil", "delivery"}),
        ("zones", ALL - {"raster-ls"}),
        ("carbon", {"service-carbon"}),
        ("threshold_flow_accumulation", {"raster-ls", "service-soil", "delivery"}),
    ],
)
def test_the_next_run_makes_anew_what_changed_and_nothing_else(county, change, anew):
    folder, given = county
    ran(folder, given)
    ran(folder, given)  # nothing is lost by a run that needs nothing
    parameters = dict(given["parameters"])
    if change in ("pawc", "erosivity", "dem"):
        with rasterio.open(folder / f"{change}.tif", "r+") as source:
            values = source.read(1)
            source.write(np.where(values == landscape.NODATA, values, values * np.float32(1.01)), 1)
    elif change == "runoff":
        text = (folder / "biophysical.csv").read_text()
        (folder / "biophysical.csv").write_text(text.replace("3.87", "3.88"))
    elif change == "carbon":
        (folder / "carbon.csv").write_text((folder / "carbon.csv").read_text().replace("110", "111"))
    elif change == "zones":
        (folder / "zones.geojson").write_text((folder / "zones.geojson").read_text().replace("1}", "7}"))
    elif change != "nothing":
        parameters[change] = 3
    given["parameters"] = parameters
    made = ran(folder, given)
    assert ALL - {*made.reused} == anew
    if change in ("k_param", "erosivity"):
        assert "routing" in made.reused
    ran(folder, given, output="fresh")
    assert bytes_of(folder / "out") == bytes_of(folder / "fresh")


def test_a_raster_that_was_touched_or_is_newly_wanted_is_made_anew(county):
    folder, given = county
    ran(folder, given)
    with rasterio.open(folder / "out" / "usle.tif", "r+") as source:
        source.write(np.zeros((ROWS, COLS), np.float32), 1)
    os.remove(folder / "out" / "ls.tif")  # only its public name: the part is still there
    made = ran(folder, given, write=[*WRITE, "aet"])
    assert ALL - {*made.reused} == {"service-soil", "service-water_yield"}
    ran(folder, given, output="fresh", write=[*WRITE, "aet"])
    assert bytes_of(folder / "out") == bytes_of(folder / "fresh")


def test_what_is_no_longer_wanted_goes_and_nothing_else(county):
    folder, given = county
    ran(folder, given)
    (folder / "out" / "notes.txt").write_text("own")
    made = ran(folder, given, write=["usle"])
    assert {one.name for one in (folder / "out").iterdir()} == {
        ".state", "notes.txt", "usle.tif", "sums.csv", "result.json"
    }  # fmt: skip
    assert made.rasters == {"usle": "usle.tif"}


def test_a_part_that_is_damaged_is_not_taken(county):
    folder, given = county
    ran(folder, given)
    whole = bytes_of(folder / "out")
    place = folder / "out" / ".state"
    (place / "service-water" / "sums.npy").write_bytes(b"half")
    (place / "service-soil" / "part.json").write_text("{")
    (place / ".service-carbon").mkdir()
    made = ran(folder, given)
    assert ALL - {*made.reused} == {"service-water", "service-soil"}
    assert bytes_of(folder / "out") == whole and not list(place.glob(".*"))


def test_without_keeping_nothing_is_kept(county):
    folder, given = county
    assert ran(folder, given, keep=False).reused == ()
    assert {one.name for one in (folder / "out" / ".state").iterdir()} == {"lock"}
    assert ran(folder, given, keep=False).reused == ()


def test_two_runs_at_once_in_one_folder_are_refused(county):
    folder, given = county
    (folder / "out").mkdir()
    with state.State(folder / "out"), pytest.raises(state.Busy):
        ran(folder, given)


def test_every_raster_says_what_it_is_and_by_which_slope_length(county):
    folder, given = county
    ran(folder, given)
    for name in ("ls", "usle", "sed_export"):
        assert rasterio.open(folder / "out" / f"{name}.tif").tags()["SLOPE_LENGTH"] == "hj1173-2021"
    told = rasterio.open(folder / "out" / "water_retained.tif").tags()
    assert told["UNIT"] == "毫米" and "HJ 1173" in told["CITATION"] and "SLOPE_LENGTH" not in told
