"""Which row of a key counts: against a plain dictionary, and case by case."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecocloud.intake.monitoring.lake import schema
from ecocloud.intake.monitoring.lake.settle import settle
from tests.intake.monitoring.lake.lake_made import MN, NOON, Made, frame

OTHER_MN = "0123456789ABCDEF01234568"


def values(rows: list[dict]) -> list[tuple]:
    return [(row["factor"], row["rtd"], row["sequence"]) for row in rows]


def test_the_same_again_is_stored_once(tmp_path):
    """S8: the first one stays, whatever its file; before and after compaction."""
    made = Made(tmp_path)
    made.put(frame("w01018-Rtd=1"), frame("w01018-Rtd=1"))
    made.take()
    made.put(frame("w01018-Rtd=1"))
    made.take()
    for _ in range(2):
        assert values(made.rows()) == values(made.rows(versions=True)) == [("w01018", 1.0, 1)]
        made.compact()
    manifest = made.store.newest()
    assert (manifest.rows, manifest.dropped, [file.kind for file in manifest.files]) == (1, 2, ["current"])


def test_a_correction_keeps_both_and_the_newer_counts(tmp_path):
    """S9; and the first value sent once more after the correction changes nothing."""
    made = Made(tmp_path)
    made.put(frame("w01018-Rtd=1"))
    made.take()
    made.compact()
    made.put(frame("w01018-Rtd=2"))
    made.take()
    made.put(frame("w01018-Rtd=1"))
    made.take()
    for _ in range(3):
        assert values(made.rows()) == [("w01018", 2.0, 2)]
        assert values(made.rows(versions=True)) == [("w01018", 1.0, 1), ("w01018", 2.0, 2)]
        made.compact()
    assert sorted(file.kind for file in made.store.newest().files) == ["current", "superseded"]
    made.put(frame("w01018-Rtd=1"))  # the file of superseded rows tells that this was there
    made.take()
    for _ in range(2):
        assert values(made.rows()) == [("w01018", 2.0, 2)]
        made.compact()
    assert (values(made.rows(versions=True)), made.store.newest().dropped) == (
        [("w01018", 1.0, 1), ("w01018", 2.0, 2)],
        2,
    )


def test_what_cannot_be_read_does_not_win(tmp_path):
    made = Made(tmp_path)
    made.put(frame("w01018-Rtd=--"), frame("w01018-Rtd=<0.01"), frame("w01018-Rtd=NaN"), frame("w21003-Rtd=--"))
    made.take()
    for _ in range(2):
        one, two = made.rows()
        assert (schema.sent_texts(one), one["sequence"], two["sequence"]) == ({"rtd": "<0.01"}, 2, 4)
        assert len(made.rows(versions=True)) == 4
        made.compact()


def test_text_and_flag_are_content(tmp_path):
    """7.1 and 7.10, flag N and D: other content; RF=1 with the same values: the same."""
    made = Made(tmp_path)
    made.put(frame("w01018-Rtd=7.1,w01018-Flag=N"), frame("w01018-Rtd=7.10,w01018-Flag=N"))
    made.put(frame("w01018-Rtd=7.10,w01018-Flag=D"), frame("w01018-Rtd=7.10,w01018-Flag=D", more="RF=1;"))
    made.take()
    assert [row["sequence"] for row in made.rows(versions=True)] == [1, 2, 3]
    assert [(row["sequence"], row["rf"]) for row in made.rows()] == [(3, False)]


def test_system_and_command_are_part_of_the_key(tmp_path):
    made = Made(tmp_path)
    made.put(frame("w01018-Rtd=1", st="32"), frame("w01018-Rtd=2", st="21"), frame("w01018-Rtd=3", cn="2072"))
    made.take()
    made.compact()
    assert [row["rtd"] for row in made.rows()] == [1.0, 2.0] and [row["rtd"] for row in made.rows("other")] == [3.0]


def test_settling_nothing():
    found = settle(schema.SCHEMA.empty_table())
    assert (found.current.num_rows, found.superseded.num_rows, found.dropped) == (0, 0, 0)


def test_order_of_settled_rows(tmp_path):
    made = Made(tmp_path)
    for at in (3, 1, 2):
        made.put(frame("w21003-Rtd=2;w01018-Rtd=1", at=NOON + timedelta(minutes=at - 4), mn=OTHER_MN))
        made.put(frame("w01018-Rtd=1", at=NOON + timedelta(minutes=at - 4)))
    made.take()
    made.compact(chunk_rows=1)
    (file,) = made.store.newest().files
    rows = pa.parquet.read_table(made.store.data / file.name).to_pylist()
    keys = [(row["mn"], row["factor"], row["time"]) for row in rows]
    assert keys == sorted(keys) and len(keys) == 9 and (file.low, file.high) == (MN, OTHER_MN)


# A step: a value arrives (device, minute of the data, value or nothing), all is taken in, compaction.
_VALUE = st.tuples(st.integers(0, 1), st.integers(0, 2), st.sampled_from(["1", "2", "2.0", "--", "<1"]))
_STEP = st.one_of(_VALUE, st.sampled_from(["take", "compact", "whole"]))
_DAYS_APART = timedelta(hours=13)  # the minutes lie in two days


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_STEP, max_size=24))
def test_any_order_of_arrivals_takes_and_compactions(steps):
    """The current rows are those of a plain dictionary: per key the first arrival of each content; of these the newest
    that can be read, else the newest.
    """
    arrived: dict[tuple, dict[str, int]] = {}
    with TemporaryDirectory() as folder:
        made = Made(Path(folder))
        for step in steps:
            if step == "take":
                made.take()
            elif isinstance(step, str):
                made.compact(whole=step == "whole", chunk_rows=2)
            else:
                device, minute, text = step
                at = NOON - minute * _DAYS_APART
                sequence = made.put(frame(f"w01018-Rtd={text}", at=at, mn=(MN, OTHER_MN)[device]))
                arrived.setdefault(((MN, OTHER_MN)[device], at), {}).setdefault(text, sequence)
        made.take()
        expected = {}
        for key, contents in arrived.items():
            ranked = sorted((text != "--", sequence, text) for text, sequence in contents.items())
            expected[key] = ranked[-1][1:]
        for _ in range(2):
            rows = made.rows()
            assert len(rows) == len(expected)
            found = {(r["mn"], r["time"]): (r["sequence"], schema.sent_texts(r)["rtd"]) for r in rows}
            assert found == expected
            versions = {(row["mn"], row["time"], row["sequence"]) for row in made.rows(versions=True)}
            assert versions == {(*key, number) for key, contents in arrived.items() for number in contents.values()}
            made.compact(whole=True, chunk_rows=3)
        manifest = made.store.newest()
        assert manifest.rows + manifest.dropped == sum(taken.rows for taken in manifest.taken.values())
        made.writer.close()
