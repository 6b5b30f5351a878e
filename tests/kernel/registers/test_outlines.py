"""Outlines say of a register what its definition says, and pages over all registers open no definition."""

import pytest

from ecocloud.kernel.regions.services import CONSOLE
from ecocloud.kernel.registers import outlines, pack, related, reminders, services
from ecocloud.kernel.registers import register as registers
from ecocloud.kernel.registers.models import RegisterObject, RegisterType
from ecocloud.kernel.registers.register import open_register
from ecocloud.kernel.registers.services import packs


@pytest.fixture
def loaded(place):
    """Two packs with three registers: expiry, inspections in cycles, fields that point at objects."""
    for name in ("rivers-lakes", "sewage-works"):
        packs.load(CONSOLE, pack.read(pack.own_folder() / name))
    return list(RegisterType.objects.order_by("code"))


def test_an_outline_says_what_the_definition_says(loaded):
    found = outlines.outlines(loaded)
    assert len(found) == len(loaded) == 3
    pointing = 0
    for row in loaded:
        definition, one = open_register(row.code).definition, found[row.pk]
        assert (one.icon, one.help, one.help_en) == (definition.icon, definition.help, definition.help_en)
        assert [dict(state) for state in one.states] == [dict(state) for state in definition.states]
        assert one.finals == tuple(code for code, state in definition.state_by_code.items() if state.final)
        assert (one.expiry is None) == (definition.expiry is None)
        assert [each.code for each in one.cycles] == [each.code for each in definition.inspections if each.every_months]
        wanted = [each.code for each in definition.fields if each.kind == "object" and each.index]
        assert [each.code for each in one.pointing] == wanted
        pointing += len(wanted)
        slots = open_register(row.code).slots
        assert outlines.ready(row, one) == {code: slots[code] for code in one.assigned}
    assert pointing > 0 and any(one.expiry for one in found.values())


def test_one_query_the_first_time_and_none_after(loaded, django_assert_num_queries):
    outlines._kept.clear()
    with django_assert_num_queries(1):
        outlines.outlines(loaded)
    with django_assert_num_queries(0):
        outlines.outlines(loaded)


def test_a_new_version_of_a_definition_has_a_new_outline(place, wells, well, with_fields):
    row = RegisterType.objects.get(code="well")
    assert outlines.outlines([row])[row.pk].icon == "folder"
    services.define(CONSOLE, well.model_copy(update={"icon": "droplets"}))
    row.refresh_from_db()
    assert outlines.outlines([row])[row.pk].icon == "droplets"


def test_a_slot_that_is_being_built_is_not_asked_by(place, wells):
    row = RegisterType.objects.get(code="well")
    one = outlines.outlines([row])[row.pk]
    assert "permit_until" in outlines.ready(row, one)
    row.building = {"fields": ["permit_until"]}
    assert "permit_until" not in outlines.ready(row, one)
    RegisterType.objects.filter(pk=row.pk).update(building=row.building)
    assert [each.kind for each in reminders.rules()] == [reminders.INSPECTION]


def test_what_is_due_and_who_refers_open_no_definition_they_do_not_show(loaded, place, county, monkeypatch):
    """Of three registers only the one whose objects may refer to a reach is opened, and for the rules none."""
    opened = []
    real = registers._loaded
    reach = open_register("reach")
    row = RegisterObject(
        pk=1, type=RegisterType.objects.get(code="reach"), region=county, state=reach.definition.first_state
    )
    monkeypatch.setattr(registers, "_loaded", lambda pk, *rest: opened.append(pk) or real(pk, *rest))
    assert reminders.rules() and opened == []
    related.referring(place.office, row)
    assert {RegisterType.objects.get(pk=pk).code for pk in opened} == {"river_problem"}
