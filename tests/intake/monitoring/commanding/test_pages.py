"""Pages and API of commands: what people see and may do there."""

import io
import json
from datetime import timedelta

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from ecocloud.intake.monitoring.commanding import services
from ecocloud.intake.monitoring.commanding.models import Command, CommandSetting
from ecocloud.kernel.journal.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def history(place, device):
    given = {"BeginTime": "2026-01-01T00:00", "EndTime": "2026-01-02T00:00"}
    return services.ask(place.east_staff, device, "2061", given, reason="核对缺数")


def test_three_steps_to_a_command(place, device, at):
    client, url = at(place.east_staff), reverse("monitoring:command-new")
    assert f"?device={device.pk}" in client.get(url).content.decode()
    page = client.get(url, {"device": device.pk}).content.decode()
    assert f"?device={device.pk}&amp;cn=3015" in page
    assert "cn=1072" not in page
    page = client.get(url, {"device": device.pk, "cn": "1062"}).content.decode()
    assert 'name="p-RtdInterval"' in page and "30～3600" in page
    wrong = client.post(url, {"device": device.pk, "cn": "1062", "p-RtdInterval": "5", "reason": "加密观测"})
    assert wrong.status_code == 400
    assert "“5”不在允许范围。应为 30～3600。" in wrong.content.decode()
    assert "加密观测" in wrong.content.decode()  # nothing is lost
    done = client.post(url, {"device": device.pk, "cn": "1062", "p-RtdInterval": "60", "reason": "加密观测"})
    row = Command.objects.get()
    assert done.url == reverse("monitoring:command", args=[row.pk])
    assert (row.given, row.state) == ({"RtdInterval": "60"}, "ready")


def test_a_device_out_of_reach_is_not_there(place, device, history, at):
    client = at(place.west_staff)
    assert client.get(reverse("monitoring:command-new"), {"device": device.pk}).status_code == 404
    assert client.get(reverse("monitoring:command", args=[history.pk])).status_code == 404
    assert "核对缺数" not in client.get(reverse("monitoring:commands")).content.decode()


def test_a_second_person_finds_and_decides(place, device, at):
    row = services.ask(place.east_staff, device, "3015", reason="超标留样")
    page = at(place.east_staff).get(reverse("monitoring:command", args=[row.pk])).content.decode()
    assert "提出人本人不能审批" in page and "同意下发" not in page
    client = at(place.office)
    assert "有 1 条指令等您审批" in client.get(reverse("monitoring:commands")).content.decode()
    assert "超标留样" in client.get(reverse("monitoring:commands"), {"mine": "1"}).content.decode()
    client.post(reverse("monitoring:command-dismiss", args=[row.pk]), {"opinion": ""})
    row.refresh_from_db()
    assert row.state == "prepared"
    client.post(reverse("monitoring:command-approve", args=[row.pk]), {"opinion": "同意"})
    row.refresh_from_db()
    assert (row.state, row.decided_by, row.opinion) == ("ready", place.office, "同意")
    client.post(reverse("monitoring:command-withdraw", args=[row.pk]))
    row.refresh_from_db()
    assert row.state == "withdrawn"


def test_the_course_of_a_command_with_its_packets(place, history, gateway, at):
    (one,) = gateway.due()
    gateway.went_out(one)
    gateway.told("9011", one.qn, 1)
    for _ in range(25):
        gateway.told("2061", one.qn)
    gateway.told("9012", one.qn, 100)
    page = at(place.office).get(reverse("monitoring:command", args=[history.pk])).content.decode()
    for said in ("9011 请求应答", "1 准备执行", "100 没有数据", "开始时间", "2026-01-01 00:00:00", one.qn,
                 "另有 5 个数据包", 'data-ref="raw:g1/1"'):  # fmt: skip
        assert said in page


def test_after_doubt_the_page_says_what_to_do(place, device, gateway, at):
    row = services.approve(place.office, services.ask(place.east_staff, device, "3015", reason="留样").pk)
    gateway.due()
    Command.objects.filter(pk=row.pk).update(deadline=row.asked_at - timedelta(minutes=1))
    gateway.due()
    page = at(place.office).get(reverse("monitoring:command", args=[row.pk])).content.decode()
    assert "是否送达不明" in page and "请联系现场核实" in page


def test_the_list_as_a_file(place, history, at):
    answer = at(place.office).get(reverse("monitoring:commands"), {"export": "xlsx"})
    rows = list(load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active.values)
    given = "开始时间 2026-01-01 00:00:00，结束时间 2026-01-02 00:00:00"
    named = ("东县一中", history.device.mn, "2061", "提取小时历史数据", given, "核对缺数", "待下发", None)
    assert rows[1][1:9] == named
    entry = Entry.objects.get(action="web.list.export")
    assert (entry.ref_key, json.loads(entry.after)["rows"]) == ("monitoring.commands", 1)


def test_how_a_device_takes_commands(place, device, at, gateway):
    url = reverse("monitoring:command-setting", args=[device.pk])
    gateway.told("9012", "1", 1)
    assert "对不上的应答" in at(place.office).get(url).content.decode()
    assert at(place.office).post(url, {"edition": "1999", "link": "wired"}).status_code == 400
    at(place.office).post(url, {"edition": "2017", "link": "wired", "auto_clock": "on"})
    row = CommandSetting.objects.get()
    assert (row.link, row.auto_clock, row.own_qn) == ("wired", True, False)
    assert "对不上的应答" in at(place.office).get(reverse("monitoring:strays")).content.decode()


def test_the_table_says_its_sources(place, at):
    page = at(place.office).get(reverse("monitoring:command-table")).content.decode()
    assert "HJ 212-2017 6.2 表1" in page and "HJ 212-2017 表9" in page and "不经数据链路传送新密码" in page


def test_api(place, device, at):
    client, base = at(place.east_staff), "/api/monitoring/commands"

    def post(url, body):
        return client.post(url, json.dumps(body), content_type="application/json")

    wrong = post(base, {"device": device.pk, "cn": "1062", "parameters": {"RtdInterval": "5"}, "reason": "x"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "monitoring.command.parameters")
    made = post(base, {"device": device.pk, "cn": "3015", "reason": "留样"}).json()
    assert (made["state"], made["mn"], made["name"]) == ("prepared", device.mn, "超标留样")
    assert post(f"{base}/{made['id']}/decision", {"agree": True}).status_code == 403
    client = at(place.office)
    assert post(f"{base}/{made['id']}/decision", {"agree": True, "opinion": "同意"}).json()["state"] == "ready"
    assert [one["id"] for one in client.get(base, {"state": "ready", "device": device.pk}).json()] == [made["id"]]
    assert [one["kind"] for one in client.get(f"{base}/{made['id']}").json()["steps"]] == ["asked", "approved"]
    assert post(f"{base}/{made['id']}/withdrawal", {}).json()["state"] == "withdrawn"
    assert post(f"{base}/{made['id']}/withdrawal", {}).status_code == 409
    assert at(place.west_staff).get(f"{base}/{made['id']}").status_code == 404
