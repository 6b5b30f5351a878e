"""Pages and API of the room: what people see and do there, with and without a script, signed in and not."""

import io
import json
import re
from datetime import timedelta

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from ecocloud.base.officedocs import docx_text
from ecocloud.domains.chiefs import access
from ecocloud.domains.chiefs.models import Handover, Office, Patrol, Plan, RuleChoice
from ecocloud.domains.chiefs.services import offices
from ecocloud.kernel.duties.models import WorkItem
from ecocloud.kernel.journal.refs import resolve

KEY = "0123456789abcdef"


def picture(name="现场.jpg", secret="SecretPhone"):
    exif = Image.Exif()
    exif[0x010F] = secret
    exif.get_ifd(0x8825).update({1: "N", 2: (27, 3, 0), 3: "E", 4: (115, 3, 0)})
    out = io.BytesIO()
    Image.new("RGB", (6, 4)).save(out, "JPEG", exif=exif)
    made = io.BytesIO(out.getvalue())
    made.name = name
    return made


def send(client, seat, **more):
    return client.post(reverse("chiefs:patrol-new"), {"key": KEY, "office": seat.pk, "result": "none"} | more)


def test_one_tap_records_a_patrol(place, seat, at):
    client = at(place.chief)
    page = client.get(reverse("chiefs:patrol-new")).content.decode()
    assert "青溪石桥段 乡级河长" in page and 'value="none"' in page and "QX-01" not in page
    assert send(client, seat).status_code == 302
    row = Patrol.objects.get()
    assert (row.found, row.counts_as, row.lon, row.minutes) == (0, "chief", None, None)
    shown = client.get(reverse("chiefs:patrol", args=[row.pk])).content.decode()
    assert "未发现问题" in shown and "没有记录位置" in shown


def test_the_worker_of_the_phone_page_names_what_it_keeps(place, seat, at):
    text = at(place.chief).get(reverse("chiefs:patrol-worker")).content.decode()
    kept = json.loads("[" + re.search(r"KEPT = \[(.*?)\]", text)[1] + "]")
    assert reverse("chiefs:patrol-new") in kept and 'STORE = "eco-own-' in text
    assert all(finders.find(one.removeprefix("/static/")) for one in kept if one.startswith("/static/"))
    assert at(place.reader).get(reverse("chiefs:patrol-worker")).status_code == 403


def test_a_form_sent_again_says_so_and_a_script_is_answered_in_json(place, seat, at):
    client = at(place.chief)
    send(client, seat)
    again = client.post(reverse("chiefs:patrol-new"), {"key": KEY, "office": seat.pk, "result": "none"}, follow=True)
    assert "没有重复登记" in again.content.decode()
    told = client.post(reverse("chiefs:patrol-new"), {"key": KEY, "office": seat.pk, "result": "none"},
                       headers={"Accept": "application/json"}).json()  # fmt: skip
    assert told["ok"] and told["fresh"] is False and Patrol.objects.count() == 1
    refused = client.post(reverse("chiefs:patrol-new"), {"key": "f" * 16, "office": 999, "result": "none"},
                          headers={"Accept": "application/json"})  # fmt: skip
    assert refused.status_code == 404 and "岗位" in refused.json()["error"]


def test_a_problem_with_photographs(place, seat, at):
    client = at(place.chief)
    answer = send(
        client, seat, result="found", kind="dump", problem="<b>垃圾</b>", photos=[picture(), picture("二.jpg")]
    )
    row = Patrol.objects.get()
    assert answer.status_code == 302 and (row.lon, row.lat) == (115.05, 27.05)
    shown = client.get(reverse("chiefs:patrol", args=[row.pk])).content.decode()
    assert "&lt;b&gt;垃圾" in shown and "乱堆" in shown
    photo = row.photos.first()
    seen = client.get(reverse("chiefs:photo", args=[photo.pk]))
    assert seen["Content-Type"] == "image/jpeg" and b"SecretPhone" not in seen.content
    assert at(place.other).get(reverse("chiefs:photo", args=[photo.pk])).status_code == 404
    assert WorkItem.objects.get().title == "青溪石桥段：乱堆"


