"""Which command an answer belongs to: S16 and S18 of the list of stream cases, on the pure parts."""

import pytest

from ecocloud.intake.monitoring.commanding.machine import Answered, Data
from ecocloud.intake.monitoring.commanding.matching import By, Known, Told, event_of, match, told
from ecocloud.intake.monitoring.hj212.building import answer_to
from ecocloud.intake.monitoring.hj212.decoder import Decoder
from tests.intake.monitoring.made import packet

MN = "0123456789ABCDEF01234567"
QN = "20260301101500123"
OTHER = "20260301101500999"
READING = Known(1, "2061", QN, under_way=True)
ACTING = Known(2, "3015", QN, under_way=True, strict=True)
OVER = Known(3, "1062", OTHER, under_way=False)


@pytest.mark.parametrize(
    ("cn", "qn", "code", "found"),
    [
        ("9011", QN, 1, Told("9011", QN, 1)),
        ("9012", QN, 999, Told("9012", QN, 999)),
        ("9012", QN, 1000, Told("9012", QN, None)),  # N3 in table 4
        ("2011", QN, 1, Told("2011", QN, None)),  # a code belongs to 9011 and 9012 alone
        ("9012", "a\x00b" * 20, None, Told("9012", "ab" * 12, None)),
    ],
)
def test_what_a_gateway_tells_is_taken_as_far_as_it_can_be(cn, qn, code, found):
    assert told(cn, qn, code) == found


@pytest.mark.parametrize(
    ("said", "known", "found"),
    [
        (Told("9011", QN, 1), [READING], By.QN),
        (Told("9012", OTHER, 1), [READING, OVER], By.QN),  # the earlier one, not the one under way
        (Told("2061", QN, None), [READING], By.QN),
        (Told("9012", "1", 1), [READING], By.DEVICE),  # a QN of its own
        (Told("9011", "", 1), [READING], By.DEVICE),
        (Told("2061", "20260301101501000", None), [READING], By.DEVICE),
        (Told("2051", "20260301101501000", None), [READING], None),  # an upload that nobody asked for
        (Told("9012", "1", 1), [ACTING], None),  # what acts on equipment must be answered by its QN
        (Told("3015", QN, None), [ACTING], By.QN),
        (Told("9013", "1", None), [READING], None),
        (Told("9013", "1", None), [Known(4, "2012", QN, under_way=True, notice=True)], By.DEVICE),
        (Told("9014", "1", None), [READING], None),
        (Told("9012", "1", 1), [], None),
        (Told("9012", "1", 1), [OVER], None),
        (Told("9012", "1", 1), [READING, Known(5, "1062", OTHER, under_way=True)], None),
    ],
)
def test_match(said, known, found):
    matched = match(said, known)
    assert (matched[1] if matched else None) == found


def test_the_right_one_of_two():
    assert match(Told("9012", OTHER, 1), [READING, OVER])[0] is OVER


def test_events():
    assert event_of(Told("9011", QN, 2)) == Answered("9011", 2)
    assert event_of(Told("2061", QN, None)) == Data()
    assert event_of(Told("9014", QN, None)) is None


@pytest.mark.parametrize("cn", ["9011", "9012", "9013", "9014"])
def test_an_answer_is_never_answered(cn):
    """S16: 2,083 acknowledgements of a simulator came as ST=21, Flag=5."""
    (event,) = Decoder().feed(packet(f"QN={QN};ST=21;CN={cn};PW=1;MN={MN};Flag=5;CP=&&&&"))
    assert answer_to(event) is None
