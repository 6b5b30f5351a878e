"""The same change of many objects: previewed, good rows written, the others named. Expected values by hand."""

import json
import re

import pytest
from django.urls import reverse

from ecocloud.base import jobs
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.registers import services, views_bulk
from ecocloud.kernel.registers.errors import Duplicate, Stale, StepRefused, ValuesRefused, YearLocked
from ecocloud.kernel.registers.models import ObjectVersion, RegisterObject

pytestmark = pytest.mark.django_db
BULK = "/registers/type/well/bulk/"


@pytest.fixture
def enter(client):
    """``enter(user)``: a browser of that person."""

    def make(user):
        client.force_login(user, backend="ecocloud.kernel.regions.signin.Backend")
        return client

    return make


def hidden(page):
    return re.search(r'name="rows" value="([^"]*)"', page.content.decode())[1]


def stamp(page):
    return re.search(r'name="write" value="([^"]*)"', page.content.decode())[1]


# -- service -----------------------------------------------------------------------------------------------------------


def test_a_preview_says_what_the_change_would_do_and_writes_nothing(place, wells, dig):
    good = dig("甲", depth="3")
    bad = dig("乙", dug_on="2020-01-01")
    same = dig("丙", cost="2", permit_until="2019-01-01")
    keys = [good.pk, bad.pk, same.pk]
    before = (ObjectVersion.objects.count(), Entry.objects.count())
    trials = services.preview_bulk(place.office, wells, keys, {"permit_until": "2019-01-01", "cost": "2"})
    assert [(one.row.name, one.changes, type(one.refused)) for one in trials] == [
        ("甲", True, type(None)), ("乙", False, ValuesRefused), ("丙", False, type(None))]  # fmt: skip
    assert (trials[0].before, trials[0].after) == (
        {"cost": None, "permit_until": None}, {"cost": "2", "permit_until": "2019-01-01"})  # fmt: skip
    assert (ObjectVersion.objects.count(), Entry.objects.count()) == before
    result = services.bulk_edit(place.office, wells, keys, {"permit_until": "2019-01-01", "cost": "2"}, note="统一")
    assert result.done == [good.pk] and set(result.refused) == {bad.pk}
    entry = Entry.objects.get(action="registers.object.edit")
    assert (json.loads(entry.after), entry.note) == (trials[0].after, "统一")


def test_a_person_changes_only_what_lies_in_the_own_reach(place, wells, dig):
    ours = dig("东", department=place.units["east"])
    theirs = dig("西", region=place.west, department=place.units["west"])
    assert [one.row.pk for one in services.preview_bulk(place.clerk, wells, [ours.pk, theirs.pk], {"cost": "1"})] == [
        ours.pk
    ]
    result = services.bulk_edit(place.clerk, wells, [ours.pk, theirs.pk], {"cost": "1"})
    assert result.done == [ours.pk] and result.refused[theirs.pk].http_status == 403
    given_away = services.bulk_edit(place.clerk, wells, [ours.pk], {}, department=place.units["west"])
    assert given_away.done == [] and given_away.refused[ours.pk].http_status == 403


def test_what_changed_since_the_preview_is_stale(place, wells, dig):
    first, second = dig("甲"), dig("乙")
    services.edit(place.office, wells, first.pk, given={"depth": "1"})
    seen = {first.pk: 1, second.pk: 1}
    result = services.bulk_edit(place.office, wells, list(seen), {"cost": "9"}, versions=seen)
    assert result.done == [second.pk] and isinstance(result.refused[first.pk], Stale)


def test_retired_objects_closed_years_and_repeated_keys_are_refused_one_by_one(place, wells, dig):
    gone, closed = dig("甲"), dig("乙", dug_on="2020-05-01")
    first, second = dig("丙", dug_on="2021-05-01"), dig("丁", dug_on="2021-05-01")
    held = dig("戊", owner="同", dug_on="2022-05-01")
    services.retire(place.office, wells, gone.pk, reason="填埋")
    services.lock_year(place.office, wells, place.city, 2020)
    keys = [gone.pk, closed.pk, first.pk, second.pk]
    result = services.bulk_edit(place.office, wells, keys, {"owner": "一家"})
    assert {pk: type(error) for pk, error in result.refused.items()} == {
        gone.pk: StepRefused, closed.pk: YearLocked, second.pk: Duplicate}  # fmt: skip
    assert result.done == [first.pk] and result.refused[second.pk].value == first.code
    clash = services.bulk_edit(place.office, wells, [second.pk], {"owner": "同", "dug_on": "2022-05-01"})
    assert clash.done == [] and clash.refused[second.pk].value == held.code


