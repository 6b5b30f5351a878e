"""The sample's devices, packets and commands: everything through the services, every step leads to its packet."""

import json
from collections import Counter
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from ecocloud.intake.monitoring import raw
from ecocloud.intake.monitoring.commanding import sample as commands
from ecocloud.intake.monitoring.commanding.models import Command, CommandEvent
from ecocloud.intake.monitoring.hj212.decoder import Decoder, Packet
from ecocloud.intake.monitoring.lake import site
from ecocloud.intake.monitoring.lake.models import Latest
from ecocloud.intake.monitoring.lake.reading import Wanted
from ecocloud.intake.monitoring.processes import simulate
from ecocloud.intake.monitoring.raw import Kind
from ecocloud.intake.monitoring.stations import queries, records, sample
from ecocloud.intake.monitoring.stations.models import Device, DeviceDay, Stranger, Upkeep
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.regions.models import Department, Role, RoleGrant, User
from ecocloud.kernel.registers.models import RegisterObject, RegisterType

pytestmark = pytest.mark.django_db
# register -> bodies of objects, as many as the sample asks for of each kind and one more that does not fit
OBJECTS = {
    "station": [{"medium": "air"}] * 4 + [{"medium": "noise"}, {"medium": "soil"}],
    "section": [{"automatic": True}] * 3 + [{"automatic": False}, {"water": "lake"}],
    "water_source": [{"level": "county", "kind": "river", "intake": 500}] * 3 + [{"level": "village"}],
    "outlet": [{"medium": "water"}] * 2 + [{"medium": "gas"}] * 2 + [{"medium": "water", "limit_set": "gb18918_1a"}],
    "park": [{"level": "province"}, {"level": "local"}],
}


@pytest.fixture
def loaded(place, settings, tmp_path):
    """The sample's part of this room, at objects of the east county."""
    settings.HOME = tmp_path
    for code, bodies in OBJECTS.items():
        register = RegisterType.objects.create(code=code, zh=code, en=code, digest="0" * 64)
        for number, body in enumerate(bodies):
            RegisterObject.objects.create(
                type=register, code=f"{code}-{number}", name=f"{code} {number}", region=place.east, state="running",
                department=place.bureau, body=body, schema=1, valid_from=date(2026, 1, 1),
            )  # fmt: skip
    people = {"office": place.office}
    for name, role in (("office2", "office"), ("leader", "leader")):
        user = User.objects.create(username=name, name=name, department=Department.objects.get(code="p-main"))
        RoleGrant.objects.create(user=user, role=Role.objects.get(code=role))
        user.refresh_from_db()
        people[name] = user
    sample.load(SimpleNamespace(shared={"people": people}, say=lambda text: None))
    return people


