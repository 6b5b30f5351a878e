"""The loop on the sample site as people do it: an item from 立项 to 销号, a paper of a list, a dispatch round.

Expected words are those of the transition table; the count in the paper is the list's own ``data-total``.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from ecocloud.base.officedocs import docx_text

pytestmark = pytest.mark.browser


def do(view, label, opinion="", **fields):
    """Open the dialog of an action on an item's page, fill it and send it."""
    page = view.page
    more = page.locator("details.pop:has(button[data-dialog^='act-'])")
    opener = page.locator("button[data-dialog^='act-']").filter(has_text=re.compile(f"^\\s*{label}\\s*$"))
    if not opener.first.is_visible():
        more.first.locator("summary").click()
    code = opener.first.get_attribute("data-dialog")
    opener.first.click()
    dialog = page.locator(f"#{code}")
    assert dialog.is_visible()
    send = dialog.locator("[data-submit]")
    if opinion:
        if dialog.locator("form[data-needs-opinion]").count():
            assert send.is_disabled(), f"{label}: the button must wait for the opinion"
        dialog.locator("textarea[name=opinion]").fill(opinion)
    proof, chosen = fields.pop("files", None), dialog.locator("input[type=file][name=files]")
    if proof and chosen.count():
        chosen.set_input_files(proof)
    for name, value in fields.items():
        dialog.locator(f"[name={name}]").fill(value)
    assert send.is_enabled()
    send.click()
    view.settled()
    assert page.locator(".messages .note").filter(has_text=label).count() == 1, page.locator("main").inner_text()[:400]


def finish_nodes(view):
    """Close every open node; while one is open the item cannot be accepted."""
    page = view.page
    while page.locator("button[data-dialog^='node-']").count():
        page.locator("button[data-dialog^='node-']").first.click()
        page.locator("dialog[open] [data-submit]").click()
        view.settled()


def waiting_item(view, *states, kind=""):
    """The address of an item of the department's own unit that waits in one of ``states``; which one the list shows
    first depends on the day, since the sample site lives with the calendar. Kinds differ in their words and dialogs.
    """
    for one in states:
        view.open(f"/duties/?state={one}&kind={kind}")
        rows = view.page.locator("tbody tr").filter(has_text="市生态环境局")
        if rows.count():
            key = rows.first.locator("a.t").first.get_attribute("href")
            return f"/duties/items/{re.search(r'(?:open=|items/)([0-9]+)', key).group(1)}/"
    raise AssertionError(f"the sample site has no item in {states}")


def test_from_registration_to_close_out(tab, tmp_path):
    office, unit, leader = tab("office"), tab("department"), tab("leader")
    item = waiting_item(office, "registered", "decomposed", kind="task")
    office.open(item)
    do(office, "交办", "请按期办理")
    unit.open(item)
    do(unit, "签收")
    proof = tmp_path / "佐证材料.txt"
    proof.write_text("现场核查记录", encoding="utf-8")
    do(unit, "反馈", "已完成，报请审核", files=[str(proof)])
    assert "佐证材料.txt" in unit.page.locator("main").inner_text()
    office.open(item)
    do(office, "退回", "缺少验收意见，请补充")
    unit.open(item)
    assert "缺少验收意见" in unit.page.locator("main").inner_text()
    finish_nodes(unit)
    do(unit, "反馈", "已补充验收意见", files=[str(proof)])
    office.open(item)
    do(office, "办结", "认定完成")
    leader.open(item)
    do(leader, "销号", "同意销号")
    told = leader.page.locator("main").inner_text()
    for word in ("交办", "签收", "反馈", "退回", "办结", "销号", "缺少验收意见", "已补充验收意见"):
        assert word in told
    for one in (office, unit, leader):
        assert one.errors == [] and one.outside == []


