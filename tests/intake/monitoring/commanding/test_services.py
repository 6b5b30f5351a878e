"""What people may do with commands: their reach, a second person, reasons, faults of every field, the journal."""

import json

import pytest

from ecocloud.base.errors import Forbidden
from ecocloud.intake.monitoring.commanding import queries, services
from ecocloud.intake.monitoring.commanding.errors import CommandRefused, NoSuchCommand
from ecocloud.intake.monitoring.commanding.machine import NotNow
from ecocloud.intake.monitoring.commanding.models import Command
from ecocloud.intake.monitoring.commanding.parameters import ParameterFaults
from ecocloud.kernel.journal.models import Entry

pytestmark = pytest.mark.django_db


def test_within_the_reach_only(place, device):
    for user in (place.west_staff, place.reader):
        with pytest.raises(Forbidden):
            services.ask(user, device, "1061", reason="x")
    row = services.ask(place.east_staff, device, "1061", reason="核对间隔")
    assert row.state == "ready"
    with pytest.raises(NoSuchCommand):
        services.withdraw(place.west_staff, row.pk)
    assert list(queries.commands(place.west_staff)) == []
    assert list(queries.commands(place.reader)) == [row]


def test_never_the_same_person(place, device):
    row = services.ask(place.office, device, "3015", reason="超标留样")
    with pytest.raises(CommandRefused, match="the one who asked"):
        services.approve(place.office, row.pk)
    assert list(queries.to_approve(place.office)) == []
    with pytest.raises(Forbidden):
        services.approve(place.east_staff, row.pk)
    row.refresh_from_db()
    assert (row.state, row.decided_by) == ("prepared", None)


def test_a_second_person_decides_once(place, device):
    row = services.ask(place.east_staff, device, "3015", reason="超标留样")
    assert list(queries.to_approve(place.office)) == [row]
    with pytest.raises(CommandRefused):
        services.dismiss(place.office, row.pk, opinion=" ")
    services.dismiss(place.office, row.pk, opinion="现场已有人员")
    with pytest.raises(NotNow):
        services.approve(place.office, row.pk)
    row.refresh_from_db()
    assert (row.state, row.opinion, row.ended_at is not None) == ("dismissed", "现场已有人员", True)
    entry = Entry.objects.get(action="monitoring.command.dismiss")
    assert (entry.note, json.loads(entry.after)["state"]) == ("现场已有人员", "dismissed")


def test_what_is_refused(place, device):
    with pytest.raises(CommandRefused, match="no reason"):
        services.ask(place.office, device, "1061", reason="  ")
    for cn in ("1072", "9011", "2081", "9999", ""):
        with pytest.raises(CommandRefused, match="not offered"):
            services.ask(place.office, device, cn, reason="x")
    with pytest.raises(ParameterFaults):
        services.ask(place.office, device, "1062", {"RtdInterval": "5"}, reason="x")
    device.enabled = False
    with pytest.raises(CommandRefused, match="off"):
        services.ask(place.office, device, "1061", reason="x")
    assert not Command.objects.exists()


def test_not_too_many_at_once(place, device, monkeypatch):
    monkeypatch.setattr(services, "MOST_OPEN", 2)
    first = services.ask(place.office, device, "1061", reason="x")
    services.ask(place.office, device, "1061", reason="x")
    with pytest.raises(CommandRefused, match="too many"):
        services.ask(place.office, device, "1061", reason="x")
    services.withdraw(place.office, first.pk)
    services.ask(place.office, device, "1061", reason="x")


def test_withdrawing(place, device, gateway):
    row = services.ask(place.east_staff, device, "1061", reason="x")
    services.withdraw(place.office, row.pk)  # one who may agree may take back as well
    row = services.ask(place.east_staff, device, "1061", reason="x")
    (one,) = gateway.due()
    gateway.went_out(one)
    with pytest.raises(NotNow):
        services.withdraw(place.east_staff, row.pk)


def test_how_a_device_takes_commands(place, device):
    with pytest.raises(Forbidden):
        services.set_up(place.west_staff, device, link="wired")
    with pytest.raises(CommandRefused):
        services.set_up(place.office, device, link="pigeon")
    with pytest.raises(CommandRefused):
        services.set_up(place.office, device, link="wired", edition=2018)
    services.set_up(place.office, device, link="wired", edition=2025)
    row = services.ask(place.office, device, "1061", reason="x")
    assert (row.terms.answer_s, row.edition) == (5, 2025)
    assert Entry.objects.filter(action="monitoring.command.setting").count() == 1


def test_what_held_when_it_was_asked_for_holds_to_its_end(place, device):
    row = services.ask(place.office, device, "1061", reason="x")
    services.set_up(place.office, device, link="wired")
    assert Command.objects.get(pk=row.pk).terms.answer_s == 10
