"""Alarms, quality and results of the sample site in a browser: the life of an alarm, a rule changed and tried, values
reviewed, the table of sections and the ranking narrowed."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

pytestmark = pytest.mark.browser


def act(view, name, opinion="", **chosen):
    """Open the dialog of a step on the page of an alarm, fill and send it; the message tells that it is done."""
    page = view.page
    page.locator(f"main button[data-dialog={name}], .toolbar button[data-dialog={name}]").first.click()
    dialog = page.locator(f"dialog#{name}")
    if opinion:
        dialog.locator("textarea[name=opinion]").fill(opinion)
    for field, value in chosen.items():
        dialog.locator(f"[name={field}]").select_option(index=value)
    dialog.locator("button.primary, [data-submit]").first.click()
    page.locator(".messages .note").first.wait_for()
    view.settled()
    return page.locator(".messages").inner_text()


def test_the_life_of_an_alarm(tab):
    view = tab("office")
    page = view.page
    view.open("/monitoring/alarms/?state=raised")
    before = int(page.locator(".pager [data-total]").first.get_attribute("data-total"))
    page.locator("tbody a.t").first.click()
    page.locator("button[data-dialog=acknowledge]").wait_for()
    address = page.url.replace(view.site.url, "")
    assert "已确认" in act(view, "acknowledge", "已电话核实")
    assert "已指派" in act(view, "assign", "请到现场查看", unit=1)
    assert page.locator("li[aria-current=step]").inner_text().strip() == "处置"
    done = page.locator("dialog#done [data-submit]")
    page.locator("button[data-dialog=done]").click()
    assert done.is_disabled()  # what was done must be said
    page.keyboard.press("Escape")
    assert "处置情况" in act(view, "done", "已更换采样泵")
    told = page.locator("#history").inner_text()
    for said in ("触发", "确认", "已电话核实", "指派", "请到现场查看", "处置完成", "已更换采样泵"):
        assert said in told, said
    view.open("/monitoring/alarms/?state=raised")
    left = page.locator(".pager [data-total]")
    assert (int(left.first.get_attribute("data-total")) if left.count() else 0) == before - 1
    assert page.locator(f"a[href='{address}']").count() == 0
    assert view.errors == [] and view.outside == []


def test_a_rule_is_changed_without_leaving_its_form(tab):
    view = tab("office")
    page, loads = view.page, []
    view.open("/monitoring/alarms/rules/?q=臭氧")
    page.locator("tbody a.t").first.click()
    page.locator("main a.btn.primary, .toolbar a.btn.primary").filter(has_text="修改").first.click()
    page.locator("#g1-kind").wait_for()
    view.settled()
    page.on("load", lambda: loads.append(1))
    assert page.locator("#grade-1 input:visible").count() == 4  # calm, factor, limit, way back
    page.fill("#r-note", "试改")
    page.select_option("#g1-kind", "any")
    page.locator("#g1p1-value").wait_for()
    assert page.locator("#g1p1-value").input_value() == "200"
    page.select_option("#g1p2-kind", "lasting")
    page.locator("#g1p2-minutes").wait_for()
    for name, value in (("value", "160"), ("minutes", "180")):
        page.fill(f"#g1p2-{name}", value)
    assert loads == [] and page.locator("#r-note").input_value() == "试改"
    page.locator("button[name=try]").click()
    page.locator("#tried").wait_for()
    assert re.search(r"会在 \d+ 个站点产生 \d+ 起报警", page.locator("#tried").inner_text())
    assert page.locator("#g1p2-minutes").input_value() == "180"
    page.locator(".mon-bar button.primary").click()
    page.locator("#history").wait_for()
    told = page.locator("main").inner_text()
    assert "臭氧 ＞ 200" in told and "或 臭氧 ＞ 160" in told and "持续 3 小时" in told
    assert view.errors == [] and view.outside == []


def test_the_rule_form_without_javascript(tab, browser, site, states):
    context = browser.new_context(java_script_enabled=False, locale="zh-CN", storage_state=states("office"))
    page = context.new_page()
    page.goto(f"{site.url}/monitoring/alarms/rules/new/")
    page.fill("#r-zh", "无脚本规则")
    page.select_option("#g1-kind", "count")
    page.locator("#grade-1 button[name=show]").first.click()
    page.locator("#g1-among").wait_for()
    assert page.locator("#r-zh").input_value() == "无脚本规则"
    page.select_option("#g1-kind", "no_data")
    page.locator("#grade-1 button[name=show]").first.click()
    page.locator("#g1-intervals").wait_for()
    assert page.locator("#g1-among").count() == 0
    context.close()


def test_values_are_reviewed_and_the_review_taken_back(tab):
    view = tab("office")
    page = view.page
    view.open("/monitoring/?q=石桥空气站")
    number = re.search(r"/monitoring/(\d+)/", page.locator("tbody a.t").first.get_attribute("href")).group(1)
    view.open(f"/monitoring/reviews/?device={number}&factor=a34004&first={date.today() - timedelta(days=1)}T08:00")
    page.locator("#v-reason").fill("标定期间的读数")
    page.locator("#decide button.primary").click()
    row = page.locator("tbody tr").filter(has_text="标定期间的读数")
    row.first.wait_for()
    assert "无效" in row.first.inner_text()
    row.first.locator("button[data-dialog]").click()
    dialog = page.locator("dialog[open]")
    dialog.locator("textarea").fill("误判")
    dialog.locator("[data-submit]").click()
    page.locator("tbody tr").filter(has_text="标定期间的读数").filter(has_text="撤回").first.wait_for()
    assert view.errors == [] and view.outside == []


def test_sections_and_rankings_are_narrowed(tab):
    view = tab("office")
    page = view.page
    view.open("/monitoring/sections/")
    every = page.locator("tbody tr").count()
    name = page.locator("tbody a.t").first.inner_text()
    page.fill("form.filterbar [name=q]", name)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"[?&]q="))
    view.settled()
    assert 1 <= page.locator("tbody tr").count() <= every and name in page.locator("tbody").inner_text()
    view.open("/monitoring/ranking/air/")
    places = page.locator("tbody td[data-label=名次]").all_inner_texts()
    assert places and [int(one) for one in places if one != "—"] == sorted(int(one) for one in places if one != "—")
    page.locator("main a").filter(has_text="设区市").first.click()
    page.wait_for_url(re.compile("level=city"))
    assert view.errors == [] and view.outside == []


def test_a_station_on_a_phone_in_english(tab):
    """Links to packets are of one line, nothing is wider than the screen."""
    view = tab("office", width=390)
    page = view.page
    view.open("/monitoring/?q=石桥空气站")
    number = re.search(r"/monitoring/(\d+)/", page.locator("tbody a.t").first.get_attribute("href")).group(1)
    view.open(f"/monitoring/{number}/?language=en")
    links = page.locator("a.ev:visible")
    assert links.count() > 6
    assert max(links.nth(n).bounding_box()["height"] for n in range(links.count())) < 44
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert "Ozone" in page.locator(".mon-values").inner_text()
    view.open(f"/monitoring/{number}/?language=zh-hans")
