"""The small place of the stations' tests, its device, and a gateway played by hand."""

import itertools
from datetime import timedelta

import pytest
from django.utils import timezone

from ecocloud.intake.monitoring.commanding import delivery
from ecocloud.intake.monitoring.commanding.models import Command
from ecocloud.intake.monitoring.gateway.backstage import Answer, Sent
from tests.intake.monitoring.stations.conftest import MN, device, place

__all__ = ["MN", "device", "place"]


class Gateway:
    """A gateway played by hand: what it takes, tells, and when."""

    def __init__(self, name="g1"):
        self.name, self.numbers = name, itertools.count(1)

    def due(self, *online):
        return delivery.due(self.name, set(online or (MN,)))

    def went_out(self, one, delivered=True):
        delivery.sent(self.name, [Sent(one.id, timezone.now(), delivered)], [])

    def told(self, cn, qn, result=None, mn=MN, ref=None):
        ref = ref or f"raw:{self.name}/{next(self.numbers)}"
        delivery.sent(self.name, [], [Answer(mn, cn, qn, result, ref, timezone.now())])


@pytest.fixture
def gateway():
    return Gateway()


def age(row, seconds):
    """As if the command's deadline had passed so many seconds earlier than it will."""
    row.refresh_from_db()
    Command.objects.filter(pk=row.pk).update(deadline=row.deadline - timedelta(seconds=seconds))
