"""Bad input over HTTP beyond the form of reports (tests/portal/reports/test_views.py has that one): a clear answer,
nothing lost, nothing executed, nothing in a file a spreadsheet would run."""

import io
import re
import struct
import zlib
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from openpyxl import load_workbook

from ecocloud.portal.consulting import services as consulting
from ecocloud.portal.consulting.models import Comment, Consultation
from ecocloud.portal.facts import limits
from ecocloud.portal.reports.models import Report, ReportPhoto

pytestmark = pytest.mark.django_db
FORM = "/public/report/"
GOOD = {"category": "water", "region": "360802100", "text": "河水发黑"}
FORMULAS = ('=HYPERLINK("http://x","点")', "+1+1", "-2+3", "@SUM(A1)", "\t=1+1", "＝1+1")


def most(name):
    return next(one.most for one in limits().rates if one.name == name)


def closed(row):
    today = timezone.localdate()
    Consultation.objects.filter(pk=row.pk).update(opens=today - timedelta(days=9), closes=today - timedelta(days=1))


def address(row):
    return f"/public/consult/{row.pk}/"


# --- comments --------------------------------------------------------------------------------------------------------


def test_a_comment_sent_twice_is_one_also_after_the_last_day(running, public):
    given = {"text": "建议增加一条", "client_key": "same"}
    first, again = (public.post(address(running), given) for _ in range(2))
    closed(running)
    late = public.post(address(running), given)  # the answer of the first was lost on its way
    assert {one["Location"] for one in (first, again, late)} == {f"{address(running)}?sent=1#form"}
    assert Comment.objects.count() == 1
    other = public.post(address(running), given | {"client_key": "another"})
    assert other.status_code == 409 and "建议增加一条" in other.content.decode() and Comment.objects.count() == 1


def test_a_flood_of_comments_is_stopped_with_the_words_still_there(running, public):
    for number in range(most("comment")):
        assert public.post(address(running), {"text": f"意见{number}"}).status_code == 302
    answer = public.post(address(running), {"text": "最后一条要紧的"})
    assert answer.status_code == 429 and "最后一条要紧的" in answer.content.decode()
    assert "分钟后再试" in answer.content.decode() and Comment.objects.count() == most("comment")
    assert public.post(address(running), {"text": "别处来的"}, REMOTE_ADDR="10.0.0.9").status_code == 302


@pytest.mark.parametrize(
    "wrong", [{"anchor": "p99"}, {"anchor": "<script>"}, {"text": "长" * 2001}, {"text": "\u200b\x00"}]
)
def test_wrong_comments_are_refused_in_words(running, public, wrong):
    answer = public.post(address(running), {"text": "好"} | wrong)
    assert answer.status_code == 400 and not Comment.objects.exists()
    assert '<script>"' not in answer.content.decode()


def test_formulas_in_comments_leave_as_text(town, running, public, staff):
    for text in FORMULAS:
        public.post(address(running), {"text": text, "name": text})
    for row in Comment.objects.all():
        consulting.moderate(town.clerk, row, True)
    clerk = staff(town.clerk)
    csv = b"".join(clerk.get("/portal/comments/?export=csv").streaming_content).decode("utf-8-sig")
    book = load_workbook(io.BytesIO(b"".join(clerk.get("/portal/comments/?export=xlsx").streaming_content)))
    opened = public.get("/public/data/comments.csv").content.decode("utf-8-sig")
    for text in (csv, opened):
        assert "SUM(A1)" in text and not re.search(r'(^|,)"?\s*[=+@-]', text, re.M)
    cells = [cell for row in book.active.iter_rows() for cell in row if cell.value is not None]
    assert any("SUM(A1)" in str(cell.value) for cell in cells) and all(cell.data_type != "f" for cell in cells)
    told = {one["text"] for one in public.get("/public/data/comments.json").json()["rows"]}
    assert told == {text.strip() for text in FORMULAS}  # where nothing would run it, as it was typed


# --- what is not a form of ours --------------------------------------------------------------------------------------


def bomb(side=60_000):
    """A PNG of some KB that says it is 60,000 by 60,000 (3.6 thousand million points)."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 4096)) + chunk(b"IEND", b"")
    )


def test_a_picture_that_would_fill_the_memory_is_never_drawn(town, public):
    answer = public.post(FORM, GOOD | {"photo": SimpleUploadedFile("p.png", bomb(), "image/png")})
    assert answer.status_code in (302, 400)  # kept as it is or refused: nothing here unpacks it
    assert Report.objects.count() + (answer.status_code == 400) == 1


def test_more_photos_than_a_form_can_hold_are_named_and_counted(town, public):
    files = [SimpleUploadedFile(f"{n}.jpg", b"x", "image/jpeg") for n in range(101)]
    answer = public.post(FORM, GOOD | {"photo": files})
    assert answer.status_code == 400 and not Report.objects.exists() and not ReportPhoto.objects.exists()


@pytest.mark.parametrize(
    ("given", "status"),
    [({"category": "no such"}, 400), ({"category": "water' OR 1=1"}, 400), ({"region": "360802100' --"}, 400),
     ({"region": "9" * 4000}, 400), ({"village": "360900001001"}, 400), ({"text": "字" * 1001}, 400),
     ({"lon": "NaN", "lat": "27"}, 302), ({"lon": "1e999", "lat": "27"}, 302), ({"kept": "../../etc/passwd"}, 302),
     ({"client_key": "x" * 5000}, 302), ({"place": "\u202e\u200b桥下"}, 302), ({"place": "\x00桥下"}, 400)],
)  # fmt: skip
def test_strange_values_are_refused_or_taken_as_nothing(town, public, given, status):
    answer = public.post(FORM, GOOD | given)
    assert answer.status_code == status and Report.objects.count() == (status == 302)
    if status == 302:
        row = Report.objects.get()
        assert row.lon is None and len(row.client_key) <= 64 and row.place in ("", "桥下") and not row.photos.exists()


def test_bytes_that_are_no_text_and_a_body_that_is_no_form(town, public):
    raw = b"category=water&region=360802100&text=\xff\xfe\xc0"
    assert public.post(FORM, raw, content_type="application/x-www-form-urlencoded").status_code == 302
    assert Report.objects.get().text.isprintable()
    for body, kind in (
        (b"{}", "application/json"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b"\x00" * 99, "x/y"),
    ):
        assert public.post(FORM, body, content_type=kind).status_code == 400
    assert Report.objects.count() == 1


@pytest.mark.parametrize("number", ["'; DROP TABLE portal_report;--", "%00", "../../x", "٣" * 11, "9" * 400])
def test_numbers_that_are_none_find_nothing(town, public, number):
    from urllib.parse import quote

    assert public.get(f"/public/status/{quote(number, safe='')}/").status_code == 404
    asked = public.post("/public/status/", {"number": number})
    assert asked.status_code == 404 and "<script" not in asked.content.decode().split("<main")[1].split("</main")[0]


def test_other_methods_and_a_flood_of_files_are_answered(town, public):
    for answer in (public.put(FORM), public.delete("/public/"), public.patch("/public/status/")):
        assert answer.status_code < 500 and not Report.objects.exists()
    for _time in range(most("data")):
        assert public.get("/public/data/reports.csv").status_code == 200
    stopped = public.get("/public/data/reports.csv")
    assert stopped.status_code == 429 and "分钟后再试" in stopped.content.decode()
    wrong = public.get("/public/data/reports.exe")
    assert wrong.status_code == 404 and "csv" in wrong.content.decode()
