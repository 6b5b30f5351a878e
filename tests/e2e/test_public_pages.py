"""Every page people read without an account, found from the descriptors of the rooms: no serious or critical finding of
axe-core and none of our own checks, on a desk and a phone, with and without scripts; a report by the keyboard alone."""

import json
import os
import re
import subprocess
import sys

import pytest

from tests.e2e.accessibility import faults, unseen_stops
from tests.e2e.conftest import ROOT

pytestmark = pytest.mark.browser
FORM = "/public/report/"
# What the descriptors say anybody may open, with an address of this site.
ADDRESSES = """
import json
import django
django.setup()
from django.urls import reverse
from ecocloud.base.rooms import ANYONE, load
from ecocloud.web.access import access_table
print(json.dumps({line.route: reverse(line.route, kwargs=load(line.sample)() if line.sample else {})
                  for line in access_table().values() if line.permission == ANYONE and "GET" in line.methods}))
"""
# Routes whose sample is an address nobody may open: the page that says so is looked at as well.
SAYS_NO = {"portal:photo", "portal:consult-result"}
# Further pages: nothing found, nothing allowed, no such address.
OTHERS = {"no report": "/public/status/00000000000/", "no sign": "/chiefs/sign/0/", "no page": "/nowhere/",
          "sign in first": "/portal/desk/"}  # fmt: skip
BAD = ("serious", "critical")


@pytest.fixture(scope="module")
def axe():
    """``axe(page)``: the serious and critical findings of axe-core as sentences."""
    from axe_playwright_python.sync_playwright import Axe

    engine = Axe()

    def run(page):
        found = engine.run(page).response["violations"]
        return [
            f"{one['id']} ({one['impact']}): {one['nodes'][0]['html'][:110]}" for one in found if one["impact"] in BAD
        ]

    return run


@pytest.fixture(scope="module")
def opened(browser, site):
    """A report made by the form and a consultation that runs, found as a visitor finds them."""
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(f"{site.url}{FORM}")
    page.fill("#text", "有异味")
    page.select_option("#region", index=4)
    page.check("[name=category][value=air]", force=True)
    page.click("#send")
    page.wait_for_url(re.compile(r"new=1"))
    own = page.url.removeprefix(site.url)
    page.goto(f"{site.url}/public/consult/")
    draft = page.locator("main li a").first.get_attribute("href")
    context.close()
    return {"portal:own": own, "portal:consult": draft}


@pytest.fixture(scope="module")
def pages(browser, site, opened):
    """Name -> address of every public page; what answers with another kind of file is none."""
    environment = os.environ | {"ECOCLOUD_HOME": str(site.home), "PYTHONPATH": str(ROOT),
                                "DJANGO_SETTINGS_MODULE": "ecocloud.web.settings"}  # fmt: skip
    environment.pop("DATABASE_URL", None)
    told = subprocess.run(
        [sys.executable, "-c", ADDRESSES], env=environment, capture_output=True, text=True, timeout=120
    )
    assert told.returncode == 0, told.stderr[-2000:]
    found, context = {}, browser.new_context(locale="zh-CN")
    for route, address in (json.loads(told.stdout) | opened).items():
        answer = context.request.get(f"{site.url}{address}", headers={"Accept": "text/html"})
        if answer.headers["content-type"].startswith("text/html"):
            assert (answer.status < 400) != (route in SAYS_NO), f"{route} {address}: {answer.status}"
            found[route] = address
    context.close()
    return found | OTHERS


def test_the_pages_are_those_of_the_descriptors(pages):
    for known in ("portal:home", "portal:report", "portal:own", "portal:glossary", "web:public", "chiefs:sign"):
        assert known in pages
    assert not {"portal:near", "portal:data-file", "web:health", "portal:worker"} & set(pages)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_serious_finding_on_any_public_page(tab, pages, axe, width, scripts):
    view = tab(None, width)
    if not scripts:  # refused by address: without scripts altogether axe could not run either
        view.page.route(re.compile(r"\.m?js(\?|$)"), lambda route: route.abort())
    languages = ("zh-hans", "en") if width == 390 and scripts else ("zh-hans",)
    found = {}
    for name, address in pages.items():
        for language in languages:
            view.page.goto(f"{view.site.url}{address}{'&' if '?' in address else '?'}language={language}")
            view.settled()
            wrong = axe(view.page) + faults(view.page)
            if view.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") > 0:
                wrong.append("scrolls sideways")
            if wrong:
                found[f"{name} {language}"] = wrong
    assert found == {} and view.errors == [] and view.outside == []


