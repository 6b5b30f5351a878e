"""Pages and API of alarms and quality: what people see and may do there."""

import json
from datetime import timedelta

import lxml.html
import pytest
from django.urls import reverse
from django.utils import timezone

from ecocloud.intake.monitoring.alarms import access, forms, replaying, services
from ecocloud.intake.monitoring.alarms import document as doc
from ecocloud.intake.monitoring.alarms.facts import given_rules
from ecocloud.intake.monitoring.alarms.models import AlarmIncident, AlarmRule
from ecocloud.intake.monitoring.quality import watching
from ecocloud.intake.monitoring.quality.models import QualityReview
from ecocloud.kernel.duties.models import WorkItem
from tests.intake.monitoring.alarms.conftest import HIGH, START, rule, station

pytestmark = pytest.mark.django_db


@pytest.fixture
def incident(place, device, field):
    rule(place.office, HIGH, place.city)
    field.put([60, 80, 160])
    field.run(3.1)
    return AlarmIncident.objects.get()


def test_the_list_and_the_page(place, incident, at):
    page = at(place.east_staff).get(reverse("monitoring:alarms"), {"state": "raised", "open": "1"}).content.decode()
    assert "PM2.5 偏高" in page and "东县一中" in page and "待确认" in page
    page = at(place.east_staff).get(reverse("monitoring:alarm", args=[incident.pk])).content.decode()
    for said in ("PM2.5 160 μg/m³ ＞ 150 μg/m³", "PM2.5 ＞ 75 μg/m³", "仍在持续", "触发 · 较重", "较重 · 待确认",
                 "设备没有对应的名录对象，或对象没有位置", 'data-dialog="acknowledge"', "报警值"):  # fmt: skip
        assert said in page, said
    assert 'data-dialog="item"' not in page  # no right to create work items
    reader = at(place.reader).get(reverse("monitoring:alarm", args=[incident.pk])).content.decode()
    assert 'data-dialog="acknowledge"' not in reader
    assert at(place.west_staff).get(reverse("monitoring:alarm", args=[incident.pk])).status_code == 404
    assert "PM2.5 偏高" not in at(place.west_staff).get(reverse("monitoring:alarms")).content.decode()


def test_the_page_in_english(place, incident, at):
    address = reverse("monitoring:alarm", args=[incident.pk])
    page = at(place.office).get(address, {"language": "en"}).content.decode()
    for said in ("Source hints", "Serious · ", "Raised · Serious", "Still going on", "is told."):
        assert said in page, said


def test_steps_from_the_page(place, incident, at):
    client = at(place.office)

    def post(name, **data):
        client.post(reverse(f"monitoring:{name}", args=[incident.pk]), data)
        incident.refresh_from_db()

    post("alarm-acknowledge", opinion="知悉")
    assert incident.state == "acknowledged"
    post("alarm-comment", opinion="已联系")
    post("alarm-assign", unit="0")
    assert incident.state == "acknowledged"
    post("alarm-assign", unit=place.bureau.pk, opinion="尽快")
    assert (incident.state, incident.assigned_to) == ("assigned", place.bureau)
    post("alarm-item", unit=place.bureau.pk, deadline="2020-01-01")
    assert incident.item_ref is None
    due = timezone.localdate() + timedelta(days=3)
    post("alarm-item", unit=place.bureau.pk, deadline=due.isoformat(), opinion="核查")
    assert WorkItem.objects.get().ref == incident.item_ref
    assert "已转督办" not in client.get(reverse("monitoring:alarm", args=[incident.pk])).content.decode()
    post("alarm-false", opinion="")
    assert incident.state == "assigned"
    post("alarm-false", opinion="标定气体")
    assert (incident.state, incident.reason) == ("false", "标定气体")
    kinds = list(incident.events.values_list("kind", flat=True))
    assert kinds == ["raised", "acknowledged", "comment", "assigned", "item", "false"]


def test_counts_and_to_dos(place, incident, at):
    assert (access.going(place.east_staff), access.going(place.west_staff)) == (1, 0)
    (row,) = access.todo_rows(place.east_staff, "todo", 5)
    assert row["title"] == "东县一中 · PM2.5 偏高" and row["light"] == ("red", "较重")
    assert access.menu_count(place.reader) == 0
    page = at(place.east_staff).get(access.todo_url(place.east_staff, "todo")).content.decode()
    assert "PM2.5 偏高" in page


