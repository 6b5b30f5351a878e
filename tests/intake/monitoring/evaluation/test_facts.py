"""Facts by day: versions follow each other, unverified ones can be switched, wrong files are refused by line."""

from datetime import date
from decimal import Decimal

import pytest

from ecocloud.intake.monitoring.evaluation.facts import FactError, NoFact, read_facts
from ecocloud.intake.monitoring.hj212.tables import TableError

TEXT = """\
facts:
  - {name: limit.pm, value: 75, unit: µg/m³, valid_to: 2026-02-28, edition: A, citation: A 表1, mark: verified}
  - {name: limit.pm, value: 60.5, unit: µg/m³, valid_from: 2026-03-01, edition: B, citation: B 表1, mark: verified}
  - {name: share, value: 0.75, unit: "1", citation: B 6.2, mark: from_memory, zh: 点位占比}
  - {name: weights, value: {pm: 3, list: [1, 2]}, unit: "1", citation: C, mark: unconfirmed, on: false}
"""


@pytest.fixture
def found():
    return read_facts(TEXT, "x.yaml")


def test_the_version_in_force_on_a_day(found):
    assert found.in_force("limit.pm", date(2026, 2, 28)).number() == 75
    assert found.in_force("limit.pm", date(2026, 3, 1)).number() == Decimal("60.5")
    assert found.in_force("limit.pm", date(1900, 1, 1)).edition == "A"
    assert found.names == ("limit.pm", "share", "weights")
    assert list(found.under("limit", date(2026, 3, 1))) == ["pm"]
    assert found.in_force("limit.pm", date(2026, 3, 1)).where == "x.yaml:3"


def test_unverified_facts_are_labelled_and_can_be_switched(found):
    day = date(2026, 3, 1)
    assert [fact.name for fact in found if fact.unverified] == ["share", "weights"]
    assert found.optional("weights", day) is None
    on = found.switched(on=["weights"], off=["share"])
    assert on.in_force("weights", day).mapping()["list"] == (1, 2)
    with pytest.raises(NoFact, match="switched off"):
        on.in_force("share", day)
    assert found.in_force("share", day).number() == Decimal("0.75"), "the first stays as it was"
    with pytest.raises(FactError, match="verified"):
        found.switched(off=["limit.pm"])
    with pytest.raises(NoFact):
        found.switched(off=["nothing"])


def test_no_fact_of_a_name_or_day(found):
    with pytest.raises(NoFact):
        found.in_force("nothing", date(2026, 1, 1))
    ended = read_facts(TEXT.replace("valid_from: 2026-03-01", "valid_from: 2026-03-01, valid_to: 2030-12-31"), "x.yaml")
    with pytest.raises(NoFact) as error:
        ended.in_force("limit.pm", date(2031, 1, 1))
    assert "2030-12-31" in error.value.sentence_zh()


@pytest.mark.parametrize(("begin", "what"), [("2026-03-02", "gap"), ("2026-02-28", "overlap")])
def test_gaps_and_overlaps_are_refused(begin, what):
    with pytest.raises(FactError, match=what) as error:
        read_facts(TEXT.replace("2026-03-01", begin), "x.yaml")
    assert error.value.where["位置"] == "x.yaml:3"


@pytest.mark.parametrize(
    ("old", "new"),
    [("mark: verified}", "mark: sure}"), ("unit: µg/m³, valid_to", "valid_to"), ("citation: A 表1, ", ""),
     ("edition: A", "colour: A"), ("name: share", "name: Share")],
)  # fmt: skip
def test_incomplete_nodes_are_refused_with_their_line(old, new):
    with pytest.raises(TableError) as error:
        read_facts(TEXT.replace(old, new, 1), "x.yaml")
    assert error.value.where["行"] in (2, 4)


def test_an_open_end_before_another_version_is_an_overlap():
    with pytest.raises(FactError, match="overlap"):
        read_facts(TEXT.replace("valid_to: 2026-02-28, ", ""), "x.yaml")
    with pytest.raises(FactError, match="ends before"):
        read_facts(TEXT.replace("valid_to: 2026-02-28", "valid_from: 2026-03-01, valid_to: 2026-02-28"), "x.yaml")


def test_values_have_kinds(found):
    day = date(2026, 3, 1)
    share, weights, limit = (
        found.switched(on=["weights"]).in_force(name, day) for name in ("share", "weights", "limit.pm")
    )
    for wrong in (share.whole, share.text, share.listed, share.mapping, weights.number, limit.whole):
        with pytest.raises(FactError):
            wrong()
    with pytest.raises(TypeError):
        weights.value["pm"] = 1
