"""The statistics page. Every number is counted by hand from the wells made in the test."""

import csv
import io
import json
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.registers import breakdown, services
from ecocloud.kernel.registers.models import RegisterObject

pytestmark = pytest.mark.django_db
PAGE = "/registers/type/well/statistics/"


@pytest.fixture
def enter(client):
    def make(user):
        client.force_login(user)
        return client

    return make


@pytest.fixture
def four(place, dig, wells):
    """Three wells in the east (one in its township), one in the west, one of them in use."""
    dig("甲井", depth=10, use="drinking", households=3, dug_on="2020-01-01", department=place.units["east"])
    services.transition(place.office, wells, dig("乙井", depth="20.5", use="farming", dug_on="2020-02-01").pk, "start")
    dig("丙井", depth=30, region=place.town, dug_on="2021-01-01")
    dig("丁井", use="farming", region=place.west)


def made(client, query=""):
    return client.get(f"{PAGE}?{query}").context["made"]


def table(found):
    return {line.label: tuple(round(one, 1) for one in line.figures) for line in [*found.lines, found.last]}


def test_counts_and_shares_by_state(enter, place, four):
    assert table(made(enter(place.office))) == {
        "已登记": (3, Decimal("75.0")), "使用中": (1, Decimal("25.0")), "合计": (4, Decimal("100.0"))}  # fmt: skip


def test_sums_of_a_chosen_field_by_county_and_township(enter, place, four):
    client = enter(place.office)
    by_county = table(made(client, "by=county&sum=depth"))
    # 10 + 20.5 + 30 = 60.5 of 60.5 in the east; the western well has no depth
    assert by_county["东县"] == (3, 75, Decimal("60.5"), 100) and by_county["西县"] == (1, 25, 0, 0)
    by_township = table(made(client, "by=township&sum=depth"))
    assert by_township["东县东镇"] == (1, 25, 30, Decimal("49.6"))  # 30 / 60.5
    assert by_township["东县本级"][:3] == (2, 50, Decimal("30.5"))


def test_crossed_with_totals_of_both_sides(enter, place, four):
    found = made(enter(place.office), "by=f_use&by2=state")
    assert [one.label for one in found.head] == ["已登记", "使用中", "合计", "占比"]
    assert table(found) == {"灌溉": (1, 1, 2, 50), "饮用": (1, 0, 1, 25), "未填": (1, 0, 1, 25), "合计": (3, 1, 4, 100)}


def test_years_and_units_and_what_has_none(enter, place, four):
    client = enter(place.office)
    assert table(made(client, "by=year"))["2020"] == (2, 50) and table(made(client, "by=year"))["未填"] == (1, 25)
    by_unit = table(made(client, "by=department"))
    assert by_unit["未明确"] == (3, 75) and len(by_unit) == 3


def test_filters_are_those_of_the_list_and_links_lead_back_with_them(enter, place, four):
    client = enter(place.office)
    found = made(client, "by=state&f_use=farming")
    assert table(found)["合计"] == (2, 100)
    line = next(one for one in found.lines if one.label == "使用中")
    assert [row.name for row in client.get(line.url).context["listing"].rows] == ["乙井"]
    assert table(made(client, "by=state&region=990102"))["合计"] == (3, 100)


def test_retired_wells_count_only_on_request(enter, place, four, wells):
    services.retire(place.office, wells, RegisterObject.objects.get(name="丁井").pk, reason="已填埋")
    client = enter(place.office)
    assert table(made(client))["合计"] == (3, 100)
    assert table(made(client, "retired=1"))["已注销"] == (1, 25)


def test_roll_up_and_objects_say_the_same(enter, place, four):
    client = enter(place.office)
    for by in ("state", "county", "township", "department", "year"):
        rolled = table(made(client, f"by={by}&sum=depth"))
        counted = table(made(client, f"by={by}&sum=depth&q=井"))  # every name holds it, but only objects have names
        assert rolled == counted, by


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_file_holds_the_table_and_is_journalled(enter, place, four, form):
    client = enter(place.office)
    query = "by=county&sum=depth&state=found"
    found = made(client, query)
    content = b"".join(client.get(f"{PAGE}?{query}&export={form}").streaming_content)
    entry = json.loads(Entry.objects.get(action="web.list.export").after)
    assert (entry["form"], entry["rows"]) == (form, len(found.lines) + 1)
    if form == "csv":
        lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        assert lines[0] == ["县（市、区）", "个数（个）", "占比（%）", "井深合计（米）", "合计占比（%）"]
        assert lines[1][:4] == ["东县", "2", "66.7", "40.00"] and lines[-1][:2] == ["合计", "3"]
    else:
        assert content.startswith(b"PK")


def test_a_person_of_another_county_sees_nothing_of_it(enter, place, four):
    client = enter(place.other)
    assert table(made(client, "by=county")) == {"西县": (1, 100), "合计": (1, 100)}
    text = b"".join(client.get(f"{PAGE}?by=county&export=csv").streaming_content).decode()
    assert "西县" in text and "东县" not in text


def test_unknown_dimensions_fall_back_and_an_empty_register_says_so(enter, place, wells):
    page = enter(place.office).get(f"{PAGE}?by=nothing&by2=state&sum=owner")
    assert page.status_code == 200 and "没有可统计的对象" in page.content.decode()


def test_many_groups_are_put_together_and_the_cost_stays(enter, place, dig):
    client = enter(place.office)
    dig("零号井", dug_on="1950-01-01")
    client.get(f"{PAGE}?by=state&by2=year")
    with CaptureQueriesContext(connection) as few:
        client.get(f"{PAGE}?by=state&by2=year")
    for number in range(1, 14):
        dig(f"{number}号井", dug_on=f"{1950 + number}-01-01")
    client.get(f"{PAGE}?by=state&by2=year")
    with CaptureQueriesContext(connection) as many:
        found = client.get(f"{PAGE}?by=state&by2=year").context["made"]
    assert [one.label for one in found.head][-3:] == ["其余 6 组", "合计", "占比"]  # 14 years, 8 columns of their own
    assert found.lines[0].figures == (1, 1, 1, 1, 1, 1, 1, 1, 6, 14, 100)
    assert len(few) == len(many)


@pytest.mark.parametrize(
    ("by", "known", "drawn"),
    [
        (["county"], ["990102", "990103"], "990100"),
        (["county"], ["990102", "990203"], ""),  # of two cities
        (["county"], ["990102", "990100"], "990100"),  # objects of the city itself
        (["city"], ["360100", "361100"], "360000"),
        (["city"], ["360100", "440100"], ""),
        (["township"], ["990102001"], ""),
        (["county", "state"], ["990102"], ""),
        (["city"], [], ""),
    ],
)
def test_which_division_a_table_is_the_map_of(by, known, drawn):
    assert breakdown.drawn_division(by, known) == drawn