def test_a_stale_page_is_told_what_changed(tab):
    office, unit = tab("office"), tab("department")
    item = waiting_item(office, "issued", "registered", "decomposed")
    office.open(item)
    if office.page.locator("button[data-dialog^='act-']").filter(has_text=re.compile(r"^\s*交办\s*$")).count():
        do(office, "交办", "请按期办理")
    unit.open(item)
    do(unit, "签收")
    page = office.page
    page.locator("button[data-dialog='act-transfer'], button[data-dialog='act-urge']").first.evaluate("e => e.click()")
    dialog = page.locator("dialog[open]")
    if dialog.locator("[name=lead]").count():
        dialog.locator("[name=lead]").fill("吉安市水利局")
        dialog.locator("textarea[name=opinion]").fill("调整分工")
    dialog.locator("[data-submit]").click()
    office.settled()
    assert (
        "被他人更新" in page.locator("[role=alert]").inner_text()
        and "签收" in page.locator("[role=alert]").inner_text()
    )


def test_the_circular_counts_what_the_list_counts(tab):
    office = tab("office")
    for query in ("light=red", "state=in_progress", "light=yellow&state=in_progress"):
        office.open(f"/duties/?{query}")
        total = int(office.page.locator(".pager [data-total]").first.get_attribute("data-total"))
        link = office.page.locator("a[href*='papers/circular.docx']").first
        if total == 0:
            continue
        with office.page.expect_download() as waiting:
            link.evaluate("e => e.click()")
        name = waiting.value.suggested_filename
        text = docx_text(waiting.value.path().read_bytes())
        assert name.endswith(".docx")
        assert f"督办任务共{total}项" in text.replace(" ", ""), f"{query}: {text[:200]}"
    assert office.errors == []


def test_a_dispatch_round_from_opening_to_lock(tab):
    office, unit = tab("office"), tab("department")
    today = date.today()
    office.open("/duties/rounds/new/")
    page = office.page
    page.fill("[name=title]", "专项调度")
    page.fill("[name=period]", f"{today:%Y-%m}")
    page.fill("[name=due]", (today + timedelta(days=5)).isoformat())
    page.click("main form.form button.primary")
    page.wait_for_url(re.compile(r"/duties/rounds/\d+/$"))
    url = page.url.replace(office.site.url, "")
    unit.open(f"{url}fill/")
    first = unit.page.locator(".fill-row").first
    code = first.locator("p.muted").first.inner_text().split("·")[0].strip()
    # a mistake: nothing is sent, what was typed stays
    first.locator("input[name^=progress-]").fill("130")
    first.locator("textarea[name^=text-]").fill("完成现场核查两次")
    unit.page.click("button[value=send]")
    unit.settled()
    assert "不对" in unit.page.locator("[role=alert]").inner_text()
    first = unit.page.locator(".fill-row").first
    assert first.locator("textarea[name^=text-]").input_value() == "完成现场核查两次"
    first.locator("input[name^=progress-]").fill("66.5")
    boxes = first.locator("input[name^=figure-]")
    for n in range(boxes.count()):
        boxes.nth(n).fill(f"{12 + n}")
    unit.page.click("button[value=send]")
    unit.settled()
    assert "已报送 1 项" in unit.page.locator(".messages").inner_text()
    office.open(f"{url}check/?state=submitted")
    row = page.locator("tbody tr").filter(has_text=code)
    assert row.count() == 1 and "66.5%" in row.inner_text()
    row.locator("button[data-dialog]").click()
    dialog = page.locator("dialog[open]")
    assert dialog.locator("[data-submit]").is_disabled()
    dialog.locator("textarea").fill("请写明核查结论")
    dialog.locator("[data-submit]").click()
    office.settled()
    unit.open(f"{url}fill/")
    assert "请写明核查结论" in unit.page.locator("main").inner_text()
    back = unit.page.locator(".fill-row").filter(has_text=code)
    back.locator("textarea[name^=text-]").fill("完成现场核查两次，均已整改")
    unit.page.click("button[value=send]")
    unit.settled()
    office.open(f"{url}check/?state=submitted")
    page.locator("tbody tr").filter(has_text=code).locator("button[name=accept]").click()
    office.settled()
    assert "已核 1 项" in page.locator(".messages").inner_text()
    office.open(url)
    page.locator("[data-dialog=lock-round]").click()
    page.locator("#lock-round input[name=as_is]").check()
    page.locator("#lock-round [data-submit]").click()
    office.settled()
    assert "已锁定" in page.locator(".messages").inner_text()
    unit.open(f"{url}fill/")
    assert unit.page.locator("button[value=send]").count() == 0
    assert office.errors == [] and unit.errors == []
