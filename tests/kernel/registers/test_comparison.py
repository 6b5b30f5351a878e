"""Two days of a register. What changed between them is known from how the wells of each test were made."""

import csv
import io
import json
from datetime import date, timedelta

import pytest
from django.utils import timezone

from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.registers import queries, services
from ecocloud.kernel.registers.comparison import days
from ecocloud.kernel.registers.models import RegisterObject

pytestmark = pytest.mark.django_db
PAGE = "/registers/type/well/compare/"
TODAY = timezone.localdate()
THEN, LATER = TODAY - timedelta(days=100), TODAY - timedelta(days=40)
BETWEEN = f"from={TODAY - timedelta(days=60)}&to={TODAY}"


@pytest.fixture
def enter(client):
    def make(user):
        client.force_login(user)
        return client

    return make


@pytest.fixture
def history(place, dig, wells):
    """Five wells: one stays, one is deepened and put to use, one is filled in, one is new, one is edited and back."""
    made = {
        name: dig(name, depth=10, on=THEN, region=region)
        for name, region in (("留井", place.east), ("改井", place.east), ("废井", place.west), ("回井", place.east))
    }
    user = place.office
    services.edit(user, wells, made["改井"].pk, given={"depth": 25}, on=LATER, note="加深")
    services.transition(user, wells, made["改井"].pk, "start", on=LATER)
    services.retire(user, wells, made["废井"].pk, reason="已填埋", on=LATER)
    for depth, day in ((11, LATER), (10, LATER + timedelta(days=5))):
        services.edit(user, wells, made["回井"].pk, given={"depth": depth}, on=day, note="复测")
    return made | {"新井": dig("新井", depth=5, on=LATER)}


def rows(page):
    return {row.name: (row.kind, row.changes) for row in page.context["listing"].rows}


def test_what_came_went_and_changed(enter, place, history):
    page = enter(place.office).get(f"{PAGE}?{BETWEEN}")
    assert rows(page) == {
        "新井": ("new", []),
        "废井": ("gone", []),
        "改井": ("changed", [("状态", "已登记", "使用中"), ("井深（米）", "10", "25")]),
        "回井": ("changed", []),
    }
    assert page.context["listing"].counts == {"new": 1, "gone": 1, "changed": 2}
    assert "其间改过，两日内容相同" in page.content.decode()


def test_counts_by_state_on_both_days(enter, place, history):
    listing = enter(place.office).get(f"{PAGE}?{BETWEEN}").context["listing"]
    found = {one["light"].word: (one["counts"], one["change"]) for one in listing.states}
    assert found == {"已登记": ((4, 3), -1), "使用中": ((0, 1), 1)} and listing.whole == (4, 4)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=new", {"新井"}),
        ("kind=gone", {"废井"}),
        ("kind=changed", {"改井", "回井"}),
        ("region=990103", {"废井"}),
        ("q=改", {"改井"}),
        ("q=改&kind=gone", set()),
    ],
)
def test_filters_narrow_both_days(enter, place, history, query, found):
    listing = enter(place.office).get(f"{PAGE}?{BETWEEN}&{query}").context["listing"]
    assert {row.name for row in listing.rows} == found and listing.total == len(found)
    if "q=" not in query and "kind" in query:
        assert listing.counts[query[5:]] == len(found)


def test_the_page_agrees_with_the_comparison_of_whole_registers(enter, place, wells, history):
    """``queries.compare`` reads both days whole; it leaves out what is the same again on the second day."""
    whole = {one.name: one.kind for one in queries.compare(place.office, wells, TODAY - timedelta(60), TODAY)}
    page = enter(place.office).get(f"{PAGE}?{BETWEEN}")
    assert whole == {name: kind for name, (kind, _changes) in rows(page).items() if name != "回井"}


def test_links_open_the_object_as_it_was(enter, place, history):
    client = enter(place.office)
    first = TODAY - timedelta(days=60)
    text = client.get(f"{PAGE}?{BETWEEN}&kind=changed").content.decode()
    link = f"/registers/object/{history['改井'].pk}/?on={first.isoformat()}"
    assert link in text
    lines = client.get(link).context["sections"][0].lines
    assert next(line.text for line in lines if line.label == "井深") == "10"


def test_another_county_sees_nothing_of_it(enter, place, history):
    client = enter(place.other)
    page = client.get(f"{PAGE}?{BETWEEN}")
    assert set(rows(page)) == {"废井"} and page.context["listing"].whole == (1, 0)
    text = b"".join(client.get(f"{PAGE}?{BETWEEN}&export=csv").streaming_content).decode()
    assert "废井" in text and "改井" not in text and "新井" not in text


def test_what_moves_out_of_reach_has_gone_and_is_no_link(enter, place, dig, wells):
    row = dig("迁井", on=THEN)
    services.edit(place.office, wells, row.pk, given={}, region=place.west, on=LATER)
    page = enter(place.clerk).get(f"{PAGE}?{BETWEEN}")
    assert rows(page) == {"迁井": ("gone", [])}
    assert f"/registers/object/{row.pk}/" not in page.content.decode()
    assert rows(enter(place.other).get(f"{PAGE}?{BETWEEN}")) == {"迁井": ("new", [])}
    assert rows(enter(place.office).get(f"{PAGE}?{BETWEEN}")) == {"迁井": ("changed", [("区划", "东县", "西县")])}


def test_the_file_tells_every_change_and_is_journalled(enter, place, history):
    client = enter(place.office)
    text = b"".join(client.get(f"{PAGE}?{BETWEEN}&export=csv").streaming_content).decode("utf-8-sig")
    lines = {line[1]: line for line in csv.reader(io.StringIO(text))}
    assert lines["改井"][4:6] == ["变动", "使用中"]
    assert lines["改井"][7] == "状态：已登记 → 使用中\n井深（米）：10 → 25"
    entry = json.loads(Entry.objects.get(action="web.list.export").after)
    assert (entry["rows"], entry["form"]) == (4, "csv") and "from=" in entry["filter"]


@pytest.mark.parametrize(
    ("given", "expected", "told"),
    [
        ({}, (date(2025, 12, 31), date(2026, 5, 8)), False),
        ({"from": "2026-03-01", "to": "2026-02-01"}, (date(2026, 2, 1), date(2026, 3, 1)), True),
        ({"from": "昨天"}, (date(2025, 12, 31), date(2026, 5, 8)), True),
        ({"from": "2026-01-01", "to": "2030-01-01"}, (date(2026, 1, 1), date(2026, 5, 8)), False),
    ],
)
def test_days_of_the_address(given, expected, told):
    first, second, problem = days(given, date(2026, 5, 8))
    assert (first, second) == expected and bool(problem) is told


def test_nothing_changed_says_so(enter, place, wells):
    assert "两日之间没有变化" in enter(place.office).get(PAGE).content.decode()
    assert RegisterObject.objects.count() == 0