@pytest.mark.parametrize(
    ("more", "says"),
    [({"result": "found", "problem": ""}, "发现了什么"), ({"result": ""}, "有没有发现问题"),
     ({"minutes": "很久"}, "整数"),
     ({"minutes": "1441"}, "整数"), ({"lon": "x", "lat": "27"}, "数字"), ({"key": "<script>"}, "刷新页面")],
)  # fmt: skip
def test_what_is_wrong_is_told_and_nothing_typed_is_lost(place, seat, at, more, says):
    answer = send(at(place.chief), seat, note="写了一半", **more)
    page = answer.content.decode()
    assert answer.status_code == 400 and says in page and "写了一半" in page and '<script>"' not in page
    assert not Patrol.objects.exists()


def test_a_wrong_file_is_refused(place, seat, at):
    wrong = io.BytesIO(b"%PDF-1.7 not a photograph at all")
    wrong.name = "现场.jpg"
    answer = send(at(place.chief), seat, photos=[wrong])
    assert answer.status_code >= 400 and not Patrol.objects.exists()


def test_a_short_patrol_is_recorded_with_a_note(place, seat, at):
    levels = {"township": {"every": {"period": "month", "times": 1}, "minimums": {"minutes": 30}}}
    RuleChoice.objects.update(variant="", levels=levels, basis="县河长办")
    data = {"key": KEY, "office": seat.pk, "result": "none", "minutes": "29"}
    page = at(place.chief).post(reverse("chiefs:patrol-new"), data, follow=True)
    assert "时长不足。记录有效" in page.content.decode() and Patrol.objects.count() == 1


def test_what_i_owe(place, seat, at):
    client = at(place.chief)
    assert access.owed_count(place.chief) == 1 and access.owed_count(place.clerk) == 0
    (row,) = access.owed_rows(place.chief, "todo", 5)
    assert row["title"] == "青溪石桥段 乡级河长" and row["step"] == "本期应巡 1 次，已巡 0 次"
    today = timezone.localdate()
    assert access.owed_due(place.chief, today, today + timedelta(days=31))[row["due"]][0] == 1
    assert "已巡 0 次" in client.get(access.owed_url(place.chief)).content.decode()
    send(client, seat)
    assert access.owed_count(place.chief) == 0
    assert "本期巡查都已完成" in client.get(access.owed_url(place.chief)).content.decode()


def test_an_office_from_the_pages(place, reach, at):
    client = at(place.office)
    client.get(reverse("chiefs:offices"))
    data = {"kind": "river", "nature": "administrative", "level": "county", "object": reach.code, "post": "副县长",
            "unit": place.units["water"].pk, "sign": "QX-9", "phone": "0796-1", "opened_on": "2026-01-01"}  # fmt: skip
    bad = client.post(reverse("chiefs:office-new"), data | {"object": "没有这一段"})
    assert bad.status_code == 400 and "副县长" in bad.content.decode()
    assert client.post(reverse("chiefs:office-new"), data).status_code == 302
    row = Office.objects.get()

    def post(route, pk=row.pk, **more):
        return client.post(reverse(f"chiefs:{route}", args=[pk]), more, follow=True).content.decode()

    assert "没有这个账号" in post("appoint", name="王", on="2026-01-01", account="nobody")
    assert "至今" in post("appoint", name="王河长", on="2026-01-01", basis="任免文件")
    assert "不应" in post("appoint", name="李", on="2025-01-01") or Office.objects.get().terms.count() == 1
    assert "代巡须有截止日期和原因" in post("helper-add", role="stand_in", name="代", start="2026-02-01")
    assert "学习" in post("helper-add", role="stand_in", name="代", start="2026-02-01", end="2026-02-09", reason="学习")
    assert "0796-2" in post("office-edit", post="副县长", phone="0796-2", sign="QX-9", version=row.terms.count() + 2)
    post("handover-new", name="赵", more="钥匙")
    made = Handover.objects.get()
    assert "钥匙" in client.get(reverse("chiefs:handover", args=[made.pk])).content.decode()
    assert "已签字" in post("handover-sign", made.pk, side="give")
    assert "不能是同一人" in post("handover-sign", made.pk, side="take")
    assert "空缺" in post("term-end", on="2026-10-31", reason="调离")
    assert client.get(reverse("chiefs:qr", args=[row.pk]))["Content-Type"] == "image/svg+xml"
    listed = client.get(reverse("chiefs:offices"), {"vacant": "1"}).content.decode()
    assert "青溪石桥段 县级河长" in listed
    assert "已撤销" in post("office-close", opinion="河段合并")


