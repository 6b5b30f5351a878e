"""The generated pages: what they show, to whom, and what they refuse.

Expected words come from the definition of the well in ``conftest.py``, numbers are counted by hand from the objects
made in each test.
"""

import csv
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from ecocloud.kernel.registers import services, showing
from ecocloud.kernel.registers.models import Attachment, ObjectInspection, RegisterObject

pytestmark = pytest.mark.django_db
LIST = "/registers/type/well/"


@pytest.fixture
def enter(client):
    """``enter(user)``: a client signed in as this person."""

    def make(user):
        client.force_login(user)
        return client

    return make


def words(response):
    return response.content.decode()


def at(row, name="object"):
    return reverse(f"registers:{name}", args=[row.pk])


def test_registers_with_counts_by_state(enter, place, dig, wells):
    dig("一号井")
    services.transition(place.office, wells, dig("二号井").pk, "start")
    page = enter(place.office).get("/registers/")
    states = page.context["groups"]
    card = next(card for _, cards in states for card in cards)
    assert [(one["code"], one["count"]) for one in card["states"]] == [("found", 1), ("in_use", 1), ("sealed", 0)]
    assert card["total"] == 2 and "水源井" in words(page)


def test_without_registers_the_page_says_how_to_load_a_pack(enter, place):
    assert "ecocloud packs load" in words(enter(place.office).get("/registers/"))


def test_list_shows_columns_and_reach(enter, place, dig):
    dig("东井", depth="35.5", use="drinking", households=3)
    dig("西井", region=place.west)
    assert enter(place.office).get(LIST).context["listing"].total == 2
    page = enter(place.clerk).get(LIST)
    assert page.context["listing"].total == 1
    assert "东井" in words(page) and "西井" not in words(page)
    assert "井深（米）" in words(page) and "35.5" in words(page) and "饮用" in words(page) and "已登记" in words(page)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=深", {"深井"}),
        ("q=SYJ990102", {"深井", "浅井"}),
        ("f_depth_from=50", {"深井"}),
        ("f_depth_to=50", {"浅井"}),
        ("f_use=farming", {"浅井"}),
        ("f_metered=true", {"深井"}),
        ("f_dug_on_from=2020-01-01", {"深井"}),
        ("region=990103", {"西井"}),
        ("region=990100", {"深井", "浅井", "西井"}),
        ("year=2021", {"深井"}),
        ("state=in_use", {"浅井"}),
        ("sort=-f_x", {"深井", "浅井", "西井"}),
    ],
)
def test_filters(enter, place, dig, wells, query, found):
    dig("深井", depth=80, metered="是", dug_on="2021-02-03")
    shallow = dig("浅井", depth=12, use="farming", dug_on="2019-02-03")
    dig("西井", region=place.west)
    services.transition(place.office, wells, shallow.pk, "start")
    listing = enter(place.office).get(f"{LIST}?{query}").context["listing"]
    assert {row.name for row in listing.rows} == found
    assert listing.total == len(found)


def test_what_is_no_number_is_said_and_ignored(enter, place, dig):
    dig("一号井", depth=5)
    page = enter(place.office).get(f"{LIST}?f_depth_from=很深")
    assert page.context["listing"].total == 1 and "“很深”不是数字" in words(page)


def test_retired_objects_only_on_request_and_totals_follow(enter, place, dig, wells):
    dig("留井")
    services.retire(place.office, wells, dig("废井").pk, reason="已填埋")
    client = enter(place.office)
    assert [row.name for row in client.get(LIST).context["listing"].rows] == ["留井"]
    assert client.get(f"{LIST}?retired=1").context["listing"].total == 2


def test_export_holds_what_the_person_sees(enter, place, dig):
    dig("东井", depth="35.5", use="drinking", households=3)
    dig("西井", region=place.west)
    content = b"".join(enter(place.clerk).get(f"{LIST}?export=csv").streaming_content).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(content)))
    assert lines[0] == ["编码", "名称", "权属人", "井深（米）", "用途", "状态"]
    assert [line[1:] for line in lines[1:]] == [["东井", "东井", "35.5", "饮用", "已登记"]]


