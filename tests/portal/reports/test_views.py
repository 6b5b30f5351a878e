"""Public pages of reports as a browser without scripts meets them; bad input; what strangers see."""

import io
import json
import re
from datetime import timedelta

import pytest
from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from lxml import html
from shapely.geometry import Point, shape

from ecocloud.base.files import pictures
from ecocloud.base.files.services import open_stored
from ecocloud.kernel.duties.models import ItemFile, WorkItem
from ecocloud.kernel.regions.models import Region
from ecocloud.portal import words
from ecocloud.portal.facts import limits
from ecocloud.portal.reports import photos, places, services
from ecocloud.portal.reports.models import Report, ReportPhoto
from tests.portal.conftest import INSIDE, OUTSIDE, picture

pytestmark = pytest.mark.django_db
FORM = "/public/report/"
GOOD = {"category": "water", "region": "360802100", "text": "河水发黑", "place": "桥下"}


def located(lon=INSIDE[0], lat=INSIDE[1]):
    """A JPEG that tells where it was taken (EXIF by Pillow, an independent writer)."""
    from PIL import Image

    exif = Image.Exif()
    exif[0x8825] = {1: "N" if lat >= 0 else "S", 2: (abs(lat), 0.0, 0.0), 3: "E", 4: (abs(lon), 0.0, 0.0)}
    exif[0x010F] = "Camera of Somebody"
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (9, 90, 60)).save(out, "JPEG", exif=exif)
    return out.getvalue()


def upload(data, name="p.jpg"):
    return SimpleUploadedFile(name, data, "image/jpeg")


def page(answer):
    return html.fromstring(answer.content.decode())


def own_url(report):
    return reverse("portal:own", args=[report.number, words.word_of(report.number, report.salt)])


def test_a_report_without_scripts_a_photo_and_a_place_in_it(town, public):
    answer = public.post(FORM, {"category": "water", "photo": upload(located())})
    report = Report.objects.get()
    assert answer.status_code == 302 and answer["Location"] == f"{own_url(report)}?new=1"
    assert (report.region, report.text) == (town.county, "")
    assert (report.lon, report.lat) == pytest.approx(INSIDE, abs=1e-4)
    kept = ReportPhoto.objects.get(report=report).file
    with open_stored(kept) as stream:
        data = stream.read()
    assert pictures.read(data) == pictures.Told() and b"Camera of Somebody" not in data
    assert ItemFile.objects.get(item=WorkItem.objects.get()).file == kept
    shown = public.get(f"{own_url(report)}?new=1")
    assert report.number in shown.content.decode() and shown.status_code == 200
    photo = public.get(f"{own_url(report)}photo/1/")
    assert photo["Content-Type"] == "image/jpeg" and photo["X-Content-Type-Options"] == "nosniff"


def test_what_is_missing_comes_back_with_everything_that_was_typed_and_the_photo(town, public):
    answer = public.post(FORM, {"text": "看见了", "place": "桥下", "contact": "139", "photo": upload(picture())})
    assert answer.status_code == 400 and not Report.objects.exists()
    form = page(answer).get_element_by_id("report")
    assert (
        form.fields["text"].strip() == "看见了" and form.fields["place"] == "桥下" and form.fields["contact"] == "139"
    )
    told = page(answer).get_element_by_id("problems").text_content()
    assert "类别" in told and "位置" in told
    token = ReportPhoto.objects.get().token
    assert form.fields["kept"] == token
    again = public.post(FORM, GOOD | {"kept": token, "client_key": form.fields["client_key"]})
    assert again.status_code == 302 and Report.objects.get().photos.get().token == token


@pytest.mark.parametrize(
    ("data", "name", "status", "word"),
    [
        (b"\xff\xd8\xff" + b"0" * (30 * 1024 * 1024), "big.jpg", 413, "过大"),
        (b"MZ\x90\x00 not a photo", "photo.jpg", 400, "不是 JPG 或 PNG"),
        (b"<html><script>alert(1)</script></html>", "photo.png", 400, "不是 JPG 或 PNG"),
        (b"\xff\xd8\xff\xe0broken", "photo.jpg", 400, "损坏"),
    ],
)
def test_files_that_are_no_photos_are_named_and_the_text_stays(town, public, data, name, status, word):
    answer = public.post(FORM, GOOD | {"photo": [upload(data, name), upload(picture())]})
    assert answer.status_code == status and not Report.objects.exists()
    assert word in page(answer).get_element_by_id("problems").text_content()
    assert page(answer).get_element_by_id("report").fields["text"].strip() == "河水发黑"
    assert ReportPhoto.objects.count() == 1  # the good one is kept for the next try


def test_a_seventh_photo_is_refused(town, public):
    answer = public.post(FORM, GOOD | {"photo": [upload(picture()) for _ in range(7)]})
    assert answer.status_code == 400 and "最多 6 张" in answer.content.decode()
    assert ReportPhoto.objects.count() == 6