def test_references_that_lead_nowhere_are_named(place, wells, dig):
    row, twin = dig("甲"), dig("乙")
    nowhere = services.bulk_edit(place.office, wells, [row.pk, twin.pk], {"twin": "obj:999999"})
    assert set(nowhere.refused) == {row.pk, twin.pk}
    assert services.bulk_edit(place.office, wells, [row.pk], {"twin": f"obj:{twin.pk}"}).done == [row.pk]


def test_a_preview_costs_the_same_for_five_and_fifty(place, wells, dig, django_assert_max_num_queries):
    keys = [dig(f"井{number}").pk for number in range(5)]
    place.office._scope_memo = {}
    with django_assert_max_num_queries(12) as few:
        services.preview_bulk(place.office, wells, keys, {"cost": "1", "keeper": place.units["east"].code})
    keys += [dig(f"另{number}").pk for number in range(45)]
    place.office._scope_memo = {}
    with django_assert_max_num_queries(12) as many:
        assert len(services.preview_bulk(place.office, wells, keys, {"cost": "1", "keeper": "no-unit"})) == 50
    assert len(few.captured_queries) == len(many.captured_queries)


# -- pages -------------------------------------------------------------------------------------------------------------


def test_ticked_objects_are_previewed_then_written(enter, place, wells, dig):
    first, second, third = (dig(name, department=place.units["east"]) for name in ("甲井", "乙井", "丙井"))
    services.edit(place.office, wells, second.pk, given={"dug_on": "2022-01-01"})
    browser = enter(place.clerk)
    listed = browser.get("/registers/type/well/?state=found").content.decode()
    assert f'form="bulk" name="pk" value="{first.pk}"' in listed and 'name="state" value="found"' in listed
    page = browser.get(f"{BULK}?pk={first.pk}&pk={second.pk}")
    assert hidden(page) == f"{first.pk}:1,{second.pk}:2" and "丙井" not in page.content.decode()
    form = {"rows": hidden(page), "set": ["permit_until", "cost"], "v_permit_until": "2021-01-01", "v_cost": "7",
            "note": "统一许可"}  # fmt: skip
    shown = browser.post(BULK, form)
    text = shown.content.decode()
    assert "将修改 <b>1</b> 个" in text and "不能修改 <b>1</b> 个" in text and "许可到期日不能早于成井日期" in text
    assert RegisterObject.objects.filter(version=1).count() == 2  # nothing was written
    done = browser.post(BULK, form | {"write": stamp(shown)}).content.decode()
    assert "已修改 <b>1</b> 个" in done and "乙井" in done and "许可到期日不能早于成井日期" in done
    first.refresh_from_db()
    third.refresh_from_db()
    assert (first.body["cost"], first.body["permit_until"], third.version) == ("7", "2021-01-01", 1)


def test_without_ticks_all_that_the_filters_leave(enter, place, wells, dig):
    one, other = dig("甲井", use="farming"), dig("乙井", use="drinking", households=3)
    page = enter(place.office).get(f"{BULK}?f_use=farming")
    assert hidden(page) == f"{one.pk}:1" and str(other.pk) not in hidden(page)
    whole = enter(place.office).get(BULK)
    assert hidden(whole) == f"{one.pk}:1,{other.pk}:1"


def test_only_what_was_previewed_is_written(enter, place, wells, dig):
    row = dig("甲井")
    browser = enter(place.office)
    form = {"rows": f"{row.pk}:1", "set": ["cost"], "v_cost": "7"}
    shown = browser.post(BULK, form)
    other = browser.post(BULK, form | {"v_cost": "8", "write": stamp(shown)})
    row.refresh_from_db()
    assert row.version == 1 and "<ins>8</ins>" in other.content.decode()
    answer = browser.post(BULK, form | {"v_cost": "8", "write": stamp(other)})
    row.refresh_from_db()
    assert answer.status_code == 302 and row.body["cost"] == "8"


