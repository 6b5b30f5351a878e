"""The report form in a real browser: at most six taps, without scripts, off line."""

from __future__ import annotations

import io
import re

import pytest

pytestmark = pytest.mark.browser
# In the sample's city, inside the county of its townships.
HERE = {"longitude": 114.52, "latitude": 26.32}
FORM = "/public/report/"


def photo():
    from PIL import Image

    out = io.BytesIO()
    Image.effect_noise((2400, 1800), 90).convert("RGB").save(out, "JPEG", quality=95)
    return {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def phone(tab, **options):
    view = tab(None, 390, 844, has_touch=True, geolocation=HERE, permissions=["geolocation"], **options)
    view.taps = 0

    def tap(selector):
        view.taps += 1
        view.page.locator(selector).first.tap()

    view.tap = tap
    return view


def number_of(page):
    return re.search(r"\b\d{11}\b", page.locator("main").inner_text())[0]


def test_a_report_takes_at_most_six_taps(tab):
    view = phone(tab)
    view.open(FORM)
    with view.page.expect_file_chooser() as chooser:
        view.tap("label.add")
    view.taps += 1  # the photo in the phone's own dialog
    chooser.value.set_files(photo())
    view.page.wait_for_selector("#photos .shot img")
    view.tap("#locate")
    view.page.wait_for_selector("#located:not(:empty)")
    view.tap("[name=category][value=noise]")
    with view.page.expect_request(lambda one: one.method == "POST") as sent:
        view.tap("#send")
    view.page.wait_for_url(re.compile(r"/public/status/\d{11}/\w{10}/\?new=1"))
    assert view.taps <= 6
    assert len(sent.value.post_data_buffer) < 700_000  # the photo of some megabytes was shrunk to 500 KB
    assert number_of(view.page) and view.page.locator(".pub-key").is_visible()
    assert view.page.locator(".pub-shots img").evaluate("e => e.complete && e.naturalWidth") <= 1600
    assert view.errors == [] and view.outside == []


def test_without_scripts_from_the_list(browser, site):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844}, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{site.url}{FORM}")
    page.set_input_files("#photo", photo())
    page.click("#send")
    assert "还没有说明在哪里" in page.inner_text("#problems")
    assert "照片 1 已收到" in page.inner_text("#photos")
    page.select_option("#region", index=3)
    page.check("[name=category][value=forest]")
    page.click("#send")
    assert re.search(r"/public/status/\d{11}/\w{10}/\?new=1", page.url)
    page.goto(f"{site.url}/public/status/{number_of(page)}/")
    assert "已交办" in page.inner_text("main")
    context.close()


def test_off_line_the_report_is_kept_and_sent_once_later(tab):
    view = phone(tab)
    page = view.page
    view.open(FORM)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    page.context.set_offline(True)
    page.reload()  # from what the worker kept
    with page.expect_file_chooser() as chooser:
        view.tap("label.add")
    chooser.value.set_files(photo())
    page.wait_for_selector("#photos .shot img")
    page.select_option("#region", index=2)
    view.tap("[name=category][value=mine]")
    page.fill("#text", "山脚下有人夜里挖砂")
    view.tap("#send")
    page.wait_for_selector("#drafts .waiting")
    assert "已存在本机" in page.inner_text("#problems")
    page.reload()
    page.wait_for_selector("#drafts .waiting")
    page.context.set_offline(False)
    page.wait_for_selector("#drafts .sent a")
    assert page.locator("#drafts .waiting").count() == 0
    page.click("#drafts .sent a")
    page.wait_for_url(re.compile(r"/public/status/\d{11}/"))
    assert "山脚下有人夜里挖砂" in page.inner_text("main") and page.locator(".pub-shots img").count() == 1
