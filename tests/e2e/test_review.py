"""The review by keyboard alone, at a desk and on a phone, on a document of this test's own."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

TEXT = """样例市2026年河湖管护工作要点（键盘）

一、重点任务

1.整治入河排污口。2026年11月底前完成{n}个入河排污口整治。（市生态环境局牵头，市水利局配合）
2.推进河道清淤。2026年12月20日前完成河道清淤46公里。（市水利局牵头）
3.办好主题宣传。开展宣传活动不少于10场次。
4.加强水质监测。每月开展水质监测。（市生态环境局牵头）
"""


def bring(view, number):
    """Bring the document in through the page; its review opens."""
    view.open("/documents/upload/")
    data = TEXT.format(n=number).encode()
    view.page.set_input_files(
        "input[type=file]", {"name": f"要点{number}.txt", "mimeType": "text/plain", "buffer": data}
    )
    view.page.locator("main form button.primary").click()
    view.page.wait_for_url("**/review/*")
    view.settled()


class Desk:
    """The review as the keyboard meets it."""

    def __init__(self, view):
        self.view, self.page = view, view.page
        self.loads = 0
        self.page.on("load", lambda: setattr(self, "loads", self.loads + 1))

    def swapped(self, act):
        """Do something that asks the server and wait until its answer stands in the place of the old page."""
        self.page.locator("#main").evaluate("main => main.setAttribute('data-old', '')")
        act()
        self.page.locator("#main:not([data-old])").wait_for(state="attached")
        self.page.locator(".htmx-swapping, .htmx-settling").wait_for(state="detached")

    def press(self, key):
        """Press a key that asks the server."""
        self.swapped(lambda: self.page.keyboard.press(key))

    @property
    def title(self):
        return self.page.locator(".rec.cur .ttl").inner_text()

    @property
    def confirmed(self):
        return int(self.page.locator(".prog b").inner_text())

    def focused(self):
        return self.page.evaluate("document.activeElement.className")


@pytest.mark.parametrize("width", [1440, 390])
def test_a_clerk_decides_by_keyboard_without_a_page_load(tab, width):
    view = tab("office", width)
    bring(view, 100 + width)
    desk, page = Desk(view), view.page
    first, start = desk.title, desk.confirmed
    assert "rec cur" in desk.focused(), "the keyboard starts at the current record"
    desk.press("j")
    second = desk.title
    assert second != first
    desk.press("k")
    assert desk.title == first
    desk.press("a")
    assert desk.confirmed == start + 1 and desk.title == second, "the next pending record is current"
    desk.press("u")
    assert desk.confirmed == start and desk.title == first
    desk.press("y")
    assert desk.confirmed == start + 1
    desk.press("u")
    page.keyboard.press("r")
    dialog = page.locator("dialog[open]")
    assert dialog.locator("[data-submit]").is_disabled()
    page.keyboard.type("上级已有安排")
    desk.press("Control+Enter")
    assert desk.confirmed == start + 1 and page.locator("dialog[open]").count() == 0
    desk.press("u")
    page.keyboard.press("e")
    assert "input" in desk.focused()
    page.keyboard.type("aur")  # letters in a field decide nothing
    page.keyboard.press("Escape")
    assert "rec cur" in desk.focused() and desk.confirmed == start
    assert page.locator("[data-unsaved]").is_visible()
    page.keyboard.press("j")  # first asks
    assert "再按一次" in page.locator("[data-unsaved]").inner_text()
    page.keyboard.press("e")
    desk.press("Control+Enter")
    assert page.locator(".messages").inner_text().strip() == "已保存修改。"
    desk.press("u")
    assert desk.title == first
    page.keyboard.press("?")
    assert page.locator("#shortcuts").is_visible()
    assert "接受，转到下一条待确认" in page.locator("#shortcuts").inner_text()
    page.locator("#shortcuts [data-act=keys-on]").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    page.wait_for_timeout(300)
    assert desk.confirmed == start, "switched off"
    page.keyboard.press("?")
    page.evaluate("localStorage.removeItem('eco-keys')")
    assert desk.loads == 0, "no page was loaded anew"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert view.errors == [] and view.outside == []


SELECT = """words => {
  const block = [...document.querySelectorAll('.sheet [data-start]')].find(e => e.innerText.includes(words));
  const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
  let node;
  while ((node = walker.nextNode())) {
    const at = node.data.indexOf(words), range = document.createRange();
    if (at < 0) { continue; }
    range.setStart(node, at);
    range.setEnd(node, at + words.length);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    return;
  }
}"""


def test_split_merge_and_evidence_by_selecting_text(tab):
    view = tab("office")
    bring(view, 77)
    desk, page = Desk(view), view.page
    desk.swapped(lambda: page.locator(".rec a[data-record]", has_text="推进河道清淤").first.click())
    assert "推进河道清淤" in desk.title
    page.keyboard.press("s")
    box = page.locator("#x-split")
    assert box.is_visible()
    box.locator("input[name=cut]").first.check()
    desk.swapped(lambda: box.locator("button").click())
    assert "已拆成 2 条" in page.locator(".messages").inner_text()
    page.keyboard.press("m")
    page.locator("#x-merge label", has_text="河道清淤46公里").locator("input").check()
    desk.swapped(lambda: page.locator("#x-merge button").click())
    assert "已合并为" in page.locator(".messages").inner_text()
    page.evaluate(SELECT, "推进河道")
    button = page.locator(".addbar button.primary")
    button.wait_for(state="visible")
    desk.swapped(button.click)
    assert page.locator("#x-quote").input_value() == "推进河道"
    assert desk.loads == 0 and view.errors == []


def test_bulk_acceptance_says_first_what_it_will_do(tab):
    view = tab("office")
    bring(view, 55)
    desk, page = Desk(view), view.page
    page.locator("a", has_text="批量接受").click()
    view.settled()
    page.locator("#b-least").fill("0")
    desk.swapped(lambda: page.locator("#b-least").press("Tab"))
    button = page.locator("button[value=accept]")
    number = int("".join(filter(str.isdigit, button.inner_text())))
    assert number == page.locator("section.card.wide").first.locator("li").count() > 0
    button.click()
    page.locator(".messages", has_text=f"已接受 {number} 条").wait_for()
    assert desk.confirmed == number
    desk.press("u")
    assert desk.confirmed == 0
    assert view.errors == []
