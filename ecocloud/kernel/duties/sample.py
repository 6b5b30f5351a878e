"""The room's part of the sample site: recurring duties as the office would switch them on, and the closed loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib.resources import files
from io import BytesIO
from typing import Any

import yaml
from django.utils import timezone
from pydantic import BaseModel, ConfigDict

from ecocloud.base.calendar import WorkCalendar
from ecocloud.base.files import services as stored
from ecocloud.base.files.kinds import FileKind
from ecocloud.kernel.duties.models import ItemBatch, Notice, WorkItem
from ecocloud.kernel.duties.services import batches, items, loop, shine, templates
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions.models import Department, User

_USED = (("river-outfalls", "patrol"), ("drinking-sources", "patrol"))
_READ = timedelta(days=10)
Step = tuple[Any, ...]


class _Fact(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SampleBatch(_Fact):
    """The batch: ``days`` before today it was handed over, ``due`` after today it ends."""

    name: str
    channel: str
    days: int
    due: int
    note: str


class SampleProblem(_Fact):
    """One problem of the batch; ``at`` is the number of a township, ``due`` in days from today, ``course`` its life,
    ``days`` before today it was handed over where that is later than the batch."""

    title: str
    lead: str
    at: int
    category: str
    course: str
    due: int
    goal: str
    measures: str
    days: int | None = None


class SampleItem(_Fact):
    """An item of another kind, ``days`` before today; ``about`` is the title of the item it is about."""

    kind: str
    title: str
    channel: str
    category: str
    lead: str
    days: int
    body: str
    steps: tuple[Step, ...]
    at: int | None = None
    about: str = ""
    values: dict[str, str] = {}


class SampleFacts(_Fact):
    """``data/sample.yaml``."""

    citation: str
    mark: str
    courses: dict[str, tuple[Step, ...]]
    batch: SampleBatch
    problems: tuple[SampleProblem, ...]
    others: tuple[SampleItem, ...]


def facts() -> SampleFacts:
    """The sample's facts."""
    text = (files("ecocloud.kernel.duties") / "data" / "sample.yaml").read_text("utf-8")
    return SampleFacts.model_validate(yaml.safe_load(text))


def load(context: Any) -> None:
    """Switch the templates on. The duties are made when all rooms are loaded: no past round asks for them."""
    office = context.shared["people"]["office"]
    for one in templates.templates():
        if (one.pack.id, one.task.code) in _USED:
            templates.start_use(office, one)
            context.say(one.task.zh)


def load_loop(context: Any, person_of: Callable[[Department], User]) -> None:
    """A batch of problems and items of the other kinds as they went until today. ``person_of`` gives somebody who
    works for a unit. Called when the rounds of the sample are done: no past round asks for what comes here."""
    given = facts()
    context.say(given.batch.name)
    proofs = {
        one.title: _proof(one.title, one.measures) for one in given.problems if _reports(given.courses[one.course])
    }
    proofs |= {one.title: _proof(one.title, one.body) for one in given.others if _reports(one.steps)}
    told = _Told(context, person_of, shine.calendar(), proofs)
    with change(context.shared["people"]["office"].actor()):  # one transaction: the demo shall start quickly
        batch = _batch(told, given)
        made = {item.title: item for item in _problems(told, given, batch)}
        for one in given.problems:
            _live(told, made[one.title], given.courses[one.course])
        for other in given.others:
            _live(told, _other(told, other, made), other.steps)
    # What is older was read long ago, as in the rest of the sample.
    now = timezone.now()
    Notice.objects.filter(at__lt=now - _READ, read_at__isnull=True).update(read_at=now - _READ)