def test_the_public_sign(place, seat, client):
    page = client.get(reverse("chiefs:sign", args=[seat.token]))
    text = page.content.decode()
    for said in ("张河长", "镇党委书记", "每月巡河", "0796-1234567", "12345", "QX-01", "东镇人民政府"):
        assert said in text, said
    assert "csrf" not in text and "测试" not in text
    assert client.get(reverse("chiefs:sign", args=["0" * 32])).status_code == 404
    english = client.get(reverse("chiefs:sign", args=[seat.token]), {"language": "en"}).content.decode()
    assert "How to report a problem" in english
    offices.close_office(place.office, seat.pk, reason="撤")
    assert client.get(reverse("chiefs:sign", args=[seat.token])).status_code == 404


def test_coverage_report_and_rules(place, seat, at):
    client = at(place.office)
    send(at(place.chief), seat)
    client = at(place.office)
    page = client.get(reverse("chiefs:coverage")).content.decode()
    assert "东镇人民政府" in page and "青溪石桥段 乡级河长" in page and "未与印发文本核对" in page
    assert place.chief.name not in page.replace("chiefs", "")
    lines = b"".join(client.get(reverse("chiefs:coverage"), {"export": "csv"}).streaming_content).decode("utf-8-sig")
    assert len(lines.splitlines()) == 2 and "青溪石桥段" in lines
    made = client.get(reverse("chiefs:report"), {"first": "2026-01-01", "last": "2026-03-31"})
    text = docx_text(b"".join(made.streaming_content))
    assert "2026年1—3月河湖长、林长巡查情况月报" in text and "应巡查3次，到位0次" in text.replace("[1]", "").replace(
        "[2]", ""
    )
    assert "张河长" not in text  # objects and units, never persons
    rules = client.get(reverse("chiefs:rules")).content.decode()
    assert "江西省河湖长巡查" in rules and "每月 1 次" in rules and "由当地规定" in rules and "待核对原文" in rules
    own = {"region": place.east.code, "variant": ":water", "basis": "县河长办〔2026〕1号", "times-township": "2",
           "period-township": "month", "on": "2026-02-01"}  # fmt: skip
    assert "每月 2 次" in client.post(reverse("chiefs:rule-choose"), own, follow=True).content.decode()
    assert "须写明依据" in client.post(reverse("chiefs:rule-choose"), own | {"basis": ""}, follow=True).content.decode()


def test_one_river_one_file(place, seat, at):
    client = at(place.office)
    data = {"title": "一河一策（2026）", "start": "2026-01-01", "end": "2028-12-31", "goal": "水质稳定达标"}
    client.post(reverse("chiefs:plan-new", args=[seat.object_id]), data)
    plan = Plan.objects.get()
    client.post(reverse("chiefs:measure-new", args=[plan.pk]),
                {"title": "岸线整治", "unit": place.units["water"].pk, "due": "2027-12-31"})  # fmt: skip
    page = client.get(reverse("chiefs:file", args=[seat.object_id])).content.decode()
    for said in ("张河长", "一河一策（2026）", "岸线整治", "水质稳定达标"):
        assert said in page, said
    shown = client.get(reverse("registers:object", args=[seat.object_id])).content.decode()
    assert 'id="chiefs"' in shown and "张河长" in shown and "已巡 0 次" in shown
    assert at(place.other).get(reverse("chiefs:file", args=[seat.object_id])).status_code == 404


def test_references_and_api(place, seat, at):
    client = at(place.chief)
    body = {"key": KEY, "office": seat.pk, "note": "正常", "problems": [{"kind": "float", "text": "浮萍"}]}

    def post():
        return client.post("/api/chiefs/patrols/new", json.dumps(body), content_type="application/json").json()

    first, again = post(), post()
    assert first["fresh"] and not again["fresh"] and first["id"] == again["id"]
    assert [row["found"] for row in client.get("/api/chiefs/patrols").json()] == [1]
    assert client.get("/api/chiefs/offices").json()[0]["name"] == "张河长"
    (line,) = client.get("/api/chiefs/coverage?first=2026-01-01&last=2026-02-28").json()
    assert (line["owed"], line["done"]) == (2, 0)
    assert resolve(seat.ref, place.chief).allowed and resolve(f"patrol:{first['id']}", place.chief).allowed
    assert not resolve(seat.ref, place.other).allowed and not resolve(f"patrol:{first['id']}", place.other).allowed
    assert at(place.other).get("/api/chiefs/patrols").json() == []
