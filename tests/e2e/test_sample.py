"""The sample year reads like a year: what follows from what lies in the right order."""

import re
import sqlite3
from contextlib import closing
from itertools import pairwise

import pytest

pytestmark = pytest.mark.browser  # with the other tests of the served sample site


@pytest.fixture
def ask(site):
    """``ask(sql)``: rows of the sample site's database, read only."""
    with closing(sqlite3.connect(f"file:{site.home / 'ecocloud.sqlite3'}?mode=ro", uri=True)) as base:
        yield lambda sql: base.execute(sql).fetchall()


def test_no_unit_reports_less_than_it_reported_before(ask):
    told: dict[int, list[int]] = {}
    for item, detail in ask("SELECT item_id, detail FROM duties_itemevent WHERE action = 'progress' ORDER BY at, id"):
        if percent := re.search(r"进度 (\d+)%", detail):  # a report may say how it goes without a number
            told.setdefault(item, []).append(int(percent.group(1)))
    assert len(told) > 20
    assert {item: said for item, said in told.items() if any(a > b for a, b in pairwise(said))} == {}


def test_instructions_are_answered_after_they_were_written_and_differ(ask):
    rows = ask("SELECT date(at), due, date(replied_at), text FROM duties_instruction")
    assert len(rows) >= 3 and len({text for *_days, text in rows}) >= 2
    assert [row for row in rows if row[1] < row[0] or (row[2] and row[2] < row[0])] == []
