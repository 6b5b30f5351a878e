"""Gateways at the same time, each with a connection of its own: a command goes out once, an answer counts once, and
reports of the same device and stranger add up."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from ecocloud.intake.monitoring.commanding import delivery, services
from ecocloud.intake.monitoring.commanding.models import Command, StrayAnswer
from ecocloud.intake.monitoring.gateway.backstage import Answer, Seen, Sent, Stranger
from ecocloud.intake.monitoring.stations import services as stations
from ecocloud.intake.monitoring.stations.models import DeviceState
from ecocloud.intake.monitoring.stations.models import Stranger as StrangerRow
from ecocloud.kernel.journal.services import Busy

pytestmark = pytest.mark.django_db(transaction=True)
GATEWAYS, DEVICES = 4, 5


def together(work):
    """``work(name)`` as gateways that begin at once; what each returned. One that the journal is too busy for asks
    again, as gateways do."""
    ready, told = threading.Barrier(GATEWAYS), {}

    def run(name):
        try:
            ready.wait()
            for _ in range(20):
                try:
                    told[name] = work(name)
                    return
                except Busy:
                    continue
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(f"g{number}",)) for number in range(GATEWAYS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(120)
    assert len(told) == GATEWAYS, "a gateway never came back"
    return told


def test_a_command_goes_to_one_gateway_and_its_answer_counts_once(place):
    mns = [f"TOGETHER{number:016d}" for number in range(DEVICES)]
    for mn in mns:
        device = stations.add_device(place.office, mn=mn, name=mn, kind="air", region=place.east,
                                     department=place.bureau, password="123456")  # fmt: skip
        row = services.ask(place.east_staff, device, "3015", reason="超标留样")
        services.approve(place.office, row.pk)
    taken = together(lambda name: delivery.due(name, set(mns)))
    due = [(one, name) for name, found in taken.items() for one in found]
    assert sorted(one.mn for one, _name in due) == mns  # each device's once, whoever it went to
    assert {row.pk: row.gateway for row in Command.objects.all()} == {one.id: name for one, name in due}
    now = timezone.now()
    told = [Answer(one.mn, "9011", one.qn, 1, f"raw:{name}/7", now) for one, name in due]
    stray = [Answer(mns[0], "9012", "20260101000000000", 1, f"raw:x/{number}", now) for number in range(3)]

    def tell(name):
        delivery.sent(name, [Sent(one.id, now, True) for one, _name in due], told + stray)
        return True

    together(tell)  # all of them tell the same
    for row in Command.objects.all():
        assert (row.sends, row.events.filter(kind="answer").count(), row.events.filter(kind="sent").count()) == (
            1,
            1,
            1,
        )
    assert StrayAnswer.objects.get().count == 3 * GATEWAYS


def test_reports_of_one_device_and_one_stranger_add_up(device):
    now = timezone.now()
    stations.take_report("g0", [Seen(device.mn, "10.0.0.9:4000", True, now, now, now, 0, 0, 0, None)], [])

    def tell(name):
        for _ in range(5):
            seen = Seen(device.mn, "10.0.0.9:4000", True, now, now, now, 10, 1, 2, None)
            stranger = Stranger("KNOCK", "unknown", "10.0.0.7:5000", now - timedelta(hours=1), now, 3, b"##0010")
            stations.take_report(name, [seen], [stranger])
        return True

    stations.take_report("g0", [], [Stranger("KNOCK", "unknown", "", now, now, 0, b"")])
    together(tell)
    state = DeviceState.objects.get()
    assert (state.packets, state.rejected, state.duplicates) == tuple(GATEWAYS * 5 * one for one in (10, 1, 2))
    assert StrangerRow.objects.get().packets == GATEWAYS * 5 * 3
