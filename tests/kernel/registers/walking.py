"""How a pack is walked: from its sample workbooks through the states of one object to indicator and report."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from ecocloud.kernel.evidence import catalogue
from ecocloud.kernel.evidence.models import Indicator, Observation
from ecocloud.kernel.journal.refs import resolve
from ecocloud.kernel.regions.services import CONSOLE
from ecocloud.kernel.registers import pack, queries, services, values
from ecocloud.kernel.registers.errors import StepRefused
from ecocloud.kernel.registers.models import RegisterObject
from ecocloud.kernel.registers.register import open_register
from ecocloud.kernel.registers.services import counts, packs

FAR = "2099-12-31"


@dataclass(frozen=True)
class Step:
    """One step of an object: what is inspected and attached before it, what is filled in, and how it is refused."""

    action: str
    given: dict = field(default_factory=dict)
    refused: str = ""
    inspected: tuple = ()
    photo: str = ""


@dataclass(frozen=True)
class Walk:
    """A pack, the object that walks, the figure that changes, what is fed and what the report says then."""

    pack: str
    type: str
    name: str
    steps: tuple[Step, ...]
    state: str
    figure: str
    before: str
    after: str
    fed: dict[str, str]
    paragraph: str
    says: tuple[str, ...]


def walked(walk, place, county, imported, photo):
    """Walk ``walk`` with the fixtures of the room: loaded, imported, refused, fed, reported."""
    made = pack.read(pack.own_folder() / walk.pack)
    assert walk.figure in {one.figure for one in made.definition.indicators}  # the figure that changes is an indicator
    assert walk.type in {one.type for one in made.samples}
    known = [catalogue.load().by_code.get(one.code) for one in made.definition.indicators]

    for one in filter(None, known):
        Indicator.objects.create(code=one.code, zh=one.zh, group=one.group, unit=one.unit, decimals=one.decimals)
    packs.load(CONSOLE, made)
    imported(made)
    loaded, today = packs.open_pack(walk.pack), timezone.localdate()
    for sample in made.samples:
        assert queries.objects(place.office, open_register(sample.type)).count() == len(sample.rows)

    def figure():
        return packs.figure_value(place.office, loaded, walk.figure, county, today)

    assert figure() == Decimal(walk.before)
    register = open_register(walk.type)
    row = RegisterObject.objects.get(type__code=walk.type, name=walk.name)
    assert any(step.refused for step in walk.steps)
    for step in walk.steps:
        if step.inspected:
            kind, results = step.inspected
            services.inspect(place.office, register, row.pk, kind, results=results)
        if step.photo:
            services.attach(place.office, register, step.photo, [(row.pk, photo())])
        if step.refused:
            state = RegisterObject.objects.get(pk=row.pk).state
            with pytest.raises(StepRefused, match=step.refused):
                services.transition(place.office, register, row.pk, step.action, given=step.given, opinion="经核")
            assert RegisterObject.objects.get(pk=row.pk).state == state
        else:
            services.transition(place.office, register, row.pk, step.action, given=step.given, opinion="经核")
    assert RegisterObject.objects.get(pk=row.pk).state == walk.state
    assert figure() == Decimal(walk.after) != Decimal(walk.before)

    fed = packs.feed(place.office, loaded, county, today.year)
    assert {one.indicator: (one.outcome, one.value) for one in fed} == {
        code: ("recorded", Decimal(value)) for code, value in walk.fed.items()
    }
    for observation in Observation.objects.all():
        assert resolve(observation.source, place.office).allowed
    text = packs.paragraphs(place.office, loaded, county, today)[walk.paragraph]
    assert all(words in text for words in walk.says), text
    assert "云溪县" in text and "{" not in text and "无数据" not in text
    for task in loaded.tasks:
        assert list(packs.task_objects(place.office, loaded, task.code, today)), task.code
    if loaded.targets:
        assert len(packs.adopt_targets(place.office, loaded, county)) == len(loaded.targets)
    assert counts.differences() == {} and queries.slot_differences(register) == {}


def computed(name, type_, given):
    """The values of a type of a pack with what is computed from them."""
    definition = pack.read(pack.own_folder() / name).type_by_code[type_]
    found, faults = values.clean(definition, given)
    assert faults == []
    return values.completed(definition, found, date(2026, 1, 1))
