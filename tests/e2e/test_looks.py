"""Every named page in a real browser at 1440 and 390 px, with the outside network blocked.

The limits are the design's (UI.md): no horizontal scroll at 390, no text under 12 px, office body text
14 px, nothing cut off, no request to anywhere else, no script error. With ``ECOCLOUD_SCREENSHOTS=folder``
the pictures are kept.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

# name, role, path or a callable that finds the path from the tab
PAGES = [
    ("sign-in", None, "/regions/sign-in"),
    ("desk", "office", "/desk/"),
    ("cockpit", "leader", "/cockpit/"),
    ("documents", "office", "/documents/"),
    ("review", "office", "first:/documents/:a.review-link"),
    ("indicators", "office", "/indicators/"),
    ("indicator", "office", "first:/indicators/:table a.t"),
    ("ledger", "office", "/duties/"),
    ("item", "department", "first:/duties/:table a.t"),
    ("rounds", "office", "/duties/rounds/"),
    ("rates", "office", "/duties/statistics/?kind=task"),
    ("case-new", "office", "/duties/new/?kind=case"),
    ("registers", "office", "/registers/"),
    ("register", "office", "/registers/type/outfall/"),
    ("register-statistics", "office", "/registers/type/outfall/statistics/?by=f_kind&by2=state"),
    ("register-compare", "office", "/registers/type/outfall/compare/"),
    ("register-map", "office", "/registers/type/outfall/map/"),
    ("register-cards", "office", "/registers/type/outfall/cards/"),
    ("object", "office", "first:/registers/type/outfall/:table a.t"),
    ("gep-accountings", "office", "/gep/"),
    ("gep-accounting", "office", "first:/gep/:table a.t"),
    ("gep-forms", "office", "/gep/forms/"),
    ("gep-form", "office", "first:/gep/forms/?state=draft:table a.t"),
    ("departments", "office", "/regions/departments"),
    ("state", "sysadmin", "/state/"),
    ("journal", "auditadmin", "/journal/"),
    ("search", "office", "/search/?q=森林"),
    ("gallery", "office", "/gallery/"),
]
WIDTHS = (1440, 390)

SMALL_TEXT = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    if (!node.textContent.trim() || !element) continue;
    const box = element.getBoundingClientRect(), style = getComputedStyle(element);
    if (!box.width || style.visibility === 'hidden') continue;
    if (element.closest('.vh,script,style,noscript,sub,sup,svg,template')) continue;
    const size = parseFloat(style.fontSize);
    if (size < 12) found.push(size + ' ' + node.textContent.trim().slice(0, 30));
  }
  return found.slice(0, 10);
}"""

CUT_OFF = """() => {
  const found = [];
  const names = ['h1', 'h2', 'th', 'td', '.btn', '.light', '.tag', '.v'].map(name => 'main ' + name).join(', ');
  for (const element of document.querySelectorAll(names)) {
    const style = getComputedStyle(element);
    if (element.closest('.vh,svg,.chart,.gallery-cut')) continue;
    const hidden = ['hidden', 'clip'].includes(style.overflowX);
    if (hidden && element.scrollWidth > element.clientWidth + 2 && element.clientWidth > 0)
      found.push(element.tagName + ' ' + element.textContent.trim().slice(0, 40));
  }
  return found.slice(0, 10);
}"""


def _open(tab, path: str) -> None:
    if not path.startswith("first:"):
        tab.open(path)
        return
    _, listing, selector = path.split(":", 2)
    tab.open(listing)
    href = tab.page.locator(selector).first.get_attribute("href")
    assert href, f"{listing} has no link {selector}"
    tab.open(href)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("name", "role", "path"), PAGES, ids=[page[0] for page in PAGES])
def test_page_looks_right(tab, name, role, path, width):
    view = tab(role, width)
    _open(view, path)
    page = view.page
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, f"{name} scrolls sideways by {overflow} px at {width}"
    assert page.evaluate(SMALL_TEXT) == []
    assert page.evaluate(CUT_OFF) == []
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 14
    assert page.locator("h1").count() == 1
    assert view.outside == []
    assert view.errors == []
    folder = os.environ.get("ECOCLOUD_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}-{width}.png"), full_page=True)


def test_cockpit_fits_a_wall_without_scrolling(tab):
    view = tab("leader", 1920, 1080)
    view.open("/cockpit/")
    size = view.page.evaluate("[document.documentElement.scrollHeight, document.documentElement.scrollWidth]")
    assert size[0] <= 1080 and size[1] <= 1920
    assert view.outside == [] and view.errors == []


def test_home_counts_equal_the_lists_behind_them(tab):
    view = tab("office")
    view.open("/desk/")
    tiles = view.page.eval_on_selector_all(
        "[data-counter]", "list => list.map(e => [e.closest('a').href, e.textContent.replace(/\\\\D/g, '')])"
    )
    assert tiles
    for href, count in tiles:
        view.page.goto(href)
        total = view.page.locator("[data-total]").first.get_attribute("data-total")
        assert int(total) == int(count), href


def test_reading_pages_work_without_scripts(browser, site, states):
    context = browser.new_context(java_script_enabled=False, storage_state=states("office"), locale="zh-CN")
    page = context.new_page()
    for path in ("/desk/", "/duties/", "/indicators/", "/documents/"):
        page.goto(f"{site.url}{path}")
        assert page.locator("main h1").count() == 1
        assert page.locator("main table tbody tr").count() > 0, path
    context.close()


def test_english_switch_leaves_no_chinese_in_the_frame(tab):
    import re

    view = tab("office")
    view.open("/duties/?language=en")
    words = view.page.locator("nav.rail ul.nav").inner_text() + view.page.locator("main thead").first.inner_text()
    assert not re.findall(r"[\u4e00-\u9fff]+", words)
    view.open("/desk/?language=zh-hans")
