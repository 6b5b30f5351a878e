"""Handlers of register types: run in the transaction, refused when unknown. Expected values by hand from the rules."""

import pytest

from ecocloud.base.errors import Conflict
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.regions.services import CONSOLE
from ecocloud.kernel.registers import handlers, services
from ecocloud.kernel.registers.errors import DefinitionFaults
from ecocloud.kernel.registers.handlers import HandlerGone
from ecocloud.kernel.registers.models import ObjectVersion, RegisterObject
from ecocloud.kernel.registers.reading import read_type

pytestmark = pytest.mark.django_db


@pytest.fixture
def seen(monkeypatch):
    """What the handlers ``test.note`` and ``test.step`` saw."""
    monkeypatch.setattr(handlers, "_known", dict(handlers._known))
    calls = []

    def note(name):
        def handler(event):
            calls.append((name, event))
            for one in event.moved:
                event.tx.log("test.noted", Ref("obj", str(one.row.pk)), None, {"handler": name})

        return handler

    for name in ("test.note", "test.step"):
        handlers.register_handler(name, note(name))
    return calls


@pytest.fixture
def handled(well_text, seen, place):
    """The register of wells with both handlers."""
    text = well_text.replace("prefix: SYJ", "prefix: SYJ\non_change: [test.note]").replace(
        "from: [found], to: in_use}", "from: [found], to: in_use, on_transition: [test.step]}"
    )
    return services.define(CONSOLE, read_type(text, "well.yaml"))


def make(place, register, name, **given):
    return services.create(place.office, register, name=name, region=place.east, given={"owner": name} | given)


def test_handlers_see_what_changed_once_for_all_objects(place, handled, seen):
    first, second = make(place, handled, "甲"), make(place, handled, "乙")
    assert [(name, event.moved[0].action, event.moved[0].from_state) for name, event in seen] == [
        ("test.note", "create", ""),
        ("test.note", "create", ""),
    ]
    seen.clear()
    services.bulk_edit(place.office, handled, [first.pk, second.pk], {"cost": "3"})
    ((name, event),) = seen
    assert name == "test.note" and [one.row.pk for one in event.moved] == [first.pk, second.pk]
    assert [("cost" in one.before, one.after["cost"]) for one in event.moved] == [(False, 3), (False, 3)]
    assert event.user == place.office and event.register is handled


def test_a_step_runs_its_own_handlers_first_and_other_changes_do_not(place, handled, seen):
    row = make(place, handled, "甲")
    services.edit(place.office, handled, row.pk, given={"cost": "1"})
    assert "test.step" not in [name for name, _ in seen]
    seen.clear()
    services.transition(place.office, handled, row.pk, "start")
    assert [(name, event.moved[0].from_state, event.moved[0].row.state) for name, event in seen] == [
        ("test.step", "found", "in_use"),
        ("test.note", "found", "in_use"),
    ]
    noted = Entry.objects.filter(action="test.noted").order_by("pk")
    step = Entry.objects.get(action="registers.object.step")
    assert {entry.tx for entry in noted[2:]} == {step.tx}


def test_a_handler_that_refuses_undoes_the_change(place, handled, seen):
    row = make(place, handled, "甲")

    def refuse(event):
        raise Conflict("下级未办结。", "something is open")

    handlers.register_handler("test.step", refuse)
    entries, versions = Entry.objects.count(), ObjectVersion.objects.count()
    with pytest.raises(Conflict, match="something is open"):
        services.transition(place.office, handled, row.pk, "start")
    assert RegisterObject.objects.get(pk=row.pk).state == "found"
    assert (Entry.objects.count(), ObjectVersion.objects.count()) == (entries, versions)


def test_nothing_runs_when_nothing_changes(place, handled, seen):
    row = make(place, handled, "甲")
    seen.clear()
    services.edit(place.office, handled, row.pk, given={"owner": "甲"})
    assert seen == []


def test_an_unknown_handler_is_refused_with_its_line(well_text, seen):
    text = well_text.replace("columns:", "on_change: [test.note, test.nothing]\ncolumns:")
    with pytest.raises(DefinitionFaults) as refused:
        read_type(text, "well.yaml")
    (fault,) = refused.value.faults
    line = next(number for number, one in enumerate(text.splitlines(), 1) if one.startswith("on_change"))
    assert (fault.value, fault.where["行"]) == ("test.nothing", line) and "test.note" in fault.remedy_zh


def test_a_handler_that_is_gone_stops_the_change(place, handled, seen):
    row = make(place, handled, "甲")
    del handlers._known["test.note"]
    with pytest.raises(HandlerGone):
        services.edit(place.office, handled, row.pk, given={"cost": "2"})
    row.refresh_from_db()
    assert row.version == 1


def test_a_circle_of_handlers_ends(place, handled, seen):
    rows = [make(place, handled, "甲"), make(place, handled, "乙")]
    count = iter(range(1, 100))

    def other(event):
        twin = rows[1] if event.moved[0].row.pk == rows[0].pk else rows[0]
        services.edit(place.office, handled, twin.pk, given={"cost": str(next(count))})

    handlers.register_handler("test.note", other)
    with pytest.raises(HandlerGone, match="circle"):
        services.edit(place.office, handled, rows[0].pk, given={"cost": "50"})
    assert next(count) == handlers.DEEPEST + 1  # as many calls as there are levels
    assert set(RegisterObject.objects.values_list("version", flat=True)) == {1}


def test_a_definition_without_handlers_is_stored_as_before(wells):
    stored = wells.definition.as_json()
    assert "on_change" not in stored and all("on_transition" not in step for step in stored["transitions"])