@pytest.mark.parametrize("width", [1440, 390])
def test_no_serious_finding_while_the_form_is_used(tab, axe, width):
    """What the form shows only after somebody did something: what is missing, the map, a photo, drafts."""
    view = tab(None, width, geolocation={"longitude": 114.52, "latitude": 26.32}, permissions=["geolocation"])
    page, found = view.page, {}

    def look(state):
        if wrong := axe(page) + faults(page):
            found[state] = wrong

    view.open(FORM)
    page.click("#send")
    page.wait_for_selector("#problems li")
    look("what is missing")
    page.click("#map-open")
    page.wait_for_selector("#pick-map[data-ready]")
    page.locator("#pick-middle").click()
    page.wait_for_function("() => document.querySelector('[name=lon]').value")
    look("the map")
    page.set_input_files("#photo", {"name": "a.png", "mimeType": "image/png", "buffer": PIXEL})
    page.wait_for_selector("#photos .shot img")
    look("a photo")
    page.context.set_offline(True)
    page.fill("#text", "离线草稿")
    page.click("#send")
    page.wait_for_selector(".pub-drafts li")
    look("drafts")
    page.context.set_offline(False)
    page.wait_for_function("() => document.querySelector('#problems li, .pub-refused, #drafts .sent')")
    look("drafts sent")
    assert found == {}


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63606060000000040001"
    "f61738550000000049454e44ae426082"
)


def test_the_keyboard_sees_where_it_is_and_gets_through(tab, pages):
    view, found = tab(None, 1280), {}
    for name in ("portal:home", "portal:report", "portal:own", "portal:consult", "portal:notices", "chiefs:sign"):
        view.open(pages[name])
        if wrong := unseen_stops(view.page, 160):
            found[name] = wrong
    assert found == {}


def test_a_report_by_the_keyboard_alone(tab):
    view = tab(None, 1280)
    view.open(FORM)
    page, press = view.page, view.page.keyboard.press

    def to(selector, most=60):
        for _step in range(most):
            press("Tab")
            if page.evaluate("s => document.activeElement.matches(s)", selector):
                return
        raise AssertionError(f"the tab key does not come to {selector}")

    press("Tab")
    assert page.evaluate("document.activeElement.matches('a.skip')")
    press("Enter")
    to("#send")
    press("Enter")  # nothing is filled in yet
    page.wait_for_selector("#problems li")
    assert page.evaluate("document.activeElement.id") == "problems"
    to("#problems a[href='#f-region']")
    press("Enter")
    to("#region", 8)
    press("ArrowDown")
    press("ArrowDown")
    to("[name=category]")
    press("ArrowRight")
    press("Space")
    to("#text")
    page.keyboard.type("只用键盘填写")
    to("#send")
    press("Enter")
    page.wait_for_url(re.compile(r"new=1"))
    assert "只用键盘填写" in page.inner_text("main") and view.errors == []


PLANTED = """<h3>x</h3><img src="data:,"><input><button></button><a href="#"></a><p class="pale">浅色的字</p>"""


def test_the_checks_find_what_they_are_for(tab, axe):
    view = tab(None, 390)
    view.open("/public/")
    view.page.evaluate(
        "html => { document.querySelector('main').innerHTML = html + '<table><td>1</td></table>'; }", PLANTED
    )
    view.page.evaluate("() => { document.querySelector('.pale').style.color = '#ccc'; }")
    told = " ".join(faults(view.page))
    for word in (
        "heading level",
        "without alt",
        "without a label",
        "without a name",
        "table without heads",
        "not one h1",
    ):
        assert word in told
    found = " ".join(axe(view.page))
    for rule in ("image-alt", "label", "button-name", "link-name", "color-contrast"):
        assert rule in found
