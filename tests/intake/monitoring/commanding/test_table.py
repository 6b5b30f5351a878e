"""What may be sent: every host command of the standard is decided on; waits as HJ 212-2017 table 1 prints them."""

from importlib.resources import files

import pytest

from ecocloud.intake.monitoring.commanding import table
from ecocloud.intake.monitoring.hj212 import tables

TEXT = (files("ecocloud.intake.monitoring") / "data" / "commanding.yaml").read_text("utf-8")


def test_every_host_command_is_decided_on():
    """Offered, or with the reason why not; nothing that only a device says."""
    host = {(one.code, one.edition) for one in tables.commands().values()
            if one.sender != "device" and one.kind in ("request", "notice")}  # fmt: skip
    assert {(one.code, one.edition) for one in table.table().commands} == host


def test_waits_of_the_standard():
    times = {one.code: (one.answer_s, one.resends, one.mark) for one in table.table().times}
    assert times["mobile"] == (10, 3, "verified")
    assert times["wired"] == (5, 3, "verified")


def test_what_acts_is_never_repeated_and_needs_a_second_person():
    """1012 sets the clock to the platform's own time: no second person, but not repeated either."""
    for one in table.table().commands:
        command = tables.commands()[one.code, one.edition]
        plan = table.plan_of(table.Offer(command=command, terms=one))
        assert plan.acts == command.acts
        assert (plan.resends == 0) == plan.acts
        if plan.acts and one.code != "1012":
            assert plan.approval, one.code
    clock = table.plan_of(table.offer_of("1012", 2017))
    assert (clock.acts, clock.approval, clock.resends) == (True, False, 0)


def test_offers_by_edition():
    codes = [one.code for one in table.offers(2017)]
    assert len(codes) == len(set(codes)) == 26
    assert {"1012", "1061", "1062", "1063", "1064", "2011", "2012", "2031", "2041", "2051", "2061", "3015"} <= set(
        codes
    )
    assert "1072" not in codes
    assert table.offer_of("9011", 2017) is None
    assert table.offer_of("2013", 2017) is None
    assert table.offer_of("2013", 2025).terms.not_offered


def test_kinds_of_answers():
    assert table.plan_of(table.offer_of("2012", 2017)).notice
    assert table.plan_of(table.offer_of("1061", 2017)).single
    assert not table.plan_of(table.offer_of("2061", 2017)).single
    assert not table.plan_of(table.offer_of("3015", 2017)).single  # a sample is proven by its result alone


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('{code: "1011", edition: 2017, zh', '{code: "9014", edition: 2017, zh', "标准表中没有"),
        ("en: Read the clock, group: clock", "en: Read the clock, group: tides", "没有分组 tides"),
        ("en: Read the clock, group", "group", "没有名称"),
        ("answer: one, execute: read_s}\n", "answer: one, execute: long_s}\n", "没有时限 long_s"),
        ("answer: one, execute: read_s}\n", "answer: notice, execute: read_s}\n", "通知命令"),
        ("answer: one, execute: read_s}\n", "answer: two, execute: read_s}\n", "commands.0.answer"),
    ],
)
def test_faults_of_the_table_are_named(old, new, said):
    with pytest.raises(tables.TableError) as caught:
        table.read(TEXT.replace(old, new, 1))
    assert said in caught.value.message_zh