def test_a_place_outside_is_told_and_the_list_still_works(town, public):
    where = {"lon": OUTSIDE[0], "lat": OUTSIDE[1]}
    answer = public.post(FORM, {"category": "air", "text": "x"} | where)
    assert answer.status_code == 400 and "不在某市范围内" in answer.content.decode()
    assert public.post(FORM, GOOD | {"region": "110101"}).status_code == 400
    # chosen by hand outranks where the device is
    assert public.post(FORM, GOOD | where).status_code == 302
    report = Report.objects.get()
    assert (report.region, report.lon) == (town.place, None)


def test_markup_and_statements_are_kept_as_typed_and_executed_nowhere(town, public, staff):
    text = "<script>alert(1)</script>'; DROP TABLE portal_report; --"
    public.post(FORM, GOOD | {"text": text, "place": "=HYPERLINK(1)"})
    report = Report.objects.get()
    assert report.text == text
    for answer in (public.get(own_url(report)), staff(town.worker).get(f"/portal/reports/{report.number}/")):
        shown = answer.content.decode()
        assert "<script>alert" not in shown and "&lt;script&gt;alert(1)" in shown
        assert "script-src 'self'" in answer["Content-Security-Policy"]
    csv = b"".join(staff(town.clerk).get("/portal/reports/?export=csv").streaming_content).decode("utf-8-sig")
    assert ",'=HYPERLINK(1)," in csv


def test_a_form_sent_twice_is_one_report_and_one_address(town, public):
    first, again = (public.post(FORM, GOOD | {"client_key": "same"}) for _ in range(2))
    assert first["Location"] == again["Location"] and Report.objects.count() == 1


def test_without_its_token_a_form_is_refused(town):
    from django.test import Client

    assert Client(enforce_csrf_checks=True).post(FORM, GOOD).status_code == 403
    assert not Report.objects.exists()


def test_a_flood_from_one_address_is_stopped_and_the_words_come_back(town, public):
    most = next(rate.most for rate in limits().rates if rate.name == "report")
    for number in range(most):
        assert public.post(FORM, GOOD | {"client_key": f"k{number}"}).status_code == 302
    answer = public.post(FORM, GOOD | {"client_key": "more", "text": "真的有事"})
    assert answer.status_code == 429 and Report.objects.count() == most
    assert page(answer).get_element_by_id("report").fields["text"].strip() == "真的有事"
    assert public.post(FORM, GOOD | {"client_key": "other"}, REMOTE_ADDR="10.0.0.9").status_code == 302


def test_a_like_report_near_by_is_shown_first_and_sending_again_takes_it(town, public):
    place = {"lon": INSIDE[0], "lat": INSIDE[1], "category": "water", "text": "黑水"}
    public.post(FORM, place)
    answer = public.post(FORM, place)
    known = Report.objects.get()
    assert answer.status_code == 200 and known.number in answer.content.decode()
    form = page(answer).get_element_by_id("report")
    assert form.fields["near_ok"] == "1" and form.fields["text"].strip() == "黑水"
    found = public.get("/public/report/near/", place).json()
    assert [one["number"] for one in found["near"]] == [known.number] and found["place"]["region"] == "360802"
    seen = public.post(f"/public/status/{known.number}/seen/")
    assert seen.status_code == 302 and Report.objects.get().seen == 1
    assert (
        public.post(FORM, {key: value for key, value in form.fields.items() if value is not None}).status_code == 302
        and Report.objects.count() == 2
    )


def test_scripts_get_data(town, public):
    asked = {"HTTP_ACCEPT": "application/json"}
    wrong = public.post(FORM, {}, **asked)
    assert wrong.status_code == 400 and {one["field"] for one in wrong.json()["problems"]} == {
        "region", "category", "photo"}  # fmt: skip
    right = public.post(FORM, GOOD, **asked).json()
    assert right["number"] == Report.objects.get().number and right["url"].startswith("/public/status/")
    villages = public.get("/public/report/near/", {"township": "360802100"}).json()["villages"]
    assert villages == [{"code": "360802100201", "name": "上村"}]


def test_by_number_everybody_sees_the_progress_and_nothing_of_the_person(town, public):
    public.post(FORM, GOOD | {"contact": "13800000000", "lon": INSIDE[0], "lat": INSIDE[1], "village": "360802100201"})
    report = Report.objects.get()
    services.reply(town.worker, report, "已派人查看")
    shown = public.get(f"/public/status/{report.number}/").content.decode()
    assert "已派人查看" in shown and town.ecology.label in shown and "东镇" in shown
    for secret in (
        "13800000000",
        "河水发黑",
        "桥下",
        "上村",
        str(report.lon),
        words.word_of(report.number, report.salt),
    ):
        assert secret not in shown
    assert public.get("/public/status/00000000000/").status_code == 404
    wrong = public.get(f"/public/status/{report.number}/AAAAAAAAAA/")
    assert wrong.status_code == 400 and "河水发黑" not in wrong.content.decode()
    assert public.get(f"/public/status/{report.number}/AAAAAAAAAA/photo/1/").status_code == 400


