"""The room's part of the sample site: devices at sampled objects, three days of simulated packets as a gateway would
have stored them, commands with what became of them; taken in by the lake and counted."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

from django.utils import timezone
from pydantic import BaseModel, ConfigDict

from ecocloud.intake.monitoring import raw
from ecocloud.intake.monitoring.commanding import sample as commands
from ecocloud.intake.monitoring.gateway.backstage import Seen
from ecocloud.intake.monitoring.gateway.backstage import Stranger as Knock
from ecocloud.intake.monitoring.hj212.tables import read_table
from ecocloud.intake.monitoring.lake import site
from ecocloud.intake.monitoring.raw import Kind
from ecocloud.intake.monitoring.simulator.device import HOURS, REAL_TIME, Simulated, SimulatedDevice
from ecocloud.intake.monitoring.stations import kinds, public_series, records, services
from ecocloud.intake.monitoring.stations.models import Device
from ecocloud.intake.monitoring.stations.rates import period_of
from ecocloud.intake.monitoring.stations.services.bringing import Given, bring
from ecocloud.intake.monitoring.stations.services.counting import count_days, recent_days
from ecocloud.kernel.regions.models import User
from ecocloud.kernel.registers.models import RegisterObject

GATEWAY = "sample"
_PASSWORD = "123456"  # what simulated devices send; nothing else stands behind it


class _Node(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Group(_Node):
    """Devices of one kind at the objects of the register ``of`` whose fields have the values ``where``; also: factors
    beside the usual ones.
    """

    kind: str
    of: str
    where: dict[str, str | bool]
    most: int
    also: tuple[str, ...] = ()


class Samples(Group):
    """Devices whose values come by file: ``values`` by code for each of the last ``months``, and of the last device in
    the last month ``over``.
    """

    months: int
    values: dict[str, str]
    over: dict[str, str]


class Fault(_Node):
    """Something wrong with the device of a number."""

    device: int
    hours: int = 0
    from_hours: int = 0
    seconds: int = 0


class Outlier(_Node):
    """What the device of a number sends for an hour of a day before today in place of the mean of a code."""

    device: int
    days_back: int
    hour: int
    code: str
    value: str
    flag: str = "N"


class SampleFacts(_Node):
    """``sample.yaml``."""

    devices: tuple[Group, ...]
    samples: Samples
    days: int
    realtime_hours: int
    realtime_minutes: int
    offline: Fault
    silent: Fault
    slow_clock: Fault
    maintenance: Fault
    outliers: tuple[Outlier, ...] = ()
    strangers: int


def facts() -> SampleFacts:
    """The sample's facts."""
    path = files("ecocloud.intake.monitoring") / "data" / "stations" / "sample.yaml"
    return read_table(path.read_text("utf-8"), "sample.yaml", SampleFacts)


def load(context: Any) -> None:
    """Devices, three days of packets in a raw journal, the lake, counts; two senders wait for a decision."""
    given, now = facts(), timezone.now()
    office: User = context.shared["people"]["office"]
    context.say("监测设备")
    devices = _devices(office, given)
    _upkeep(office, devices, given, now)
    first = period_of(now, 1440) - timedelta(days=given.days - 1)
    Device.objects.update(created_at=first)
    context.say("监测数据")
    with raw.Writer(records.folder(), GATEWAY) as writer:
        for number, device in enumerate(devices):
            _packets(writer, device, number, given, first, now)
        context.say("设备指令")
        commands.play(context.shared["people"], devices, commands.Stage(writer, GATEWAY, _PASSWORD, now))
        knocks = _strangers(writer, devices, given, now)
        writer.commit()
    _samples(office, given.samples, now)
    published = public_series.load(office)
    store = site.store()
    with store.lock("ingest"):
        site.ingester(store).drain()
    public_series.end(office, published)
    services.take_report(GATEWAY, [_seen(one, number, given, now) for number, one in enumerate(devices)], knocks)
    count_days(recent_days(given.days), now)


def simulated() -> list[dict[str, Any]]:
    """The devices of the sample that ``ecocloud simulate --list`` brings to life: all but the one that is off-line."""
    given = facts()
    rows = Device.objects.filter(enabled=True, state__gateway=GATEWAY).order_by("pk").prefetch_related("channels")
    return [
        {"mn": row.mn, "password": _PASSWORD, "st": row.st, "codes": [one.code for one in row.channels.all()]}
        for number, row in enumerate(rows)
        if number not in (given.offline.device, given.silent.device)
    ]


def _devices(office: User, given: SampleFacts) -> list[Device]:
    made: list[Device] = []
    for group in given.devices:
        made += _group(office, group, "5A", len(made))
    return made


