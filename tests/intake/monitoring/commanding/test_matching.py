"""Which command an answer belongs to: S16 and S18 of the list of stream cases, on the pure parts."""

import pytest

from ecocloud.intake.monitoring.commanding.machine import Answered, Data
from ecocloud.intake.monitoring.commanding.matching import By, Known, Told, concerns, event_of, match, told_by
from ecocloud.intake.monitoring.hj212.building import Device, answer_to, command, request_answer, result
from ecocloud.intake.monitoring.hj212.decoder import Decoder
from tests.intake.monitoring.made import packet

MN = "0123456789ABCDEF01234567"
QN = "20260301101500123"
OTHER = "20260301101500999"
READING = Known(1, "2061", QN, under_way=True)
ACTING = Known(2, "3015", QN, under_way=True, strict=True)
OVER = Known(3, "1062", OTHER, under_way=False)


def read(raw):
    (event,) = Decoder().feed(raw)
    return event


def test_answers_as_the_standard_builds_them():
    asked = read(command("1062", Device(MN, "32", "123456"), QN, {"RtdInterval": 30}))
    assert told_by(read(request_answer(asked, 1))) == Told("9011", QN, 1)
    assert told_by(read(result(asked, 100))) == Told("9012", QN, 100)


def test_the_edition_of_2005_names_its_qn_in_the_data_region():
    sent = packet(f"ST=91;CN=9011;PW=123456;MN={MN[:14]};Flag=0;CP=&&QN={QN};QnRtn=1&&")
    assert told_by(read(sent)) == Told("9011", QN, 1)


@pytest.mark.parametrize("text", ["", "x", "-1", "1.0", "0001", "１"])
def test_a_code_that_is_none(text):
    assert told_by(read(packet(f"QN={QN};ST=91;CN=9012;PW=1;MN={MN};Flag=4;CP=&&ExeRtn={text}&&"))).code is None


@pytest.mark.parametrize(
    ("told", "known", "found"),
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
def test_match(told, known, found):
    matched = match(told, known)
    assert (matched[1] if matched else None) == found


def test_the_right_one_of_two():
    assert match(Told("9012", OTHER, 1), [READING, OVER])[0] is OVER


def test_events():
    assert event_of(Told("9011", QN, 2)) == Answered("9011", 2)
    assert event_of(Told("2061", QN, None)) == Data()
    assert event_of(Told("9014", QN, None)) is None


def test_what_the_database_hears_of():
    assert concerns(Told("9014", "x", None), (), ())
    assert concerns(Told("2061", QN, None), (QN,), ())
    assert concerns(Told("2061", "x", None), (QN,), ("2061",))
    assert not concerns(Told("2011", "x", None), (QN,), ("2061",))
    assert not concerns(Told("2011", "", None), ("",), ())


@pytest.mark.parametrize("cn", ["9011", "9012", "9013", "9014"])
def test_an_answer_is_never_answered(cn):
    """S16: 2,083 acknowledgements of a simulator came as ST=21, Flag=5."""
    assert answer_to(read(packet(f"QN={QN};ST=21;CN={cn};PW=1;MN={MN};Flag=5;CP=&&&&"))) is None
