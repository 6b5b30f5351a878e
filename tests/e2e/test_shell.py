"""The shell's behaviour in a real browser, on the gallery: drawer, keys, dialogs, filters, themes, phone menu."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture
def gallery(tab):
    """``gallery(query, width)``: the gallery open in a tab."""

    def _open(query: str = "", width: int = 1440, **options):
        view = tab("office", width, **options)
        view.open(f"/gallery/{query}")
        return view

    return _open


def test_a_row_opens_beside_the_list_and_the_address_says_so(gallery):
    view = gallery("?light=red")
    page = view.page
    page.locator("#rows a.t").nth(1).click()
    page.wait_for_selector("#drawer .drawer")
    first = page.locator("#drawer h2").inner_text()
    assert "open=" in page.url and "light=red" in page.url
    assert page.locator("tr[aria-selected=true]").count() == 1 and page.locator("h1").count() == 1
    assert first in page.locator("#announce").inner_text()
    shared = page.url
    page.locator("#rows a.t").nth(2).click()
    page.wait_for_function("text => document.querySelector('#drawer h2').textContent !== text", arg=first)
    page.go_back()
    page.wait_for_function("text => document.querySelector('#drawer h2')?.textContent === text", arg=first)
    assert page.url == shared
    page.keyboard.press("Escape")
    page.wait_for_function("!document.querySelector('#drawer .drawer')")
    assert "open=" not in page.url
    assert view.errors == [] and view.outside == []


def test_keys_move_open_search_and_can_be_switched_off(gallery):
    page = gallery().page
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.locator("#rows tr[data-cursor]").count() == 1
    code = page.locator("#rows tr[data-cursor] small").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_selector("#drawer .drawer")
    assert code in page.locator("#drawer").inner_text()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q-top"
    page.keyboard.type("j?")
    assert page.input_value("#q-top") == "j?" and not page.locator("#shortcuts[open]").count()
    page.locator("h1").click()
    page.keyboard.press("?")
    assert page.locator("#shortcuts[open]").count() == 1
    page.locator("#shortcuts input[type=checkbox]").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.locator("#shortcuts[open]").count() == 0


def test_a_mandatory_opinion_holds_the_button_and_focus_returns(gallery):
    page = gallery().page
    opener = page.locator(".pagehead [data-dialog=dlg-return]")
    opener.click()
    dialog = page.locator("#dlg-return")
    send = dialog.locator("[data-submit]")
    assert send.is_disabled() and dialog.locator("[data-why]").is_visible()
    dialog.locator("textarea").fill("   ")
    assert send.is_disabled()
    dialog.locator("textarea").fill("缺点位坐标")
    assert send.is_enabled() and not dialog.locator("[data-why]").is_visible()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.getAttribute('data-dialog')") == "dlg-return"


def test_filters_apply_themselves_and_keep_the_address_short(gallery):
    page = gallery("?light=red").page
    page.select_option("#f-step", "work")
    page.wait_for_url("**step=work**")
    assert "light=red" in page.url and "q=" not in page.url and "due_from" not in page.url
    page.locator(".filterbar .drop").first.click()
    page.wait_for_url(lambda url: "step" not in url)


def test_charts_are_drawn_in_the_colours_of_the_theme(gallery):
    for query in ("", "?theme=dark"):
        view = gallery(query)
        view.page.wait_for_function("document.querySelectorAll('[data-chart][data-ready] canvas').length >= 6")
        assert view.errors == []
        view.page.locator(".astable summary").first.click()
        assert view.page.locator(".astable table").first.is_visible()


def test_phone_menu_and_tables_work_without_scripts(gallery):
    page = gallery("", 390, java_script_enabled=False).page
    assert not page.locator("#rail").is_visible()
    page.locator("#menu-switch").check(force=True)
    assert page.locator("#rail").is_visible()
    page.locator("#menu-switch").uncheck(force=True)
    assert not page.locator(".plot").first.is_visible()
    page.locator(".astable summary").first.click()
    assert page.locator(".astable table").first.is_visible()


def test_targets_on_the_phone_are_large_enough(gallery):
    page = gallery("", 390).page
    small = page.evaluate(
        """() => [...document.querySelectorAll('.btn, .topbtn, .page, .seg > a, .field .drop')]
        .filter(e => e.getClientRects().length && !e.matches('.btn.sm, [aria-hidden]'))
        .filter(e => e.getBoundingClientRect().height < 43.5).map(e => e.className + ' ' + e.textContent.trim())"""
    )
    assert small == []


@pytest.mark.parametrize("query", ["", "?theme=dark", "?type=large", "?open=14", "?q=没有"])
def test_nothing_scrolls_sideways(gallery, query):
    for width in (360, 390, 1440):
        page = gallery(query, width).page
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, width