def test_asking_by_number_and_word(town, public):
    public.post(FORM, GOOD)
    report = Report.objects.get()
    assert public.post("/public/status/", {"number": f" {report.number} "})["Location"].endswith(f"/{report.number}/")
    word = words.word_of(report.number, report.salt)
    asked = public.post("/public/status/", {"number": report.number, "word": word.lower()})
    assert asked["Location"] == own_url(report)
    wrong = public.post("/public/status/", {"number": report.number, "word": "x"})
    assert wrong.status_code == 400 and "口令不对" in wrong.content.decode()
    assert public.post("/public/status/", {"number": "²"}).status_code == 404


def test_rating_and_asking_for_more_through_the_page(town, public):
    public.post(FORM, GOOD)
    report = Report.objects.get()
    early = public.post(own_url(report), {"act": "rate", "stars": "5"})
    assert early.status_code == 409 and Report.objects.get().rating is None
    Report.objects.update(state="done", ended_on="2026-01-01")
    late = public.post(own_url(report), {"act": "reopen", "text": "还在"})
    assert late.status_code == 409 and "超过 30 天" in late.content.decode() and "还在" in late.content.decode()


def test_photos_nobody_claims_are_forgotten(town, public):
    public.post(FORM, {"photo": upload(picture())})
    public.post(FORM, GOOD | {"photo": upload(picture(size=(50, 50)))})
    assert ReportPhoto.objects.count() == 2
    assert photos.forget(timezone.now() + timedelta(hours=23)) == 0
    assert photos.forget(timezone.now() + timedelta(hours=25)) == 1
    assert ReportPhoto.objects.get().report == Report.objects.get()


def test_while_the_desk_is_closed_the_page_says_whom_to_call(town, public):
    services.open_desk(town.clerk, is_open=False)
    for answer in (public.get(FORM), public.post(FORM, GOOD)):
        assert answer.status_code == 409 and "12369" in answer.content.decode()


def test_staff_see_their_own_and_act_on_them(town, public, staff):
    public.post(FORM, GOOD | {"contact": "13800000000"})
    report = Report.objects.get()
    address = f"/portal/reports/{report.number}/"
    assert staff(town.mayor).get(address).status_code == 404
    worker = staff(town.worker)
    assert "13800000000" not in worker.get(address).content.decode()
    assert "13800000000" in worker.post(address, {"act": "contact"}).content.decode()
    assert worker.post(address, {"act": "reply", "text": "已处理"}).status_code == 302
    wrong = worker.post(address, {"act": "reply", "text": " "})
    assert wrong.status_code == 400
    assert staff(town.reader).post(address, {"act": "reply", "text": "x"}).status_code == 403
    assert Report.objects.get().reply == "已处理"


def test_the_worker_script_names_what_it_keeps(town, public):
    answer = public.get("/public/worker.js")
    kept, later = (
        json.loads("[" + re.search(rf"{name} = \[(.*?)\]", answer.content.decode())[1] + "]")
        for name in ("KEPT", "LATER")
    )
    assert answer["Content-Type"].startswith("text/javascript") and "/public/report/" in kept
    assert "/public/report/ground.json" in later and not set(kept) & set(later)
    assert all(public.get(one).status_code == 200 for one in kept + later if not one.startswith("/static/"))
    assert all(finders.find(one.removeprefix("/static/")) for one in kept + later if one.startswith("/static/"))


def test_the_ground_of_the_map_is_the_counties_of_the_served_division(town, public):
    found = public.get("/public/report/ground.json").json()
    codes = [one["properties"]["code"] for one in found["areas"]["features"]]
    assert town.county.code in codes and all(code.startswith("3608") for code in codes)
    west, south, east, north = found["bounds"]
    # Ji'an lies between 113.8 and 115.9 E, 25.9 and 27.9 N (atlas)
    assert 113.7 < west < 114.2 and 115.6 < east < 116.1 and 25.8 < south < 26.3 and 27.5 < north < 28.0
    for one in found["areas"]["features"]:
        lon, lat = one["properties"]["at"]
        assert shape(one["geometry"]).contains(Point(lon, lat)), one["properties"]["name"]
    services.open_desk(town.clerk, is_open=False)
    assert public.get("/public/report/ground.json").status_code == 409


def test_where_no_boundaries_are_known_the_map_has_no_ground(town, public):
    assert places.ground(Region(code="110000", name="别处", level="province")) == (
        {"type": "FeatureCollection", "features": []},
        None,
    )


def test_larger_type_comes_back_to_this_site_only(town, public):
    answer = public.get("/public/type/?large=1&next=/public/status/")
    assert answer["Location"] == "/public/status/" and answer.cookies["large"].value == "1"
    assert 'class=" large"' in public.get("/public/").content.decode()
    for elsewhere in ("https://example.com/", "//example.com/", "javascript:alert(1)", "\\\\example.com"):
        assert public.get("/public/type/", {"large": "0", "next": elsewhere})["Location"] == "/public/"
