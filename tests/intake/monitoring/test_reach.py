"""Who sees what on every page and call of the room: people and keys of another county see nothing of a device, of its
packets, values and commands, and change nothing; secrets stand nowhere; a second person is a second person."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache, caches
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ecocloud.intake.monitoring import raw
from ecocloud.intake.monitoring.commanding import access as commanding_access
from ecocloud.intake.monitoring.commanding import services as commanding
from ecocloud.intake.monitoring.commanding.errors import CommandRefused
from ecocloud.intake.monitoring.commanding.models import Command, StrayAnswer
from ecocloud.intake.monitoring.gateway.backstage import Admitted, Due
from ecocloud.intake.monitoring.hj212.dialect import Dialect
from ecocloud.intake.monitoring.lake import site
from ecocloud.intake.monitoring.raw import Kind
from ecocloud.intake.monitoring.stations import access as stations_access
from ecocloud.intake.monitoring.stations import packets, queries, records, services
from ecocloud.intake.monitoring.stations.models import Device, DeviceState, Stranger, Upkeep
from ecocloud.intake.monitoring.stations.services.counting import count_days
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.journal.refs import resolve
from ecocloud.kernel.regions.models import Role, RoleGrant, User
from ecocloud.kernel.regions.services import CONSOLE, create_account, issue_key
from tests.intake.monitoring.lake.lake_made import Made, frame
from tests.intake.monitoring.stations.conftest import MN, device, place

__all__ = ["device", "place"]
pytestmark = pytest.mark.django_db
SECRET, KEY = "Zx9-secret", "0123456789abcdef"
AT = datetime(2026, 3, 1, 0, 0, tzinfo=UTC)


@pytest.fixture
def full(place, device, settings, tmp_path):
    """The device of the east with values, packets, upkeep, a command, a stray answer, someone using its MN."""
    settings.HOME = tmp_path
    services.set_password(place.office, device.pk, password=SECRET, cipher_key=KEY)
    made = Made(site.folder())
    packet = frame("a34004-Avg=35,a34004-Flag=N", at=AT, cn="2061", mn=MN, st="22").replace(b"123456", SECRET.encode())
    made.put(frame("a34004-Avg=35,a34004-Flag=N", at=AT, cn="2061", mn=MN, st="22"))
    made.put(packet)
    made.put(packet, kind=Kind.QUARANTINED)
    made.writer.close()
    site.ingester(made.store).drain()
    count_days([AT.date()])
    DeviceState.objects.create(device=device, gateway="gw1", online=True, last_packet=timezone.now())
    services.add_upkeep(place.office, device.pk, kind="fault", start=AT, note="断电检修")
    commanding.ask(place.east_staff, device, "3015", reason="超标留样送检")
    StrayAnswer.objects.create(mn=MN, cn="9012", raw_ref="raw:gw1/1", first=AT, last=AT, count=1)
    Stranger.objects.create(mn=MN, reason="password", peer="10.0.0.7:5000", first=AT, last=AT, packets=1, sample=packet)
    return device


@pytest.fixture
def at(settings):
    """``at(user)``: a client signed in as that person."""

    def signed(user):
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
        return client

    return signed


@pytest.fixture
def keyed():
    """``keyed(user, "monitoring:read")``: a client that calls with a key of that account."""
    cache.clear()
    caches["shared"].clear()

    def make(user, *scopes):
        owner = CONSOLE if user.service else user
        last = timezone.localdate() + timedelta(days=30)
        _row, token = issue_key(owner, user, name="数据对接", scopes=scopes, expires_on=last)
        return Client(headers={"authorization": f"Bearer {token}"})

    return make


def machine(place, department, role="department"):
    """The account of another system, at home in a department."""
    user, _password = create_account(
        CONSOLE, username=f"feed-{department.code}", name="县平台", department=department, service=True
    )
    RoleGrant.objects.create(user=user, role=Role.objects.get(code=role))
    return User.objects.get(pk=user.pk)


def limited(place, *permissions):
    """Gives the people of the west further rights within their own reach, as a security administrator may."""
    role = Role.objects.get(code="department")
    for code in permissions:
        role.permissions.get_or_create(code=code)
    place.west_staff.renew_rights()
    return User.objects.get(pk=place.west_staff.pk)


def state():
    """What must not change."""
    return [
        list(Device.objects.values_list("name", "enabled", "password", "revision")), list(Upkeep.objects.values()),
        list(Command.objects.values()), list(Stranger.objects.values_list("state", "opinion")),
    ]  # fmt: skip


def addresses():
    """Every route of the room with its methods, at the device of the east."""
    from ecocloud.base.rooms import load

    for one in (*stations_access.ACCESS, *commanding_access.ACCESS):
        given = load(one.sample)() if one.sample else {}
        if one.route == "monitoring:raw":
            given = {"gateway": "gw1", "sequence": 2}
        yield one.route, reverse(one.route, kwargs=given), one.methods


POSTED = {
    "name": "占用", "mn": MN, "kind": "air", "region": "990103", "department": "西县环境局", "st": "22",
    "step_minutes": "60", "minute_step": "10", "realtime_s": "60", "opinion": "越权", "reason": "越权", "cn": "1061",
    "edition": "2017", "link": "wired", "start": "2026-03-01T08:00", "password": "hijack", "take_password": "1",
}  # fmt: skip


def test_people_of_another_county_find_nothing_on_any_page_and_change_nothing(place, full, at):
    """With every right there is, but in the west."""
    rights = ("monitoring.stranger.decide", "monitoring.command.approve")
    client, before = at(limited(place, *rights)), state()
    told = (full.name, "断电检修", "超标留样送检", SECRET, "10.0.0.7")
    for route, url, methods in addresses():
        answer = client.get(url) if "GET" in methods else None
        if answer is not None:
            body = answer.content.decode()
            assert answer.status_code in (200, 404, 405), (route, answer.status_code)
            assert not [one for one in (*told, MN) if one in body], route
            for kind in ("csv", "xlsx") if route in ("monitoring:devices", "monitoring:rates") else ():
                exported = client.get(url, {"export": kind})
                content = b"".join(exported.streaming_content) if exported.streaming else exported.content
                assert MN.encode() not in content and full.name.encode() not in content, route
        if "POST" in methods and not route.startswith("api:"):
            answer = client.post(url, POSTED | {"device": full.pk})
            assert answer.status_code in (302, 400, 403, 404), (route, answer.status_code)
            assert full.name not in answer.content.decode(), route
        assert state() == before, route
    assert Device.objects.count() == 1


def test_without_a_right_every_page_is_closed(place, full, at):
    """A person of no role."""
    nobody = User.objects.create(username="nobody", name="无权", department=place.bureau, must_change_password=False,
                                 password_changed_at=timezone.now())  # fmt: skip
    client, before = at(nobody), state()
    for route, url, methods in addresses():
        for method in methods:
            assert getattr(client, method.lower())(url).status_code == 403, (route, method)
    assert state() == before


def test_a_reader_of_everything_with_rights_in_one_county_opens_packets_of_that_county_alone(place, full, at):
    RoleGrant.objects.create(user=place.west_staff, role=Role.objects.get(code="reader"))
    person = User.objects.get(pk=place.west_staff.pk)
    client = at(person)
    page = client.get(reverse("monitoring:device", args=[full.pk]))
    assert page.status_code == 200 and "gw1/2" not in page.content.decode()
    assert client.get(reverse("monitoring:raw", args=["gw1", 2])).status_code == 404
    assert not resolve("raw:gw1/2", person).allowed and resolve("raw:gw1/2", place.east_staff).allowed
    assert client.post(reverse("monitoring:device-turn", args=[full.pk]), {"opinion": "x"}).status_code == 403


def test_one_who_uses_the_number_of_a_device_is_seen_by_those_who_see_the_device(place, full):
    person = limited(place, "monitoring.stranger.decide")
    assert queries.waiting(person) == 0 and queries.waiting(place.office) == 1
    row = Stranger.objects.get()
    assert not resolve(row.ref, person).allowed and resolve(row.ref, place.office).allowed
    for act in (lambda: services.admit(person, row.pk), lambda: services.refuse(person, row.pk, "x")):
        with pytest.raises(services.strangers.AlreadyDecided):
            act()
    row.refresh_from_db()
    assert row.state == "waiting"
    Stranger.objects.create(mn="NEW1", reason="unknown", first=AT, last=AT)
    assert [one.mn for one in queries.strangers(person)] == ["NEW1"]


# -- keys --------------------------------------------------------------------------------------------------------------


def values_of(mn, value="35.10"):
    return {"records": [{"mn": mn, "time": "2026-03-01T08:00:00+08:00", "values": {"a34004": value}}]}


def test_a_key_brings_values_in_within_its_reach(place, full, keyed):
    url = reverse("api:monitoring-values")
    east = keyed(machine(place, place.bureau), "monitoring:write")
    told = east.post(url, values_of(MN), "application/json")
    assert (told.status_code, told.json()) == (200, {"records": 1, "devices": 1, "raw": "files/1-1"})
    assert Entry.objects.get(action="monitoring.values.bring").actor_name.startswith("县平台（密钥")
    west = keyed(machine(place, place.other), "monitoring:write")
    refused = west.post(url, values_of(MN), "application/json")
    assert refused.status_code == 400 and refused.json()["faults"][0]["field"] == "records.0.mn"
    # As refused as one that does not exist: nobody learns which numbers there are.
    unknown = west.post(url, values_of("NOBODY"), "application/json").json()
    assert refused.json()["faults"][0]["message_zh"].replace(MN, "") == unknown["faults"][0]["message_zh"].replace(
        "NOBODY", ""
    )
    assert raw.Reader(records.folder()).following("files") == 2


def test_a_key_opens_what_its_scope_says(place, full, keyed):
    url, owner = reverse("api:monitoring-values"), machine(place, place.bureau)
    for scopes in (("monitoring:read",), ("evidence:write",)):
        assert keyed(owner, *scopes).post(url, values_of(MN), "application/json").status_code == 403
    assert keyed(owner, "monitoring:read").get(reverse("api:monitoring-devices")).json()[0]["mn"] == MN
    assert keyed(owner, "evidence:read").get(reverse("api:monitoring-devices")).status_code == 403
    assert Client().post(url, values_of(MN), "application/json").status_code in (401, 403)
    wrong = Client(headers={"authorization": "Bearer eco_aaaaaaaaaa_" + "a" * 43})
    assert wrong.post(url, values_of(MN), "application/json").status_code == 401
    assert raw.Reader(records.folder()).following("files") == 1
    # A role that reads lends no writing, whatever the key's scope.
    reading = keyed(machine(place, place.other, "reader"), "monitoring:write")
    assert reading.post(url, values_of(MN), "application/json").status_code == 403


def test_a_key_of_another_department_sees_nothing(place, full, keyed):
    row = Command.objects.get()
    west = keyed(machine(place, place.other), "monitoring:write")
    assert west.get(reverse("api:monitoring-devices")).json() == []
    assert west.get(reverse("api:monitoring-commands")).json() == []
    assert west.get(reverse("api:monitoring-commands"), {"device": full.pk}).json() == []
    assert west.get(reverse("api:monitoring-command", args=[row.pk])).status_code == 404
    asked = {"device": full.pk, "cn": "1061", "reason": "越权"}
    assert west.post(reverse("api:monitoring-commands"), asked, "application/json").status_code == 404
    for name in ("decide", "withdraw"):
        url = reverse(f"api:monitoring-command-{name}", args=[row.pk])
        assert west.post(url, {"agree": True}, "application/json").status_code in (403, 404)
    assert Command.objects.get().state == "prepared"


def test_no_key_stands_for_a_second_person(place, full, keyed):
    """Not one of who asked, not one of a program; one of another person does."""
    row = commanding.ask(place.office, full, "3015", reason="留样")
    url = reverse("api:monitoring-command-decide", args=[row.pk])
    own = keyed(place.office, "monitoring:write").post(url, {"agree": True}, "application/json")
    assert (own.status_code, own.json()["message_zh"]) == (400, "审批人不能是提出人本人。")
    program = machine(place, place.office.department, "office")
    refused = keyed(program, "monitoring:write").post(url, {"agree": True}, "application/json")
    assert (refused.status_code, refused.json()["message_zh"]) == (400, "对接账号不能审批指令。")
    with pytest.raises(CommandRefused):
        commanding.dismiss(program, row.pk, opinion="x")
    row.refresh_from_db()
    assert (row.state, row.decided_by) == ("prepared", None)
    other = User.objects.create(username="office2", name="二号", department=place.office.department)
    RoleGrant.objects.create(user=other, role=Role.objects.get(code="office"))
    agreed = keyed(User.objects.get(pk=other.pk), "monitoring:write").post(url, {"agree": True}, "application/json")
    assert agreed.json()["state"] == "ready"


# -- secrets -----------------------------------------------------------------------------------------------------------


def test_secrets_stand_on_no_page_in_no_export_and_not_in_the_journal(place, full, at):
    client = at(place.office)
    services.edit_device(place.office, full.pk, maker="厂家")
    for route, url, methods in addresses():
        if "GET" not in methods:
            continue
        pages = [client.get(url), client.get(url + "?export=csv")]
        for answer in pages:
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert SECRET.encode() not in content and KEY.encode() not in content, route
    for entry in Entry.objects.all():
        text = json.dumps([entry.before, entry.after, entry.note], ensure_ascii=False, default=str)
        assert SECRET not in text and KEY not in text, entry.action
    for column in ("password", "cipher_key"):
        sealed = bytes(Device.objects.values_list(column, flat=True).get())
        assert SECRET.encode() not in sealed and KEY.encode() not in sealed
    assert SECRET not in resolve("raw:gw1/2", place.office).excerpt


@pytest.mark.parametrize("name", [b"PW", b"pw", b"Pw", b"PW ", b"pw  "])
def test_a_password_is_hidden_however_its_name_is_written(name):
    """Names of head fields are read in any case and with spaces."""
    sent = frame("a34004-Rtd=1", mn=MN, st="22").replace(b"PW=123456", name + b"=123456")
    text = "".join(one.text for one in packets.shown(sent))
    assert "123456" not in text and MN in text


def test_what_a_log_may_print_carries_no_secret():
    admitted = Admitted(MN, SECRET, "22", Dialect(keys=(KEY.encode(),)), KEY.encode())
    due = Due(1, MN, frame("a").replace(b"123456", SECRET.encode()), "20260301101500123")
    for text in (repr(admitted), str(admitted), repr(due), str([due])):
        assert MN in text and SECRET not in text and KEY not in text


# -- markup ------------------------------------------------------------------------------------------------------------

MARK = '<b id="evil">\'"&'


def test_what_people_and_devices_write_is_text_on_every_page(place, full, at):
    """Names, notes, reasons and packets with markup in them come out as they were written."""
    services.edit_device(place.office, full.pk, name=MARK, maker=MARK)
    full.channels.update(name=MARK[:20], unit=MARK[:20], limit_text=MARK)
    Upkeep.objects.update(note=MARK)
    Command.objects.update(reason=MARK, opinion=MARK, gateway=MARK, why="no_answer", result=3, state="timed_out",
                           deadline=None, qn=MARK[:20])  # fmt: skip
    Command.objects.get().events.update(note=MARK)
    StrayAnswer.objects.update(qn=MARK[:20])
    Stranger.objects.update(peer=MARK, opinion=MARK, state="refused",
                            sample=b"##0101QN=1;ST=22;CN=2011;MN=" + MARK.encode() + b";CP=&&&&0000\r\n")  # fmt: skip
    client = at(place.office)
    shown = 0
    for route, url, methods in addresses():
        if "GET" in methods and not route.startswith("api:"):
            page = client.get(url).content.decode()
            assert '<b id="evil"' not in page and "<b id='evil'" not in page, route
            shown += "&lt;b id=" in page
    assert shown >= 8
