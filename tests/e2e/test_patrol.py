"""A patrol on a phone: one tap on line; off line it is kept on the phone and sent once when it is back on line."""

import re
import sqlite3
from contextlib import closing

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture
def count(site):
    """``count()``: how many patrols the site holds."""
    with closing(sqlite3.connect(f"file:{site.home / 'ecocloud.sqlite3'}?mode=ro", uri=True)) as base:
        yield lambda: base.execute("SELECT count(*), count(DISTINCT key) FROM chiefs_patrol").fetchone()


def test_a_patrol_off_line_then_on_line(tab, count):
    phone = tab("field", width=390, height=844)
    phone.open("/chiefs/patrols/new/")
    page = phone.page
    page.wait_for_selector("#patrol[data-ready]")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    before = count()
    page.context.set_offline(True)
    page.click("button[value=none]")
    page.wait_for_selector("#drafts[data-left='1']")
    page.fill("#problem", "岸边堆放渣土")
    page.click("button[value=found]")
    page.wait_for_selector("#drafts[data-left='2']")
    assert count() == before
    page.context.set_offline(False)  # the browser tells the page, which sends both
    page.wait_for_selector("#drafts[data-left='0']")
    assert count() == (before[0] + 2, before[1] + 2)
    phone.open("/chiefs/patrols/new/")
    page.wait_for_selector("#patrol[data-ready]")
    assert count()[0] == before[0] + 2 and page.is_hidden("#drafts")
    page.click("button[value=none]")  # one tap on line
    page.wait_for_url(re.compile(r"/chiefs/patrols/\d+/$"))
    assert count()[0] == before[0] + 3
    assert phone.errors == [] and phone.outside == []


def test_pages_fit_a_phone_and_a_sign_needs_no_sign_in(tab, site):
    with closing(sqlite3.connect(f"file:{site.home / 'ecocloud.sqlite3'}?mode=ro", uri=True)) as base:
        office, token, thing = base.execute(
            "SELECT id, token, object_id FROM chiefs_office WHERE sign != '' ORDER BY id LIMIT 1"
        ).fetchone()
    phone = tab("office", width=390, height=844)
    paths = ["", f"{office}/", f"files/{thing}/", "coverage/", "rules/", "patrols/"]
    grids = ["", "/map?level=2", "/check"]
    for path in [f"/chiefs/{one}" for one in paths] + [f"/regions/grids{one}" for one in grids]:
        phone.open(path)
        assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390, path
    assert phone.errors == []
    stranger = tab(None, width=390, height=844, java_script_enabled=False)
    stranger.page.goto(f"{site.url}/chiefs/sign/{token}/")
    assert "发现问题怎么反映" in stranger.page.inner_text("main")
