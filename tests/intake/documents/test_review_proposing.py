"""From a figure that was read to what a person is asked: matched to the catalogue by name or alias, else proposed."""

import pytest

from ecocloud.intake.documents.proposing import Proposer

pytestmark = pytest.mark.django_db


@pytest.fixture
def proposer(place):
    return Proposer(place.city, None, "青瓷市2026年工作要点", (2025, 2026))


def figure(name, value, unit, *tags, **more):
    return {
        "indicator": name,
        "value": value,
        "unit": unit,
        "qualifier": list(tags),
        "aliases": [],
        "quote": name,
        **more,
    }


def test_a_name_of_the_catalogue_is_matched(proposer):
    made = proposer.figure(figure("森林覆盖率", 67.5, "%", "target", "lower_bound"))
    assert (made["indicator"], made["propose"], made["operator"], made["use"]) == ("FOR.COVER", False, ">=", "target")


def test_an_alias_leads_to_the_indicator_when_the_name_does_not(proposer):
    made = proposer.figure(figure("全域绿化本底占地情况", 67.5, "%", "actual", aliases=["森林覆盖率"]))
    assert (made["indicator"], made["words"]) == ("FOR.COVER", "全域绿化本底占地情况")


def test_a_change_is_never_entered_as_the_level_of_the_indicator(proposer):
    made = proposer.figure(
        figure("森林覆盖率上升", 1.1, "个百分点", "actual", "change", direction="up", aliases=["森林覆盖率"])
    )
    assert (made["qualifier"], made["operator"]) == ("change", "change")
    fall = proposer.figure(figure("森林覆盖率降幅", 0.4, "个百分点", "actual", "change_yoy", direction="down"))
    assert (fall["qualifier"], fall["operator"], fall["value"]) == ("change_yoy", "change", "-0.4")


@pytest.mark.parametrize(
    ("name", "unit", "direction"),
    [("海绵设施达标单元占比", "%", "up"), ("臭气扰民投诉量", "件", "down"), ("河道巡查轮值表", "张", "none")],
)
def test_an_unknown_indicator_is_proposed_with_unit_and_direction(proposer, name, unit, direction):
    made = proposer.figure(figure(name, 12, unit, "actual"))
    assert (made["indicator"], made["propose"], made["name"]) == ("", True, name)
    assert (made["unit"], made["direction"]) == (unit, direction)


def test_a_range_and_a_destroyed_value_keep_their_words(proposer):
    made = proposer.figure(figure("森林覆盖率", None, "%", "target", value_text="60%～65%", high=65))
    assert (made["operator"], made["high"], made["value"], made["value_text"]) == ("range", "65", "", "60%～65%")
    lost = proposer.figure(figure("养殖面积", None, "亩", "actual", value_text="202_亩"))
    assert (lost["value"], lost["value_text"]) == ("", "202_亩")
