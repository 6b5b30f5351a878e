"""What is new in the lake since somebody looked: new files, compaction, corrections, several raw journals."""

from datetime import UTC, datetime, timedelta

from ecocloud.intake.monitoring.lake import changes, schema
from ecocloud.intake.monitoring.lake.changes import Position
from tests.intake.monitoring.lake.lake_made import MN, Made, frame

AT = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def hours(*numbers, mn=MN, value=1):
    return [frame(f"w01018-Avg={value}", AT + n * HOUR, cn="2061", mn=mn) for n in numbers]


def since(lake, seen):
    found, position = changes.since(lake.store, seen, schema.INTERVAL_NAMES[:4])
    told = {
        mn: [(schema.moment(at) - AT) / HOUR for at in span] for spans in found.values() for mn, span in spans.items()
    }
    return told, Position.read(position.as_json())


def test_only_what_is_new_is_told(tmp_path):
    lake, other = Made(tmp_path), "B" * 24
    lake.clock = AT + 9 * HOUR
    lake.put(*hours(0, 1))
    lake.take()
    told, seen = since(lake, Position())
    assert told == {MN: [0, 1]}
    assert since(lake, seen)[0] == {}
    lake.put(*hours(2, mn=other), *hours(1, value=2))
    lake.take()
    told, seen = since(lake, seen)
    assert told == {other: [2, 2], MN: [1, 1]}
    lake.compact(whole=True)
    told, seen = since(lake, seen)
    assert told == {}
    lake.put(*hours(3))
    lake.take()
    lake.compact(whole=True)  # made of old rows and new ones before anybody looked
    told, seen = since(lake, seen)
    assert told == {MN: [3, 3]}
    lake.writer.close()
    second = Made(tmp_path, "gw2")  # a gateway of which nothing was known
    second.clock = AT + 9 * HOUR
    second.put(*hours(4))
    second.take()
    assert since(second, seen)[0] == {MN: [4, 4]}
    second.writer.close()


def test_intervals_that_are_not_asked_for_are_left_out(tmp_path):
    lake = Made(tmp_path)
    lake.clock = AT + 9 * HOUR
    lake.put(*hours(0))
    lake.take()
    assert changes.since(lake.store, Position(), ("rtd",))[0] == {}
    lake.writer.close()