def test_object_page_shows_sections_units_and_computed_values(enter, place, dig):
    row = dig("一号井", depth=10, diameter=300, use="farming", keeper="", geometry=[115.1, 27.1], remark="靠近祠堂")
    page = enter(place.office).get(at(row))
    sections = page.context["sections"]
    assert [one.title for one in sections] == ["基本情况", "使用情况"]
    base = {line.label: (line.text, line.unit) for line in sections[0].lines}
    assert base["井深"] == ("10", "米") and base["井筒容积"] == ("0.9", "立方米")  # 10 m * 0.3 m * 0.3 m
    assert "供水户数" not in {line.label for line in sections[1].lines}  # only for drinking water
    assert "115.10000" in words(page) and "靠近祠堂" in words(page)


def test_the_row_of_steps_tells_only_what_was_and_will_be(enter, place, dig, wells):
    row = dig("东井")
    client = enter(place.office)

    def steps(address):
        return [(one["label"], one["mark"]) for one in client.get(address).context["steps_row"]]

    assert steps(at(row)) == [("已登记", "now"), ("使用中", "")]
    services.transition(place.office, wells, row.pk, "start")
    assert steps(at(row)) == [("已登记", "done"), ("使用中", "now")]  # not sealed: that is no part of its way


def test_as_it_was_on_a_day(enter, place, dig, wells):
    day = timezone.localdate().replace(day=1)
    row = dig("一号井", depth=10, on=day.replace(year=day.year - 1))
    services.edit(place.office, wells, row.pk, given={"depth": 25}, on=day, note="复测")
    client = enter(place.office)
    now, then = client.get(at(row)), client.get(f"{at(row)}?on={day.replace(year=day.year - 1)}")
    assert [entry["changes"] for entry in now.context["entries"]] == [[("井深（米）", "10", "25")], []]
    assert next(line.text for line in then.context["sections"][0].lines if line.label == "井深") == "10"
    assert then.context["steps"] == [] and not then.context["may_edit"]
    assert client.get(f"{at(row)}?on=1999-01-01").context["missing"]


def test_guards_say_why_and_steps_are_taken(enter, place, dig, photo, wells):
    row = dig("一号井")
    client = enter(place.office)
    page = client.get(at(row))
    assert [one.action for one in page.context["steps"]] == ["start"]
    assert [one.action for one in page.context["blocked"]] == ["seal"]
    assert "封井须有封填检查合格的记录和照片" in words(page)
    refused = client.post(at(row, "step"), {"action": "seal", "version": 1, "opinion": "水源改换"})
    assert refused.status_code == 409 and "水源改换" in words(refused)
    assert RegisterObject.objects.get(pk=row.pk).state == "found"
    client.post(at(row, "inspect"), {"kind": "sealing", "item-filled": "1", "item-level": "3.5"})
    services.attach(place.office, wells, "photo", [(row.pk, photo())])
    assert ObjectInspection.objects.get().passed
    done = client.post(at(row, "step"), {"action": "seal", "version": 1, "opinion": "水源改换"}, follow=True)
    assert done.status_code == 200 and RegisterObject.objects.get(pk=row.pk).state == "sealed"
    stale = client.post(at(row, "step"), {"action": "start", "version": 1})
    assert stale.status_code == 409


def test_files_are_for_those_who_see_the_object(enter, place, dig, photo, wells):
    row = dig("一号井")
    made = services.attach(place.office, wells, "photo", [(row.pk, photo())])[0]
    address = reverse("registers:file", args=[made.pk])
    assert enter(place.clerk).get(address).status_code == 200
    assert enter(place.other).get(address).status_code == 404
    assert Attachment.objects.count() == 1


@pytest.mark.parametrize("name", ["object", "step", "inspect", "attach"])
def test_objects_outside_the_reach_do_not_exist(enter, place, dig, name):
    row = dig("东井")
    client = enter(place.other)
    ask = client.get if name == "object" else client.post
    assert ask(at(row, name)).status_code == 404