def test_the_off_line_list_links_to_the_incident(place, device, field, at):
    rule(place.office, {"cause": "no_data", "zh": "中断", "interval": "hour",
                        "grades": [{"level": 1, "when": {"is": "no_data"}}]}, place.city)  # fmt: skip
    field.run(3)
    page = at(place.east_staff).get(reverse("monitoring:offline")).content.decode()
    assert "东县一中" in page and reverse("monitoring:alarm", args=[AlarmIncident.objects.get().pk]) in page
    assert "没有离线的站点" in at(place.west_staff).get(reverse("monitoring:offline")).content.decode()


def test_rules_in_words_and_installed(place, at):
    client = at(place.office)
    assert "还没有报警规则" in client.get(reverse("monitoring:alarm-rules")).content.decode()
    client.post(reverse("monitoring:alarm-rules-install"))
    page = client.get(reverse("monitoring:alarm-rules"), {"size": 50}).content.decode()
    for said in ("溶解氧 ＜ 5 mg/L（回到 5.5 mg/L 才恢复） 或 高锰酸盐指数 ＞ 6 mg/L", "登记限值的 90%",
                 "最近 4 个数据中有 3 个", "8 小时内（至少 8 个数据）变化不超过 0",
                 "超过 1.5 个数据间隔没有新数据"):  # fmt: skip
        assert said in page, said
    page = client.get(reverse("monitoring:alarm-rules"), {"size": 50, "language": "en"}).content.decode()
    for said in ("Dissolved oxygen ＜ 5 mg/L", "Permanganate index ＞ 6 mg/L", "pH Change by more than 1.5 within 8 h"):
        assert said in page, said
    assert not [name for name in ("溶解氧", "氨氮", "无量纲", "断面") if name in page]
    client.get(reverse("monitoring:alarm-rules"), {"language": "zh-hans"})
    row = AlarmRule.objects.get(given="ozone")
    page = client.get(reverse("monitoring:alarm-rule", args=[row.pk])).content.decode()
    assert "4、5、6、7、8、9、10 月 08:00—22:00" in page
    client.post(reverse("monitoring:alarm-rule-switch", args=[row.pk]), {"on": "0"})
    row.refresh_from_db()
    assert not row.enabled
    assert at(place.east_staff).post(reverse("monitoring:alarm-rule-switch", args=[row.pk])).status_code == 403


FORM = {"zh": "试验规则", "cause": "exceed", "interval": "hour", "acknowledge": "60", "each": "some", "kinds": ["air"],
        "factors": "a34004", "g1-kind": "limit", "g1-op": ">", "g1-value": "75", "g1-back": "70",
        "days": "30"}  # fmt: skip


def test_a_rule_is_tried_before_it_is_saved(place, device, field, at, monkeypatch):
    field.put([60, 80, 72, 60])
    monkeypatch.setattr(timezone, "now", lambda: START + timedelta(hours=5))
    client, url = at(place.office), reverse("monitoring:alarm-rule-new")
    page = client.post(url, FORM | {"try": "1"}).content.decode()
    assert (
        "近 30 天，这条规则会在 1 个站点产生 1 起报警" in page
        and "共触发 1 次" in page
        and "PM2.5 80 μg/m³ ＞ 75 μg/m³" in page
    )
    assert not AlarmRule.objects.exists()
    wrong = client.post(url, FORM | {"g1-value": "很多", "acknowledge": "0", "g2-kind": "own", "g2-own": "{"})
    assert wrong.status_code == 400
    said = wrong.content.decode()
    assert "较重：文本不是 JSON。" in said
    assert 'value="很多"' in said  # nothing is lost
    wrong = client.post(url, FORM | {"g1-value": "很多", "acknowledge": "0"}).content.decode()
    assert "一般：when.value 应为数字。" in wrong and "确认时限（分钟）：应为 1 到 44640 的整数。" in wrong
    done = client.post(url, FORM)
    row = AlarmRule.objects.get()
    assert done.url == reverse("monitoring:alarm-rule", args=[row.pk])
    assert row.document["grades"][0]["when"] == {"is": "limit", "op": ">", "value": "75", "back": "70"}
    page = client.get(reverse("monitoring:alarm-rule", args=[row.pk]), {"days": "30"}).content.decode()
    assert "共触发 1 次" in page


