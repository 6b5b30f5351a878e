"""The sample year reads like a year: what follows from what lies in the right order."""

import re
import sqlite3
from contextlib import closing
from itertools import pairwise

import pytest

from ecocloud.kernel.duties import sample

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


def test_the_batch_counts_what_its_items_are(ask):
    """The roll-up's rows are compared with the items themselves and with the number of problems in ``sample.yaml``."""
    [(batch, name)] = ask("SELECT id, name FROM duties_itembatch")
    items = dict(ask(f"SELECT state, count(*) FROM duties_workitem WHERE batch_id = {batch} GROUP BY state"))
    rows = ask(f"SELECT state, sum(count) FROM duties_itemcount WHERE role = 'b{batch}' GROUP BY state")
    assert {state: n for state, n in rows if n} == items
    assert sum(items.values()) == len(sample.facts().problems)
    late = ask(f"SELECT count(*) FROM duties_workitem WHERE batch_id = {batch} AND due < date('now') "
               "AND closed_at IS NULL")  # fmt: skip
    assert late[0][0] == sum(one.due < 0 and one.course == "late" for one in sample.facts().problems) > 0
    assert {"published", "check_township", "check_county", "check_city", "closed_out", "suspended"} <= set(items)
    assert ask("SELECT count(*) FROM duties_objection WHERE answer IS NULL")[0][0] == 1
    kinds = dict(ask("SELECT kind, count(*) FROM duties_workitem GROUP BY kind"))
    own = [one.kind for one in sample.facts().others]
    assert all(kinds[kind] >= own.count(kind) for kind in own)
    assert own.count("case") == 5 and name


def test_steps_of_the_loop_lie_in_the_past_and_in_order(ask):
    found = ask("SELECT item_id, at FROM duties_itemevent e JOIN duties_workitem i ON i.id = e.item_id "
                "WHERE i.batch_id IS NOT NULL OR i.kind IN ('letter', 'decision', 'referral') "
                "ORDER BY item_id, e.id")  # fmt: skip
    assert len(found) > 100
    assert [pair for pair in pairwise(found) if pair[0][0] == pair[1][0] and pair[0][1] > pair[1][1]] == []
    assert ask("SELECT count(*) FROM duties_itemevent WHERE at > datetime('now', '+1 minute')")[0][0] == 0


def test_pages_show_the_batch_a_problem_and_the_rates(tab, ask):
    office = tab("office")
    [(batch, name)] = ask("SELECT id, name FROM duties_itembatch")
    [(item, title)] = ask("SELECT i.id, i.title FROM duties_workitem i JOIN duties_objection o ON o.item_id = i.id")
    total = len(sample.facts().problems)
    office.open("/duties/batches/")
    row = office.page.locator("tbody tr").filter(has_text=name)
    assert row.locator("[data-label=总数]").inner_text().strip() == str(total)
    office.open(f"/duties/batches/{batch}/")
    numbers = office.page.locator("tbody td[data-label=总数]").all_inner_texts()
    assert sum(int(one) for one in numbers) == total
    office.open(f"/duties/items/{item}/")
    told = office.page.locator("main").inner_text()
    assert title in told and "夜间仍能闻到气味" in told
    office.open("/duties/statistics/?kind=problem")
    [(problems,)] = ask("SELECT count(*) FROM duties_workitem WHERE kind = 'problem'")
    for section in office.page.locator("section:has(table.cards)").all():
        cells = section.locator("td[data-label=总数]").all_inner_texts()
        assert sum(int(one) for one in cells) == problems
    assert office.errors == [] and office.outside == []
