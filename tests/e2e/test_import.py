"""The import of an office's ledger in a browser: template, upload, mapping, preview with errors, commit, error file."""

from __future__ import annotations

import io

import pytest
from openpyxl import Workbook, load_workbook

pytestmark = pytest.mark.browser


def own_ledger():
    """A ledger with the office's own headings: two good rows, an unknown unit, a wrong date."""
    book = Workbook()
    sheet = book.active
    sheet.append(["工作内容", "责任单位", "完成时限", "备注栏"])
    sheet.append(["完成禾河沿线排口整治", "市水利局", "2026-12-20", "x"])
    sheet.append(["完成古树名木挂牌保护", "市林业局", "2026-12-25", ""])
    sheet.append(["完成乡村垃圾清运", "没有这个局", "2026-12-25", ""])
    sheet.append(["完成污水管网普查", "市住建局", "二月三十日", ""])
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def heads(page):
    return page.locator("h1").count()


def cells_of(download) -> str:
    """Everything that stands in the downloaded workbook's first sheet."""
    sheet = load_workbook(io.BytesIO(download.path().read_bytes())).active
    return str([cell.value for row in sheet.iter_rows() for cell in row])


def test_from_template_to_commit(tab, tmp_path):
    view = tab("office")
    page = view.page
    view.open("/duties/")
    view.open(page.locator("main a").filter(has_text="导入").first.get_attribute("href"))
    assert heads(page) == 1
    with page.expect_download() as waiting:
        page.locator("a").filter(has_text="下载模板").click()
    assert "任务" in cells_of(waiting.value)
    given = tmp_path / "台账.xlsx"
    given.write_bytes(own_ledger())
    page.set_input_files("#file", str(given))
    page.locator("main form button.primary").first.click()
    view.settled()
    if page.locator("main select").count():
        assert heads(page) == 1
        choose(page, "工作内容", ("任务", "事项"))
        choose(page, "责任单位", ("牵头单位",))
        choose(page, "完成时限", ("期限", "完成时限"))
        page.locator("main form button.primary").first.click()
        view.settled()
    assert heads(page) == 1
    page.locator("[role=tab]").filter(has_text="错误").click()
    view.settled()
    told = page.locator("main").inner_text()
    assert "没有这个局" in told and "二月三十日" in told
    with page.expect_download() as waiting:
        page.locator("a").filter(has_text="错误原因").click()
    marked = cells_of(waiting.value)
    assert "没有这个局" in marked and "完成禾河沿线排口整治" in marked
    page.locator("[name=skip_errors]").check()
    page.locator("form[action*=commit] button").click()
    view.settled()
    assert "新增 2 行" in page.locator("main").inner_text()
    view.open("/duties/?q=排口整治")
    assert page.locator("tbody tr").filter(has_text="完成禾河沿线排口整治").count() == 1
    assert view.errors == [] and view.outside == []


def choose(page, header, titles):
    box = page.get_by_label(header, exact=True)
    options = [text.strip().rstrip("* ") for text in box.locator("option").all_inner_texts()]
    wanted = next(text for title in titles for text in options if text == title)
    box.select_option(index=options.index(wanted))