# What goes the hard way: days of the week, several windows, data flags, the kind of the work item, groups, groups in
# groups.
LOW, OLD = {"is": "limit", "factor": "a34002", "op": "<", "value": 0}, {"is": "no_data", "factor": "a34004"}
NEAR = {"is": "lasting", "what": {"is": "limit", "factor": "a34004", "op": ">", "value": 75}, "minutes": 120}
RICH = [
    {"windows": [{"months": [1, 2], "weekdays": [1, 5], "from": "22:00", "to": "06:00"}]},
    {"windows": [{"months": [1], "from": "00:00", "to": "24:00"}, {"months": [7], "from": "08:00", "to": "20:00"}]},
    {"flags": ["N", "D"]},
    {"duty": {"level": 2, "kind": "task", "days": 5}},
    {"grades": [{"level": 1, "when": {"any": [LOW, OLD, NEAR]}, "calm": 3},
                {"level": 3, "when": {"all": [LOW, NEAR]}}]},
    {"grades": [{"level": 2, "when": {"any": [LOW, {"all": [OLD, NEAR]}]}}]},
]  # fmt: skip
IDS = ("weekdays", "windows", "flags", "kind", "groups", "nested")


def sent_by(page):
    """What a browser sends of the form of a page: the fields as they stand there."""
    form = max(lxml.html.fromstring(page).forms, key=lambda one: len(one.inputs))
    sent = {}
    for name, value in form.form_values():
        sent.setdefault(name, []).append(value)
    return sent


@pytest.mark.parametrize(
    "document",
    [*(one.document for one in given_rules()), *(given_rules()[0].document | more for more in RICH)],
    ids=[*(one.code for one in given_rules()), *IDS],
)
def test_every_rule_goes_through_the_form_and_back(document, place, at):
    """As a browser opens the form and sends it."""
    row = services.save_rule(place.office, None, given=document, region=place.city)
    client, url = at(place.office), reverse("monitoring:alarm-rule-edit", args=[row.pk])
    assert client.post(url, sent_by(client.get(url).content)).status_code == 302
    row.refresh_from_db()
    again = document | {"kinds": row.document["kinds"]} if "kinds" in document else document  # in the order of the page
    assert sorted(again.get("kinds", ())) == sorted(document.get("kinds", ()))
    assert (row.revision, doc.read(row.document)) == (2, doc.read(again))


def fields_of(page, grade):
    """The controls of a grade that a person sees."""
    section = lxml.html.fromstring(page).get_element_by_id(f"grade-{grade}")
    names = section.xpath(".//*[self::input[not(@type='hidden')] or self::select or self::textarea]/@name")
    return {name.split("-", 1)[1] if name.startswith(f"g{grade}-") else name for name in names}


def test_the_form_shows_what_the_chosen_condition_needs_and_loses_nothing(place, at):
    client, url = at(place.office), reverse("monitoring:alarm-rule-new")
    page = client.get(url).content
    assert fields_of(page, 1) == {"kind"}
    for kind, names in forms.FIELDS.items():
        page = client.post(url, FORM | {"g1-kind": kind, "show": "1"}).content
        assert fields_of(page, 1) == {"kind", "calm", *names}, kind
    # Another kind and back: what was typed is there, also what is no number, also in the rest of the form.
    typed = FORM | {"g1-value": "很多", "g1-was": "limit", "from": "25:00", "zh": "", "show": "1", "g1-kind": "no_data"}
    page = client.post(url, typed).content
    assert fields_of(page, 1) == {"kind", "calm", "factor", "intervals"} and b'role="alert"' not in page
    back = client.post(url, sent_by(page) | {"g1-kind": ["limit"], "show": ["1"]}).content
    sent = sent_by(back)
    for name, value in {"g1-value": "很多", "g1-back": "70", "from": "25:00", "zh": "", "factors": "a34004"}.items():
        assert sent[name] == [value], name
    assert not AlarmRule.objects.exists()
    # Text that is no JSON stays, too.
    wrong = client.post(url, FORM | {"g1-kind": "own", "g1-own": "{"})
    assert wrong.status_code == 400 and sent_by(wrong.content)["g1-own"] == ["{"]


def test_a_condition_becomes_one_of_a_group_and_then_text(place, at):
    client, url = at(place.office), reverse("monitoring:alarm-rule-new")
    page = client.post(url, FORM | {"g1-was": "limit", "g1-kind": "any", "show": "1"}).content
    assert fields_of(page, 1) == {"kind", "calm", "g1p1-kind", "g1p1-factor", "g1p1-op", "g1p1-value", "g1p1-back",
                                  "g1p2-kind"}  # fmt: skip
    sent = sent_by(page) | {"g1p2-kind": ["flat"], "g1p2-minutes": ["480"], "g1p2-least": ["8"]}
    page = client.post(url, sent | {"more": ["g1"]}).content
    assert "g1p3-kind" in fields_of(page, 1)
    text = client.post(url, sent_by(page) | {"g1-kind": ["own"], "show": ["1"]}).content
    group = {"any": [{"is": "limit", "op": ">", "value": "75", "back": "70"},
                     {"is": "flat", "minutes": 480, "least": 8}]}  # fmt: skip
    assert json.loads(sent_by(text)["g1-own"][0]) == group
    assert client.post(url, sent_by(page)).status_code == 302
    assert AlarmRule.objects.get().document["grades"] == [{"level": 1, "when": group, "calm": 1}]