def test_a_reader_sees_and_does_nothing(enter, place, dig):
    row = dig("一号井")
    page = enter(place.reader).get(at(row))
    assert page.status_code == 200 and page.context["steps"] == [] and page.context["checks"] == []
    assert enter(place.reader).post(at(row, "step"), {"action": "start"}).status_code == 403


def test_retiring_needs_a_reason(enter, place, dig):
    row = dig("一号井")
    client = enter(place.office)
    assert client.post(at(row, "retire"), {"opinion": " "}).status_code >= 400
    client.post(at(row, "retire"), {"opinion": "已填埋", "version": 1})
    assert RegisterObject.objects.get(pk=row.pk).state == "retired"
    assert LIST and client.get(at(row)).context["may_edit"] is False


def test_in_english(enter, place, dig):
    row = dig("一号井", depth=10)
    client = enter(place.office)
    client.cookies["eco_language"] = "en"
    page = words(client.get(at(row)))
    assert "Depth" in page and "Registered" in page and "Basics" in page


def test_a_reference_has_the_name_of_its_object_for_those_who_see_it(enter, place, dig, wells):
    twin = dig("双井")
    row, ref = dig("新井", twin=f"obj:{twin.pk}"), f"obj:{twin.pk}"
    field = wells.definition.by_code["twin"]
    for viewer, shown in ((place.office, "双井"), (place.clerk, "双井"), (place.other, ref)):
        names = showing.Names.of([field], [{"twin": ref}, {}], viewer)
        assert showing.words(wells, field, ref, names) == shown
    assert "<span>双井</span>" in words(enter(place.office).get(at(row)))


def test_a_list_asks_indexes_for_keys_and_the_reach_for_texts(place, wells, dig):
    """The keys of a page are codes, which stand in every index; a text is looked for among what the person sees."""
    from django.http import QueryDict

    from ecocloud.kernel.registers import lists

    mine = dig("东井", department=place.units["east"], depth=4)
    dig("西井", department=place.units["west"], depth=4)
    for who, found in ((place.office, ["东井", "西井"]), (place.clerk, ["东井"])):
        for query in ("q=井", "f_depth_from=4", "q=井&f_depth_from=4", "q=井&state=built", ""):
            listing = lists.ObjectListing(QueryDict(query), who, wells)
            assert [row.name for row in listing.rows] == found, (who.username, query)
            assert listing.total == len(found)
    assert listing.page_keys == [mine.code]
    keys = str(listing.ordered().values_list(listing.key_column, flat=True).query)
    assert '"id"' not in keys and keys.endswith("ORDER BY 1 ASC")


def test_a_wide_filter_is_counted_up_to_a_limit(place, wells, dig, monkeypatch):
    """Beyond the limit the list says so instead of a number; pages, order and buttons stay right."""
    from django.http import QueryDict

    from ecocloud.kernel.registers import lists

    for number in range(12):
        row = dig(f"井{number:02d}", depth=number, owner=f"户{number}")
        if number % 3 == 0:
            services.transition(place.office, wells, row.pk, "start")

    def listing(query):
        return lists.ObjectListing(QueryDict(query), place.office, wells)

    exact = listing("f_depth_from=2&per=10&page=1")
    assert (exact.total, exact.beyond, len(exact.rows), exact.pages) == (10, False, 10, 1)
    monkeypatch.setattr(lists, "MOST_COUNTED", 7)
    wide = listing("f_depth_from=2&per=10")
    assert (wide.total, wide.beyond, [row.name for row in wide.rows]) == (
        7, True, [f"井{number:02d}" for number in range(2, 9)])  # fmt: skip
    narrow = listing("f_depth_from=2&state=in_use")
    assert (narrow.total, narrow.beyond, [row.name for row in narrow.rows]) == (3, False, ["井03", "井06", "井09"])
    assert len(list(wide.all_rows())) == 10
    assert listing("state=in_use").total == 4 and not listing("").beyond
