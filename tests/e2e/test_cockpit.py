"""The cockpit on a wall, a desk and a phone: fits, reads, and every number opens its records.

The limits are the design's (UI.md 2 and 3): 1920 x 1080 and 3840 x 2160 without scrolling, no text under 13 px, two
columns at 1440, one at 390 without sideways scrolling; light by default, dark by ``?theme=dark``.
"""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

SMALL = """limit => [...document.querySelectorAll('main *')]
  .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
  .filter(e => e.getBoundingClientRect().width && !e.closest('.vh'))
  .filter(e => parseFloat(getComputedStyle(e).fontSize) < limit).map(e => e.textContent.trim().slice(0, 20))"""
COVERED = """() => {
  const over = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  return [...document.querySelectorAll('.tg')].filter(row => {
    const parts = [...row.children].map(e => e.getBoundingClientRect()).filter(r => r.width);
    return parts.some((a, i) => parts.slice(i + 1).some(b => over(a, b)));
  }).map(row => row.textContent.trim().slice(0, 30));
}"""
CUT = """() => [...document.querySelectorAll('.ck .card')].filter(e => getComputedStyle(e).overflowY === 'hidden'
  && e.scrollHeight > e.clientHeight + 1).map(e => e.dataset.tile)"""
COLUMNS = "[...document.querySelectorAll('.ck > .col')].map(e => Math.round(e.getBoundingClientRect().left))"


def size(page):
    return page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")


@pytest.mark.parametrize("theme", ["", "?theme=dark"])
@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (3840, 2160)])
def test_a_wall_needs_no_scrolling(tab, width, height, theme):
    view = tab("leader", width, height)
    view.open(f"/cockpit/{theme}")
    assert size(view.page) == [width, height]
    assert view.page.evaluate(SMALL, 13) == []
    assert view.page.evaluate(COVERED) == [] and view.page.evaluate(CUT) == []
    dark = view.page.evaluate("document.documentElement.classList.contains('theme-dark')")
    assert dark == bool(theme)
    assert view.outside == [] and view.errors == []


def test_two_columns_on_a_desk_and_one_on_a_phone(tab):
    view = tab("leader", 1440)
    view.open("/cockpit/")
    lefts = view.page.evaluate(COLUMNS)
    assert lefts[0] == lefts[1] < lefts[2]  # the middle spans both columns
    view = tab("leader", 390)
    view.open("/cockpit/")
    assert len(set(view.page.evaluate(COLUMNS))) == 1
    assert size(view.page)[0] == 390 and view.page.evaluate(SMALL, 13) == []


def test_every_tile_has_data_or_says_why_and_every_link_opens(tab):
    view = tab("leader", 1920, 1080)
    view.open("/cockpit/")
    page = view.page
    tiles = page.eval_on_selector_all("[data-tile]", "list => list.map(e => e.dataset.tile)")
    assert len(set(tiles)) >= 10
    silent = "list => list.filter(e => !e.querySelector('a') && e.tagName !== 'A').map(e => e.dataset.tile)"
    assert page.eval_on_selector_all("[data-tile]", silent) == []
    links = sorted(set(page.eval_on_selector_all("main a", "list => list.map(e => e.getAttribute('href'))")))
    assert len(links) > 40
    bad = [href for href in links if page.request.get(f"{view.site.url}{href}").status != 200]
    assert bad == []


def test_counts_equal_the_lists_behind_them(tab):
    view = tab("leader", 1920, 1080)
    view.open("/cockpit/")
    counts = view.page.eval_on_selector_all(
        ".lt a, .loop a, .warnings .src a", "list => list.map(e => [e.href, e.querySelector('b').textContent.trim()])"
    )
    assert len(counts) >= 14
    for href, count in counts:
        view.page.goto(href)
        total = view.page.locator("[data-total]")
        shown = int(total.first.get_attribute("data-total")) if total.count() else 0
        assert shown == int(count), href


def test_every_theme_of_the_map_is_drawn_with_its_notice(tab):
    view = tab("leader", 1920, 1080)
    view.open("/cockpit/")
    themes = view.page.eval_on_selector_all(".map-over .seg a", "list => list.map(e => e.getAttribute('href'))")
    assert len(themes) >= 5
    for href in themes:
        view.open(href)
        assert view.page.locator(".mapc .area").count() == 13
        assert "无审图号" in view.page.locator(".map-legend").inner_text()
        assert view.page.locator(".map-over [aria-current]").count() == 1


def test_english_leaves_no_chinese_in_the_words_of_the_tiles(tab):
    import re

    view = tab("leader", 1920, 1080)
    view.open("/cockpit/?language=en")
    words = " ".join(view.page.locator(".ck h2, .ck .light, .ck .cap, .ck .src, .ck .k, .ck .nm").all_inner_texts())
    assert not re.findall(r"[\u4e00-\u9fff]{2,}", words.replace("平方公里", "").replace("万亩", "").replace("亿元", ""))
    view.open("/desk/?language=zh-hans")