def test_what_overlaps_at_a_station_is_one_incident(place, device, field, at, monkeypatch):
    """PM2.5 and PM10 above at the same hours, then PM2.5 once more: three episodes, two incidents, one station."""
    field.put([80, 80, 60, 60, 80])
    field.put([90, 60, 60, 60, 60], code="a34002")
    monkeypatch.setattr(timezone, "now", lambda: START + timedelta(hours=5.5))
    rule_ = doc.read(HIGH | {"each": ["a34004", "a34002"]})
    found = replaying.try_on(place.office, rule_, place.city, 30)
    assert (found.total, found.incidents, found.stations, found.devices, found.more) == (3, 2, 1, 1, 0)
    monkeypatch.setattr(replaying, "MOST_SECONDS", -1.0)
    station(place, mn="99000000000001")
    late = replaying.try_on(place.office, rule_, place.city, 30)
    assert (late.devices, late.more) == (1, 1)  # always one, then the time is over


def test_flags_and_reviews_on_their_pages(place, device, field, at):
    watching.run(START)
    field.put([30, -5])
    watching.run(START)
    client = at(place.east_staff)
    page = client.get(reverse("monitoring:flags")).content.decode()
    assert "合理范围 0—1000" in page and "负值" in page and "PM2.5 大于 PM10" in page
    address = reverse("monitoring:review-decide", args=[device.pk])
    given = {"factor": "a34004", "interval": "hour", "first": "2026-03-02T09:00", "last": "", "valid": "0"}
    client.post(address, given | {"opinion": ""})
    assert not QualityReview.objects.exists()
    client.post(address, given | {"opinion": "零点漂移"})
    row = QualityReview.objects.get()
    assert (row.first, row.last - row.first, row.valid) == (START + timedelta(hours=1), timedelta(seconds=1), False)
    assert "无效" in client.get(reverse("monitoring:flags"), {"device": device.pk}).content.decode()
    page = client.get(reverse("monitoring:reviews"), {"device": device.pk}).content.decode()
    assert "零点漂移" in page and "审核：东县一中" in page
    client.post(reverse("monitoring:review-cancel", args=[row.pk]), {"opinion": "误判"})
    row.refresh_from_db()
    assert row.cancelled_by == place.east_staff
    assert client.get(reverse("monitoring:flags"), {"form": "csv"}).status_code == 200


def test_the_api(place, incident, at):
    client = at(place.east_staff)
    (row,) = client.get("/api/monitoring/alarms?open=true").json()
    assert (row["cause"], row["level"], row["mn"]) == ("exceed", 2, incident.device.mn)
    said = client.post(f"/api/monitoring/alarms/{incident.pk}/steps", json.dumps({"step": "acknowledge"}),
                       content_type="application/json").json()  # fmt: skip
    assert said["state"] == "acknowledged"
    again = client.post(f"/api/monitoring/alarms/{incident.pk}/steps", json.dumps({"step": "acknowledge"}),
                        content_type="application/json")  # fmt: skip
    assert again.status_code == 409
    whole = client.get(f"/api/monitoring/alarms/{incident.pk}").json()
    assert [one["kind"] for one in whole["steps"]] == ["raised", "acknowledged"]
    assert whole["signals"][0]["because"][0]["value"] == "160"
    tried = at(place.office).post("/api/monitoring/alarms/trial", json.dumps({"document": HIGH, "days": 3}),
                                  content_type="application/json")  # fmt: skip
    assert tried.status_code == 200, tried.content.decode()
    assert (tried.json()["devices"], tried.json()["incidents"], tried.json()["stations"]) == (1, 0, 0)
    wrong = at(place.east_staff).post("/api/monitoring/alarms/trial", json.dumps({"document": HIGH}),
                                      content_type="application/json")  # fmt: skip
    assert wrong.status_code == 403
    services.comment(place.office, incident.pk, note="x")
    given = {"device": incident.device_id, "first": START.isoformat(), "last": (START + timedelta(hours=1)).isoformat(),
             "valid": False, "reason": "停电"}  # fmt: skip
    client = at(place.east_staff)
    made = client.post("/api/monitoring/reviews", json.dumps(given), content_type="application/json")
    assert made.status_code == 200 and client.get("/api/monitoring/reviews").json()[0]["reason"] == "停电"
    assert client.get("/api/monitoring/flags").json() == []
