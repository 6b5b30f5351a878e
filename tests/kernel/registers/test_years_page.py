"""Closing years on pages: who may, what a closed year still holds, what changed since. Expected values by hand."""

from datetime import date

import pytest
from django.urls import reverse

from ecocloud.kernel.registers import services, year_page
from ecocloud.kernel.registers.models import YearLock

pytestmark = pytest.mark.django_db
YEARS = "/registers/type/well/years/"


@pytest.fixture
def enter(client):
    """``enter(user)``: a browser of that person."""

    def make(user):
        client.force_login(user, backend="ecocloud.kernel.regions.signin.Backend")
        return client

    return make


def page(row):
    return reverse("registers:year", args=["well", row.pk])


def close(browser, region, year=2024, note="年度定稿"):
    answer = browser.post(f"{YEARS}lock/", {"region": region.pk, "year": str(year), "note": note})
    assert answer.status_code == 302, answer.content.decode()
    return YearLock.objects.latest("pk")


def test_a_year_is_closed_kept_opened_with_a_reason_and_what_changed_is_listed(enter, place, wells, dig):
    row = dig("东井", on=date(2023, 5, 1), depth="5", department=place.units["east"])
    dig("另井", on=date(2024, 2, 1))
    browser = enter(place.office)
    assert "还没有封存的年度" in browser.get(YEARS).content.decode()
    held = close(browser, place.city)
    assert (held.rows, held.note, held.locked_by) == (2, "年度定稿", place.office)
    shown = browser.get(page(held)).content.decode()
    assert "年末的 2 个对象与封账时一致" in shown and "没有改动" in shown and held.digest in shown
    assert "registers:unlock" not in shown and "/unlock/" not in shown  # the office closes, the leader opens
    leader = enter(place.leader)
    assert "/unlock/" in leader.get(page(held)).content.decode()
    refused = leader.post(f"{page(held)}unlock/", {"reason": " "})
    assert refused.status_code == 400 and "解除封账必须写明理由" in refused.content.decode()
    leader.post(f"{page(held)}unlock/", {"reason": "审计要求更正井深"})
    services.edit(place.office, wells, row.pk, given={"depth": "6"}, on=date(2024, 6, 1), note="复测")
    services.edit(place.office, wells, row.pk, given={"cost": "1"})  # of this year: not part of 2024
    told = enter(place.office).get(page(held)).content.decode()
    assert "年末的对象与封账时不同：封账时 2 个，现在 2 个" in told
    assert "<del>5</del>" in told and "<ins>6</ins>" in told and "复测" in told and "审计要求更正井深" in told
    lines, total = year_page.change_lines(place.office, wells, YearLock.objects.get())
    assert (total, [one["row"].number for one in lines]) == (1, [2])
    listed = browser.get(YEARS).content.decode()
    assert "已解除" in listed and "审计要求更正井深" in listed


def test_objects_that_came_into_the_year_or_left_the_division_are_listed(enter, place, wells, dig):
    stays = dig("甲", on=date(2023, 1, 1), region=place.east)
    leaves = dig("乙", on=date(2023, 1, 1), region=place.town, dug_on="2024-03-01")
    held = close(enter(place.office), place.east)
    services.unlock_year(place.leader, held, reason="区划调整")
    late = dig("补登", on=date(2024, 7, 1), region=place.town)
    services.move(place.office, wells, place.town, place.west, note="文", on=None)
    names = {(one["row"].name, one["row"].number) for one in year_page.change_lines(place.office, wells, held)[0]}
    # 乙 counts for 2024 by its own year; 补登 is in force in 2024; 甲 was not touched.
    assert names == {("乙", 2), ("补登", 1)}
    assert stays.pk and leaves.pk and late.pk


def test_a_county_sees_the_closed_years_of_its_own_division_only(enter, place, wells, dig):
    dig("东井", on=date(2023, 5, 1), department=place.units["east"])
    dig("西井", on=date(2023, 5, 1), region=place.west, department=place.units["west"])
    browser = enter(place.office)
    east, west, city = (close(browser, region) for region in (place.east, place.west, place.city))
    clerk = enter(place.clerk)
    listed = clerk.get(YEARS).content.decode()
    assert page(east) in listed and page(west) not in listed and page(city) not in listed
    assert clerk.get(page(east)).status_code == 200 and clerk.get(page(west)).status_code == 404
    assert clerk.post(f"{YEARS}lock/", {"region": place.east.pk, "year": "2023"}).status_code == 403
    assert clerk.post(f"{page(east)}unlock/", {"reason": "x"}).status_code == 403
    east.refresh_from_db()
    assert east.unlocked_at is None


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"region": "990100", "year": "2999"}, "2999 年还没有结束"),
        ({"region": "990100", "year": "x"}, "请选择区划和年度"),
        ({"region": "000000", "year": "2024"}, "请选择区划和年度"),
    ],
)
def test_what_cannot_be_closed_is_said(enter, place, wells, dig, form, words):
    dig("井")
    answer = enter(place.office).post(f"{YEARS}lock/", form)
    assert answer.status_code == 400 and words in answer.content.decode() and not YearLock.objects.exists()


def test_twice_is_a_conflict(enter, place, wells, dig):
    dig("井", on=date(2023, 1, 1))
    close(enter(place.office), place.city)
    again = enter(place.office).post(f"{YEARS}lock/", {"region": place.city.pk, "year": "2024"})
    assert again.status_code == 409 and "该年度已经封账" in again.content.decode()


def test_a_large_year_is_compared_when_asked_for(enter, place, wells, dig, monkeypatch):
    dig("井", on=date(2023, 1, 1))
    held = close(enter(place.office), place.city)
    monkeypatch.setattr(year_page, "CHECKED_AT_ONCE", 0)
    assert "对象较多，未逐一核对" in enter(place.office).get(page(held)).content.decode()
    assert "与封账时一致" in enter(place.office).get(f"{page(held)}?check=1").content.decode()


def test_the_page_costs_the_same_for_few_and_many_changes(place, wells, dig, django_assert_max_num_queries, enter):
    rows = [dig(f"井{number}", on=date(2023, 1, 1), owner=f"村{number}") for number in range(12)]
    held = close(enter(place.office), place.city)
    services.unlock_year(place.leader, held, reason="更正")
    browser, counts = enter(place.office), []
    for part in (rows[:2], rows[2:]):
        for row in part:
            services.edit(place.office, wells, row.pk, given={"cost": "2"}, on=date(2024, 1, 1))
        browser.get(page(held))
        with django_assert_max_num_queries(24) as seen:
            browser.get(page(held))
        counts.append(len(seen.captured_queries))
    assert counts[0] == counts[1]  # five of the page, the others of the frame
