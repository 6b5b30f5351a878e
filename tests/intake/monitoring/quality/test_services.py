"""Flags beside the lake and decisions of people: rights, reach, reasons, versions, late values."""

from datetime import timedelta

import numpy as np
import pytest

from ecocloud.base.errors import Forbidden
from ecocloud.intake.monitoring.quality import flagging, queries, services, watching
from ecocloud.intake.monitoring.quality.errors import AlreadyTakenBack, NoSuchReview, ReviewRefused
from ecocloud.intake.monitoring.quality.models import QualityFlag, QualityReview
from ecocloud.kernel.journal.models import Entry
from tests.intake.monitoring.alarms.conftest import HOUR, MN, START

pytestmark = pytest.mark.django_db


def kept():
    rows = QualityFlag.objects.order_by("at", "factor", "rule").values_list("rule", "factor", "at")
    return [(rule, factor, (at - START) / HOUR) for rule, factor, at in rows]


def test_new_values_are_flagged_and_late_ones_change_what_they_reach(place, device, field):
    watching.run(START)  # from now on only what is new
    field.put([30, 30, 300])
    assert watching.run(START) == 1
    assert kept() == [("rate", "a34004", 2)]
    assert watching.run(START) == 0
    field.put([-5], 3)
    assert watching.run(START) > 0
    assert set(kept()) == {
        ("rate", "a34004", 2),
        ("rate", "a34004", 3),
        ("negative", "a34004", 3),
        ("range", "a34004", 3),
    }
    field.put([290, 150], 1)  # corrections: the second value and the third
    watching.run(START)
    incremental = kept()
    QualityFlag.objects.all().delete()
    flagging.flag_days(10, START + timedelta(hours=12))
    assert kept() == incremental


def test_values_the_sender_marks_as_no_measurement_are_not_looked_at(place, device, field):
    watching.run(START)
    field.put([-5], flag="C")
    field.put([-5], 1, flag="T")
    watching.run(START)
    assert {at for _rule, _factor, at in kept()} == {1}


def decide(user, device, valid=False, first=0, last=2, **more):
    given = {"factor": "a34004", "interval": "hour", "reason": "校准中"} | more
    return services.review(user, device, first=START + first * HOUR, last=START + last * HOUR, valid=valid, **given)


def mask(device, factor="a34004"):
    stamps = np.array([int((START + n * HOUR).timestamp()) for n in range(3)])
    return queries.verdicts([device.pk]).mask(MN, factor, "hour", stamps).tolist()


def test_decisions_stand_one_over_the_other_and_can_be_taken_back(place, device):
    first = decide(place.east_staff, device)
    second = decide(place.office, device, valid=True, first=1, last=3, factor="", reason="核对纸质记录")
    assert (mask(device), mask(device, "a34002")) == ([2, 1, 1], [0, 1, 1])
    services.take_back(place.office, second.pk, reason="看错了时段")
    assert mask(device) == [2, 2, 0]
    with pytest.raises(AlreadyTakenBack):
        services.take_back(place.office, second.pk, reason="又一次")
    assert QualityReview.objects.count() == 2
    told = Entry.objects.filter(ref_kind="review").order_by("pk").values_list("action", "note")
    assert list(told) == [("monitoring.review.decide", "校准中"), ("monitoring.review.decide", "核对纸质记录"),
                          ("monitoring.review.cancel", "看错了时段")]  # fmt: skip
    assert first.ref == f"review:{first.pk}"


def test_decisions_of_a_span_are_asked_for(place, device):
    decide(place.office, device)
    bound = START + 2 * HOUR
    assert not queries.verdicts(first=bound) and queries.verdicts(first=bound - timedelta(seconds=1))
    assert not queries.verdicts(last=START) and not queries.verdicts(interval="day")


def test_rights_and_reach(place, device):
    for user in (place.reader, place.west_staff):
        with pytest.raises(Forbidden):
            decide(user, device)
    row = decide(place.office, device)
    with pytest.raises(NoSuchReview):
        services.take_back(place.west_staff, row.pk, reason="x")
    with pytest.raises(Forbidden):
        services.take_back(place.reader, row.pk, reason="x")
    assert (queries.reviews(place.west_staff).count(), queries.reviews(place.reader).count()) == (0, 1)


@pytest.mark.parametrize(
    ("more", "field_"),
    [({"reason": " "}, "reason"), ({"reason": "字" * 201}, "reason"), ({"last": 0}, "last"), ({"last": 9000}, "last"),
     ({"interval": "week"}, "interval"), ({"factor": "w01018"}, "factor"),
     ({"first": 10**6, "last": 10**6 + 1}, "first")],
)  # fmt: skip
def test_what_cannot_be_decided(place, device, more, field_):
    with pytest.raises(ReviewRefused) as refused:
        decide(place.office, device, **more)
    assert set(refused.value.faults) == {field_}