def test_the_sample_of_the_room(loaded, place):
    given = sample.facts()
    devices = list(Device.objects.exclude(kind=given.samples.kind).order_by("pk"))
    due = Counter()
    for one in given.devices:
        due[one.kind] += one.most
    assert Counter(one.kind for one in devices) == due
    lake = [one for one in devices if one.kind == "section"][-1]
    assert {"w01016", "w01004"} <= set(lake.channels.values_list("code", flat=True))
    by_file = Device.objects.filter(kind=given.samples.kind)
    assert by_file.count() == given.samples.most and not DeviceDay.objects.filter(device__in=by_file).exists()
    assert Latest.objects.filter(mn__in=by_file.values("mn")).exists()
    assert all(one.object_ref and one.department == place.bureau for one in devices)
    assert all(one.state.gateway == sample.GATEWAY for one in devices)
    assert not devices[given.offline.device].state.online and devices[given.silent.device].state.online
    assert devices[given.slow_clock.device].state.clock_drift_s == -given.slow_clock.seconds
    assert Upkeep.objects.get().device == devices[given.maintenance.device]
    assert Stranger.objects.filter(state="waiting").count() == given.strangers == queries.waiting(place.office)
    # Three days of every device, and hour data of every channel of those that did not fall silent.
    assert DeviceDay.objects.values("day").distinct().count() == given.days
    yesterday = timezone.localdate() - timedelta(days=1)
    for number, one in enumerate(devices):
        day = one.days.get(day=yesterday)
        due = one.channels.count() * 24 * 60 // one.step_minutes
        assert (day.due, day.got == due) == (due, number not in (given.offline.device, given.silent.device)) or (
            number in (given.offline.device, given.silent.device)
        )
        assert Latest.objects.filter(mn=one.mn).exists()
    assert site.store().newest().rows > 0
    # What ``ecocloud simulate`` brings to life: all but the two.
    alive = {one["mn"] for one in sample.simulated()}
    assert alive == {one.mn for n, one in enumerate(devices)} - {devices[given.offline.device].mn,
                                                                  devices[given.silent.device].mn}  # fmt: skip

    # Commands: every way one can end that the file names, at moments gone by, each step in its order.
    played = commands.courses()
    rows = list(Command.objects.order_by("asked_at"))
    assert [(row.cn, row.device) for row in rows] == [(one.cn, devices[one.device]) for one in played]
    ends = {"done": "done", "refused": "refused", "silent": "timed_out", "queued": "ready", "waiting": "prepared",
            "dismissed": "dismissed", "withdrawn": "withdrawn"}  # fmt: skip
    assert [row.state for row in rows] == [ends[one.ends] for one in played]
    assert {one.ends for one in played} == set(ends)
    assert not CommandEvent.objects.filter(at__gt=timezone.now()).exists()
    for row, one in zip(rows, played, strict=True):
        assert [event.at for event in row.events.all()] == sorted(event.at for event in row.events.order_by("pk"))
        assert row.approval == bool(one.decides or one.ends == "waiting")
        assert row.sends == (0 if not row.qn else 1 if row.acts or one.ends != "silent" else 4)
        if row.decided_by:
            assert row.decided_by not in (None, row.asked_by)
    refused = next(row for row in rows if row.state == "refused")
    assert refused.result == 3
    history = next(row for row in rows if row.cn == "2061")
    assert history.data > 0
    # Every packet a step names is there, from that device, and answers that command.
    for event in CommandEvent.objects.exclude(raw_ref=None).select_related("command__device"):
        found = raw.find(records.folder(), sample.GATEWAY, int(event.raw_ref.rpartition("/")[2]))
        (packet,) = Decoder().feed(found.data)
        assert isinstance(packet, Packet) and found.kind == Kind.FRAME
        assert (packet.head.mn, packet.head.cn) == (event.command.device.mn, event.cn)
    assert Entry.objects.filter(action="monitoring.command.ask").count() == len(played)
    texts = [one for entry in Entry.objects.all() for one in (entry.before, entry.after) if one]
    assert not any("123456" in (one if isinstance(one, str) else json.dumps(one)) for one in texts)


def test_without_objects_there_is_nothing_to_bring_to_life(place, settings, tmp_path):
    settings.HOME = tmp_path
    assert sample.simulated() == [] and simulate(True) == [] and simulate(False) == []


def test_every_device_and_person_of_the_commands_is_in_the_sample():
    number = sum(one.most for one in sample.facts().devices)
    played = commands.courses()
    assert all(one.device < number for one in played)
    assert {one.by for one in played} | {one.decides for one in played if one.decides} <= {
        "office",
        "office2",
        "leader",
    }
    assert all(one.by != one.decides for one in played)
    assert [one.hours for one in played] == sorted((one.hours for one in played), reverse=True)


def test_an_hour_above_its_limit_and_one_that_proves_nothing(loaded):
    """Planted hours stand in the lake as they were sent, with their flags."""
    given, today = sample.facts(), sample.period_of(timezone.now(), 1440)
    rows = list(Device.objects.exclude(kind=given.samples.kind).order_by("pk"))
    for one in given.outliers:
        at = today - timedelta(days=one.days_back) + timedelta(hours=one.hour)
        mn = rows[one.device].mn
        table = site.snapshot(None).current(Wanted("hour", at, at + timedelta(hours=1), (mn,), (one.code,)))
        assert [(row["avg"], row["flag"]) for row in table.to_pylist()] == [(float(one.value), one.flag)]