def _group(office: User, group: Group, letters: str, first: int) -> list[Device]:
    rows = RegisterObject.objects.filter(type__code=group.of).exclude(state="retired")
    fitting = [one for one in rows.select_related("region", "department").order_by("pk")
               if all(one.body.get(field) == value for field, value in group.where.items())]  # fmt: skip
    codes = [*(one.code for one in kinds.kinds()[group.kind].usual), *group.also]
    return [
        services.add_device(
            office, mn=f"{letters}{number:022d}", name=row.name, kind=group.kind, region=row.region,
            department=row.department, object_ref=f"obj:{row.pk}", password=_PASSWORD, realtime_s=60, note="样例设备",
            channels=[services.ChannelGiven(code) for code in codes],
        )
        for number, row in enumerate(fitting[: group.most], first)
    ]  # fmt: skip


def _samples(office: User, group: Samples, now: datetime) -> None:
    """Samples of the last months, taken in the morning of the first."""
    devices, given = _group(office, group, "5C", 0), []
    at = period_of(now, 1440).replace(day=1, hour=9)
    for back in range(group.months):
        for number, device in enumerate(devices, 1):
            over = group.over if back == 0 and number == len(devices) else {}
            given.append(Given(device, at, "day", group.values | over, "N", "sample"))
        at = (at - timedelta(days=1)).replace(day=1)
    given = [one for one in given if one.time <= now]
    if given:
        bring(office, given)


def _upkeep(office: User, devices: list[Device], given: SampleFacts, now: datetime) -> None:
    fault = given.maintenance
    if fault.device < len(devices):
        start = period_of(now - timedelta(hours=fault.from_hours), 60)
        services.add_upkeep(office, devices[fault.device].pk, kind="maintenance", start=start,
                            end=start + timedelta(hours=fault.hours), note="季度维护")  # fmt: skip


def _packets(writer: raw.Writer, row: Device, number: int, given: SampleFacts, first: datetime, now: datetime) -> None:
    """Hour data of the days and real-time data of the last hours of one device, until it fell silent."""
    codes = tuple(one.code for one in row.channels.all())
    sender = SimulatedDevice(Simulated(row.mn, _PASSWORD, row.st, codes))
    connection = writer.append_connection(b'{"peer": "192.0.2.%d:5000"}' % (10 + number), _micro(first))
    until = now - _gone(number, given)
    step, at = timedelta(minutes=row.step_minutes), first
    while at + step <= until:
        received = at + step + timedelta(seconds=20 + number)
        for packet in sender.record(HOURS, at, received, instead=_outliers(number, at, given, now)):
            writer.append(Kind.FRAME, connection, packet, received)
        at += step
    at = period_of(until - timedelta(hours=given.realtime_hours), 60)
    while at <= until:
        for packet in sender.record(REAL_TIME, at, at):
            writer.append(Kind.FRAME, connection, packet, at + timedelta(seconds=1))
        at += timedelta(minutes=given.realtime_minutes)
    writer.commit()


def _outliers(number: int, at: datetime, given: SampleFacts, now: datetime) -> dict[str, list[tuple[str, str]]]:
    """The items that are planted for an hour of a device, by code."""
    today = period_of(now, 1440)
    return {
        one.code: [(f"{one.code}-Avg", one.value), (f"{one.code}-Flag", one.flag)]
        for one in given.outliers
        if one.device == number and at == today - timedelta(days=one.days_back) + timedelta(hours=one.hour)
    }


def _gone(number: int, given: SampleFacts) -> timedelta:
    hours = {given.offline.device: given.offline.hours, given.silent.device: given.silent.hours}
    return timedelta(hours=hours.get(number, 0))


def _micro(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000)


def _strangers(writer: raw.Writer, devices: list[Device], given: SampleFacts, now: datetime) -> list[Knock]:
    """Senders nobody has admitted, each with some packets in quarantine."""
    found = []
    for number in range(given.strangers):
        model = devices[number * 3 % len(devices)]
        codes = tuple(one.code for one in kinds.kinds()[model.kind].usual)
        mn = f"5B{number:022d}"
        sender, packets = SimulatedDevice(Simulated(mn, _PASSWORD, model.st, codes)), []
        for back in range(6, 0, -1):
            at = period_of(now - timedelta(minutes=10 * back), 10)
            packets += [(at, packet) for packet in sender.record(REAL_TIME, at, at)]
        for at, packet in packets:
            writer.append(Kind.QUARANTINED, 0, packet, at)
        peer = f"192.0.2.{200 + number}:5000"
        found.append(Knock(mn, "unknown", peer, packets[0][0], packets[-1][0], len(packets), packets[-1][1]))
    return found


def _seen(row: Device, number: int, given: SampleFacts, now: datetime) -> Seen:
    last = now - _gone(number, given) - timedelta(seconds=15 + 3 * number)
    drift = float(-given.slow_clock.seconds) if number == given.slow_clock.device else 0.4
    hours = given.days * 24 * 60 // row.step_minutes
    return Seen(row.mn, f"192.0.2.{10 + number}:5000", number != given.offline.device, now - timedelta(hours=20),
                last, last, hours, 2 if number % 4 == 1 else 0, number % 3, drift)  # fmt: skip