@dataclass
class _Told:
    """The sample's context with what finds persons, units and moments."""

    context: Any
    person_of: Callable[[Department], User]
    calendar: WorkCalendar
    proofs: dict[str, stored.Received]

    def unit(self, text: str) -> Department:
        """``FUNCTION`` of the city, ``county:FUNCTION`` of the county with townships, ``township:N``."""
        where, _, name = text.rpartition(":")
        shared = self.context.shared
        if where == "township":
            return shared["township_units"][int(name)]
        if where == "county":
            return shared["county_departments"][shared["township_units"][0].region.parent_id][name]
        return shared["departments"][name]

    def region(self, number: int | None) -> Any:
        """The division of a township by its number; None for the office's own."""
        units = self.context.shared["township_units"]
        return None if number is None else units[number % len(units)].region

    def at(self, days: int, minutes: int = 0) -> datetime:
        """A moment of the working day that many days ago or the last one before it."""
        day: date = self.context.today - timedelta(days=days)
        while not self.calendar.is_workday(day):
            day -= timedelta(days=1)
        moment = datetime.combine(day, time(9), timezone.get_current_timezone()) + timedelta(minutes=minutes)
        return min(moment, timezone.now())

    def who(self, text: str, item: WorkItem) -> User:
        """The person of a step."""
        names = {"office": "office", "second": "office2", "leader": "leader"}
        if text in names:
            return self.context.shared["people"][names[text]]
        return self.person_of(item.lead_department if text == "lead" else self.unit(text))


def _batch(told: _Told, given: SampleFacts) -> ItemBatch:
    one, today = given.batch, told.context.today
    at = told.at(one.days)
    made = batches.create_batch(
        told.context.shared["people"]["office"], name=one.name.format(year=at.year), channel=one.channel,
        deadline=today + timedelta(days=one.due), note=one.note,
    )  # fmt: skip
    ItemBatch.objects.filter(pk=made.pk).update(created_at=at)
    return made


def _problems(told: _Told, given: SampleFacts, batch: ItemBatch) -> list[WorkItem]:
    office: User = told.context.shared["people"]["office"]
    waiting: dict[datetime, list[items.Draft]] = {}
    for number, one in enumerate(given.problems, 1):
        at = told.at(one.days or given.batch.days, 30)
        waiting.setdefault(at, []).append(_draft(told, one, batch, number, timezone.localdate(at)))
    with change(office.actor()) as tx:
        return [made for at, drafts in waiting.items() for made in items.make_many(tx, office, drafts, at)]


def _draft(told: _Told, one: SampleProblem, batch: ItemBatch, number: int, found_on: date) -> items.Draft:
    region = told.region(one.at)
    return items.Draft(
        title=one.title, lead=told.unit(one.lead), kind="problem", region=region, place=region.name, batch=batch,
        deadline=told.context.today + timedelta(days=one.due), channel=batch.channel, category=one.category,
        number=f"{number:03d}", seen_on=found_on, body=one.goal,
        values={"goal": one.goal, "measures": one.measures, "found_on": found_on, "weight": "minor"},
    )  # fmt: skip


def _other(told: _Told, one: SampleItem, made: dict[str, WorkItem]) -> WorkItem:
    region = told.region(one.at)
    return items.create_item(
        told.context.shared["people"]["office"],
        items.Draft(
            title=one.title, lead=told.unit(one.lead), kind=one.kind, region=region, body=one.body,
            channel=one.channel, category=one.category, place=region.name if region else "", values=one.values,
            refs=[made[one.about].ref] if one.about else (),
        ),
        at=told.at(one.days, -20),
    )  # fmt: skip


def _live(told: _Told, item: WorkItem, steps: tuple[Step, ...]) -> None:
    """Let one item go through its steps."""
    for number, (days, action, who, words, *more) in enumerate(steps):
        user = told.who(who, item)
        data = _data(told, item, action, more[0] if more else None)
        item = loop.act(user, item, action, opinion=words, at=told.at(days, 40 * number), **data)


def _data(told: _Told, item: WorkItem, action: str, value: Any) -> dict[str, Any]:
    """What an action needs beside the words, of the last part of a step."""
    if action == "progress":
        return {"progress": value}
    if action == "report":
        return {"progress": value, "files": [told.proofs[item.title]]}
    if action == "give_opinion":
        return {"stance": "agree"}
    if action == "consult":
        return {"units": [told.unit(name) for name in value], "due": told.context.today + timedelta(days=3)}
    if action == "arbitrate":
        return {"lead": told.unit(value)}
    if action == "suspend":
        return {"until": told.context.today + timedelta(days=value or 20)}
    return {"objector": value} if action == "object" else {}


def _reports(steps: tuple[Step, ...]) -> bool:
    return any(action == "report" for _days, action, *_more in steps)


def _proof(title: str, text: str) -> stored.Received:
    """A short report as a text file. Received before the transaction begins: writing bytes takes time."""
    told = f"{title}整改情况报告（演示数据）\n{text}\n"
    return stored.receive(f"{title}整改报告.txt", BytesIO(told.encode()), {FileKind.TXT})
