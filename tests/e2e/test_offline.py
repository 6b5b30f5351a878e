"""Without a network, in a real browser: the pages open, what was filled in stays on the phone with its photos; it is
sent once when the phone is on line again, whatever happened to the answer."""

import io
import re
import sqlite3
from contextlib import closing

import pytest

pytestmark = pytest.mark.browser
FORM, PATROL = "/public/report/", "/chiefs/patrols/new/"
# In the middle of the sample's city; tests/portal has the divisions of places worked out.
CITY = "360800"


def photo(colour, name="IMG.jpg"):
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (320, 240), colour).save(out, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": out.getvalue()}


@pytest.fixture
def rows(site):
    """``rows(sql)``: what the site holds."""
    with closing(sqlite3.connect(f"file:{site.home / 'ecocloud.sqlite3'}?mode=ro", uri=True)) as base:
        yield lambda sql, *given: base.execute(sql, given).fetchall()


@pytest.fixture
def phone(tab):
    """A phone with the report form open, kept by its worker."""
    view = tab(None, 390, 844, has_touch=True)
    opened(view, FORM)
    return view


def opened(view, path):
    view.open(path)
    view.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    view.page.wait_for_function("() => navigator.serviceWorker.controller || (location.reload(), false)")
    view.settled()


def fill(page, text, pictures=(), region=2, category="mine"):
    if pictures:
        page.set_input_files("#photo", list(pictures))
        page.wait_for_function("n => document.querySelectorAll('#photos .shot img').length === n", arg=len(pictures))
    page.select_option("#region", index=region)
    page.check(f"[name=category][value={category}]", force=True)
    page.fill("#text", text)


def told(rows, text):
    return rows("SELECT number, id FROM portal_report WHERE text = ?", text)


def test_five_drafts_with_photos_wait_through_reloads_and_are_sent_once_each(phone, rows):
    page = phone.page
    words = [f"无网络时填写之{n}" for n in range(5)]
    page.context.set_offline(True)
    for n, text in enumerate(words):
        page.reload()  # the page comes from the worker each time, always with the same key of the server in it
        assert page.is_visible("#offline")
        fill(page, text, [photo((n * 40, 90, 60), f"{n}-{k}.jpg") for k in range(2)])
        page.click("#send")
        page.wait_for_function("n => document.querySelectorAll('.pub-drafts li').length === n", arg=n + 1)
    page.reload()
    assert page.locator(".pub-drafts li").count() == 5 and "照片 2" in page.inner_text(".pub-drafts")
    assert all(not told(rows, text) for text in words)
    page.context.set_offline(False)
    page.wait_for_function("() => document.querySelectorAll('#drafts .sent a').length === 5")
    assert page.locator(".pub-drafts").count() == 0
    page.reload()
    phone.settled()
    numbers = {told(rows, text)[0][0] for text in words}
    assert len(numbers) == 5 and all(len(told(rows, text)) == 1 for text in words)
    for text in words:
        held = rows("SELECT count(*) FROM portal_reportphoto WHERE report_id = ?", told(rows, text)[0][1])
        assert held == [(2,)]


def test_when_the_answer_is_lost_the_same_report_is_found_again(phone, rows):
    page, posts = phone.page, []

    def lose(route):
        if route.request.method != "POST":
            route.fallback()
            return
        posts.append(route.fetch())
        if len(posts) == 1:
            route.abort("connectionreset")  # the server has it, the phone never hears of it
        else:
            route.fulfill(response=posts[-1])

    page.route(f"**{FORM}", lose)
    fill(page, "回执丢失", [photo((9, 9, 90))])
    page.click("#send")
    page.wait_for_selector(".pub-drafts li")
    (first,) = told(rows, "回执丢失")
    page.get_by_role("button", name="现在发送").click()
    page.wait_for_selector("#drafts .sent a")
    assert told(rows, "回执丢失") == [first] and first[0] in page.inner_text("#drafts")
    assert [answer.json()["number"] for answer in posts] == [first[0]] * 2


def test_a_refused_draft_holds_no_other_up_and_can_be_corrected(phone, rows):
    page = phone.page
    page.context.set_offline(True)
    fill(page, "字" * 1001)  # at most 1,000: only the server counts
    page.click("#send")
    page.wait_for_selector(".pub-drafts li")
    fill(page, "排在后面的", region=3)
    page.click("#send")
    page.wait_for_function("() => document.querySelectorAll('.pub-drafts li').length === 2")
    page.context.set_offline(False)
    page.wait_for_selector("#drafts .sent a")
    page.wait_for_selector(".pub-refused")
    assert len(told(rows, "排在后面的")) == 1 and "1000" in page.inner_text(".pub-refused")
    page.click(".pub-drafts button >> nth=0")
    page.fill("#text", "改短了")
    page.click("#send")
    page.wait_for_url(re.compile("new=1"))
    assert len(told(rows, "改短了")) == 1 and not told(rows, "字" * 1001)
    phone.open(FORM)
    assert page.locator(".pub-drafts").count() == 0


def centre(page):
    """A tap into the middle of a county near the middle of the map."""
    page.wait_for_selector("#pick-map[data-ready]")
    box = page.locator("#pick-map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_function("() => document.querySelector('[name=lon]').value")


def test_a_place_by_the_map_off_line_and_by_keyboard(phone, rows):
    page = phone.page
    page.unroute_all()  # a routed page asks the network for the scripts of its workers and never their service worker
    page.wait_for_function("""() => caches.open('eco-report-2').then(s => s.keys()).then(k =>
      k.some(one => one.url.includes('maplibre-gl-worker')) && k.some(one => one.url.includes('ground.json')))""")
    page.context.set_offline(True)
    page.reload()
    page.click("#map-open")
    centre(page)
    lon, lat, code = page.evaluate("['lon', 'lat', 'region'].map(n => document.forms.report[n].value)")
    assert 113.5 < float(lon) < 116 and 25.5 < float(lat) < 28 and code.startswith(CITY[:4])
    assert "已选" in page.inner_text("#picked") and "地图上选定" in page.inner_text("#located")
    page.locator("#pick-map canvas").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(400)  # the map glides
    page.locator("#pick-middle").press("Enter")
    assert float(page.input_value("[name=lon]")) > float(lon)
    page.locator("#pick-map canvas").focus()
    for _step in range(12):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(120)
    page.locator("#pick-middle").press("Enter")
    assert "不在服务范围内" in page.inner_text("#picked")
    page.check("[name=category][value=mine]", force=True)
    page.fill("#text", "地图上选的地方")
    page.click("#send")
    page.wait_for_selector(".pub-drafts li")
    page.context.set_offline(False)
    page.wait_for_selector("#drafts .sent a")
    ((place, region),) = rows("SELECT lon, region_id FROM portal_report WHERE text = ?", "地图上选的地方")
    assert place > float(lon) and region.startswith(CITY[:4])
    assert phone.errors == [] and phone.outside == []


def test_a_report_with_a_place_from_the_map_takes_six_taps(phone):
    page = phone.page
    with page.expect_file_chooser() as chooser:
        page.locator("label.add").tap()  # 1; 2: the photo in the phone's own dialog
    chooser.value.set_files(photo((1, 2, 3)))
    page.wait_for_selector("#photos .shot img")
    page.locator("#map-open").tap()  # 3
    page.wait_for_selector("#pick-map[data-ready]")
    page.locator("#pick-map canvas").tap()  # 4
    page.wait_for_function("() => document.querySelector('[name=lon]').value")
    page.locator("[name=category][value=noise]").tap()  # 5
    page.locator("#send").tap()  # 6
    page.wait_for_url(re.compile(r"/public/status/\d{11}/\w{10}/\?new=1"))


# --- patrols ---------------------------------------------------------------------------------------------------------


def test_the_patrol_page_opens_off_line_and_keeps_five_with_photos(tab, rows):
    view = tab("field", width=390, height=844)
    opened(view, PATROL)
    page = view.page
    before = rows("SELECT count(*) FROM chiefs_patrol")[0][0]
    page.context.set_offline(True)
    for n in range(5):
        page.reload()
        page.wait_for_selector("#patrol[data-ready]")
        page.set_input_files("#photos", [photo((n * 40, 1, 1))])
        page.fill("#problem", f"无信号处所见之{n}")
        page.click("button[value=found]")
        page.wait_for_selector(f"#drafts[data-left='{n + 1}']")
    page.reload()
    page.wait_for_selector("#patrol[data-ready]")
    assert page.locator("#kept li").count() == 5 and "照片 1 张" in page.inner_text("#kept")
    page.context.set_offline(False)
    page.wait_for_selector("#drafts[data-left='0']")
    assert page.locator("#kept li").count() == 0
    found = rows("SELECT patrol_id FROM chiefs_finding WHERE text LIKE '无信号处所见之%'")
    assert len(set(found)) == len(found) == 5 and rows("SELECT count(*) FROM chiefs_patrol")[0][0] == before + 5
    for (patrol,) in found:
        assert rows("SELECT count(*) FROM chiefs_patrolphoto WHERE patrol_id = ?", patrol) == [(1,)]
    assert view.errors == []


def test_after_the_session_has_ended_a_draft_waits_for_its_own_person(tab, rows):
    view = tab("field", width=390, height=844)
    opened(view, PATROL)
    page, context = view.page, view.page.context
    session = context.cookies()
    page.context.set_offline(True)
    page.click("#patrol summary")
    page.fill("#note", "会话过期时记下")
    page.click("button[value=none]")
    page.wait_for_selector("#drafts[data-left='1']")
    context.clear_cookies()
    context.set_offline(False)
    page.wait_for_function("() => document.getElementById('drafts').textContent.includes('重新登录')")
    assert rows("SELECT id FROM chiefs_patrol WHERE note = '会话过期时记下'") == []
    page.wait_for_function(
        f"() => caches.open('eco-own-patrol-1').then(s => s.match('{PATROL}')).then(found => !found)"
    )  # nothing of the person stays to be opened by the next
    context.add_cookies(session)
    view.open(PATROL)
    page.wait_for_selector("#drafts[data-left='0']")
    assert len(rows("SELECT id FROM chiefs_patrol WHERE note = '会话过期时记下'")) == 1
