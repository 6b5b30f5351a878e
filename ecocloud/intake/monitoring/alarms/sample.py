"""Alarms of the sample site: the rules of a fresh installation over the simulated values, and what people did since."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any

from django.utils import timezone
from pydantic import BaseModel, ConfigDict

from ecocloud.base.errors import EcoError
from ecocloud.intake.monitoring.alarms import linking, running, services
from ecocloud.intake.monitoring.alarms.models import AlarmIncident, AlarmRule
from ecocloud.intake.monitoring.hj212.tables import read_table
from ecocloud.intake.monitoring.quality import services as quality
from ecocloud.intake.monitoring.quality import watching
from ecocloud.intake.monitoring.quality.models import QualityFlag
from ecocloud.intake.monitoring.stations import services as stations
from ecocloud.intake.monitoring.stations.models import Device
from ecocloud.kernel.regions.models import User


class _Node(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SampleLimit(_Node):
    """A limit registered for a factor of the devices of a kind."""

    kind: str
    code: str
    limit: Decimal | int
    text: str


class SampleFacts(_Node):
    """``sample.yaml``."""

    limits: tuple[SampleLimit, ...]
    hours: tuple[int, ...]
    acknowledge: str
    assign: str
    false_alarm: str
    comment: str
    item: str
    item_days: int
    review: str


def facts() -> SampleFacts:
    """The sample's facts."""
    path = files("ecocloud.intake.monitoring") / "data" / "alarms" / "sample.yaml"
    return read_table(path.read_text("utf-8"), "sample.yaml", SampleFacts)


def load(context: Any) -> None:
    """Rules, the job at some hours of the last days, what people did with the incidents, flags and one review."""
    office: User = context.shared["people"]["office"]
    given, now = facts(), timezone.now()
    context.say("报警与质控")
    _limits(office, given)
    services.install(office)
    AlarmRule.objects.update(begun=now - timedelta(days=3))
    for hours in given.hours:
        at = now - timedelta(hours=hours)
        running.run(at)
        linking.sweep(at)
    watching.run(now)
    _people(office, given)
    _review(office, given, now)


def _limits(office: User, given: SampleFacts) -> None:
    for row in Device.objects.filter(kind__in={one.kind for one in given.limits}).prefetch_related("channels"):
        told = {one.code: one for one in given.limits if one.kind == row.kind}
        channels = [
            stations.ChannelGiven(
                one.code, one.name, one.unit, one.low, one.high, told[one.code].limit, told[one.code].text, one.in_use
            )
            if one.code in told
            else stations.ChannelGiven(
                one.code, one.name, one.unit, one.low, one.high, one.limit, one.limit_text, one.in_use
            )
            for one in row.channels.all()
        ]  # fmt: skip
        stations.set_channels(office, row.pk, channels)


def _people(office: User, given: SampleFacts) -> None:
    """One incident each: acknowledged, assigned, a work item, a false alarm; the others wait."""
    waiting = list(AlarmIncident.objects.filter(state__in=("raised", "over")).select_related("device__department")
                   .order_by("first", "pk"))  # fmt: skip
    acts = (
        lambda row: services.acknowledge(office, row.pk, note=given.acknowledge),
        lambda row: linking.make_item(office, row.pk, lead=row.device.department or office.department,
                                      deadline=services.deadline_after(given.item_days), body=given.item),
        lambda row: services.false_alarm(office, row.pk, reason=given.false_alarm),
        lambda row: services.assign(office, row.pk, unit=row.device.department or office.department, note=given.assign),
        lambda row: services.comment(office, row.pk, note=given.comment),
    )  # fmt: skip
    for row, act in zip(waiting[:-2], acts, strict=False):
        try:
            act(row)
        except EcoError:
            continue  # a sample of another division may not allow it


def _review(office: User, given: SampleFacts, now: datetime) -> None:
    flag = QualityFlag.objects.select_related("device__region", "device__department").order_by("at", "pk").first()
    if flag is not None:
        quality.review(office, flag.device, factor=flag.factor, interval=flag.interval, first=flag.at,
                       last=min(flag.at + timedelta(hours=1), now), valid=False, reason=given.review)  # fmt: skip