def test_the_department_and_clearing_a_field(enter, place, wells, dig):
    row = dig("甲井", cost="5")
    browser = enter(place.office)
    form = {"rows": f"{row.pk}:1", "set": ["department", "cost"], "department": "东县生态环境局", "v_cost": ""}
    shown = browser.post(BULK, form)
    text = shown.content.decode()
    assert "<ins>东县生态环境局</ins>" in text and "<del>5</del>" in text
    browser.post(BULK, form | {"write": stamp(shown)})
    row.refresh_from_db()
    assert row.department == place.units["east"] and "cost" not in row.body


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({}, "请勾选要修改的项目"),
        ({"set": "cost", "v_cost": "dear"}, "不是数字"),
        ({"set": "department", "department": "没有的局"}, "没有“没有的局”这个单位"),
    ],
)
def test_what_cannot_be_previewed_is_said_and_kept(enter, place, wells, dig, form, words):
    row = dig("甲井")
    page = enter(place.office).post(BULK, {"rows": f"{row.pk}:1", **form})
    assert words in page.content.decode()
    assert hidden(page) == f"{row.pk}:1"
    row.refresh_from_db()
    assert row.version == 1


@pytest.mark.parametrize("rows", ["x", "1:2:3", "99999999999999999999:1", "1"])
def test_a_forged_choice_is_not_found(enter, place, wells, rows):
    assert enter(place.office).post(BULK, {"rows": rows, "set": "cost"}).status_code == 404


def test_too_many_and_none_say_what_to_do(enter, place, wells, dig, monkeypatch):
    assert "没有可修改的对象" in enter(place.office).get(BULK).content.decode()
    for name in ("甲", "乙", "丙"):
        dig(name, cost=1)
    monkeypatch.setattr("ecocloud.kernel.registers.lists.MOST_COUNTED", 1)
    assert hidden(enter(place.office).get(f"{BULK}?f_cost_to=9999999")).count(":") == 3  # more than the list counts
    monkeypatch.setattr("ecocloud.kernel.registers.services.bulk.MOST", 2)
    for query in ("", "?f_cost_to=9999999"):
        page = enter(place.office).get(f"{BULK}{query}").content.decode()
        assert "当前条件下有 3 个对象" in page and "一次最多修改 2 个" in page


def test_many_are_written_by_a_job_with_progress_whose_result_only_the_person_sees(
    enter, place, wells, dig, monkeypatch, client
):
    monkeypatch.setattr(views_bulk, "AT_ONCE", 2)
    monkeypatch.setattr("ecocloud.kernel.registers.bulk_jobs.CHUNK", 2)
    rows = [dig(f"井{number}", department=place.units["east"]) for number in range(5)]
    services.edit(place.office, wells, rows[3].pk, given={"dug_on": "2030-01-01"})
    browser = enter(place.clerk)
    form = {"rows": hidden(browser.get(BULK)), "set": ["permit_until"], "v_permit_until": "2026-01-01"}
    shown = browser.post(BULK, form)
    services.edit(place.office, wells, rows[0].pk, given={"cost": "1"})  # somebody else, after the preview
    started = browser.post(BULK, form | {"write": stamp(shown)})
    assert started.status_code == 302 and "/jobs/" in started["Location"]
    assert RegisterObject.objects.filter(body__has_key="permit_until").count() == 0
    jobs.drain()
    assert "/registers/bulk/" in browser.get(started["Location"]).content.decode()
    pk = int(started["Location"].strip("/").rpartition("/")[2])
    result = browser.get(reverse("registers:bulk-result", args=[pk])).content.decode()
    assert "已修改 <b>3</b> 个" in result and "没有修改 <b>2</b> 个" in result
    assert "对象在预览之后已被他人修改" in result and "许可到期日不能早于成井日期" in result
    assert {row.name for row in RegisterObject.objects.filter(body__has_key="permit_until")} == {"井1", "井2", "井4"}
    assert enter(place.office).get(reverse("registers:bulk-result", args=[pk])).status_code == 404
    assert len({entry.tx for entry in Entry.objects.filter(actor_id=f"user:{place.clerk.pk}")}) >= 3


def test_a_reader_changes_nothing(enter, place, wells, dig):
    row = dig("甲井")
    browser = enter(place.reader)
    assert browser.get(BULK).status_code == 403 and browser.post(BULK, {"rows": f"{row.pk}:1"}).status_code == 403
    assert 'form="bulk"' not in browser.get("/registers/type/well/").content.decode()
