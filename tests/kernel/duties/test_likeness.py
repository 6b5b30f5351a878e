"""Duplicates by distance, category and time: distances against the ellipsoid (pyproj), symmetric, whatever the order;
the deadline policy; an item told by its journal entries."""

import random
from datetime import date, timedelta

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from pyproj import Geod

from ecocloud.base.calendar import WorkCalendar
from ecocloud.kernel.duties import deadlines, kinds, likeness
from ecocloud.kernel.duties.reconstruction import Entry, rebuild

DAY = date(2026, 6, 1)
CATEGORIES = st.sampled_from(["", "water", "air", "noise", "mine"])
NEAR = st.floats(-0.01, 0.01)
REPORTS = st.builds(
    lambda key, days, category, x, y, placed: likeness.Report(
        key, DAY + timedelta(days=days), category, 114 + x if placed else None, 27 + y if placed else None
    ),
    st.integers(1, 10_000), st.integers(0, 40), CATEGORIES, NEAR, NEAR, st.booleans(),
)  # fmt: skip


@pytest.mark.parametrize("east", [0.0, 0.001, 0.5])
@pytest.mark.parametrize("lat", [0.0, 27.5, 53.0])
def test_distance_is_that_of_the_ellipsoid_within_its_stated_error(lat, east):
    _, _, metres = Geod(ellps="GRS80").inv(114, lat, 114 + east, lat + 0.002)
    assert likeness.distance(114, lat, 114 + east, lat + 0.002) == pytest.approx(metres, rel=0.006)


@given(REPORTS, REPORTS, st.sampled_from(["case", "problem"]))
def test_likeness_is_symmetric_and_every_report_is_like_itself(one, other, kind):
    assert likeness.likeness(kind, one, other) == likeness.likeness(kind, other, one)
    if one.lon is not None:
        assert likeness.likeness(kind, one, one) == likeness.Likeness(0, 0)


@settings(max_examples=60)
@given(st.lists(REPORTS, max_size=12, unique_by=lambda r: r.key), st.integers(0, 99))
def test_hints_and_groups_do_not_depend_on_the_order(reports, seed):
    mixed = list(reports)
    random.Random(seed).shuffle(mixed)
    assert likeness.groups("case", reports) == likeness.groups("case", mixed)
    for one in reports[:3]:
        assert likeness.like("case", one, reports) == likeness.like("case", one, mixed)
    grouped = [key for group in likeness.groups("case", reports) for key in group]
    assert len(grouped) == len(set(grouped))


@given(REPORTS, REPORTS, st.sampled_from(["case", "problem"]))
def test_nothing_alike_lies_outside_the_box(one, other, kind):
    if one.lon is not None and likeness.likeness(kind, one, other):
        west, south, east, north = likeness.box(kind, one.category, one.lon, one.lat)
        assert west <= other.lon <= east and south <= other.lat <= north


def test_the_limits_themselves_count_and_one_beyond_does_not():
    rule = likeness.rule_of("case", "water")
    here = likeness.Report(1, DAY, "water", 114.0, 0.0)
    degrees = rule.distance.value / (likeness.RADIUS * 3.141592653589793 / 180)
    at, beyond = (likeness.Report(2, DAY, "water", 114.0, degrees * k) for k in (0.999999, 1.001))
    assert likeness.likeness("case", here, at) and not likeness.likeness("case", here, beyond)
    last, after = (likeness.Report(3, DAY + timedelta(days=rule.days.value + n), "water", 114.0, 0.0) for n in (0, 1))
    assert likeness.likeness("case", here, last) and not likeness.likeness("case", here, after)
    assert not likeness.likeness("case", here, likeness.Report(4, DAY, "air", 114.0, 0.0))
    assert likeness.likeness("case", here, likeness.Report(5, DAY, "", 114.0, 0.0))  # without a category


# --- the deadline policy ---------------------------------------------------------------------------


def policy(**more):
    values = {"kind": "case", "category": "*", "decide": 2, "close": 7, "longest": 60, "valid_from": date(2020, 1, 1)}
    return deadlines.Policy(**(values | {"citation": "测试规则", "mark": "own default"} | more))


def test_the_category_outranks_the_kind_and_the_newest_row_in_force_counts():
    rows = (policy(), policy(category="noise", close=15), policy(close=10, valid_from=date(2026, 6, 2)))
    assert deadlines.policy_of("case", "noise", DAY, rows).close == 15
    assert deadlines.policy_of("case", "water", DAY, rows).close == 7
    assert deadlines.policy_of("case", "", date(2026, 6, 2), rows).close == 10  # the day the rule changes
    assert deadlines.policy_of("task", "", DAY, rows) is None


def test_terms_are_working_days_of_the_calendar():
    """From Friday 2026-09-18: 2 working days end on 22 September; 7 pass the Mid-Autumn days off (25 September)."""
    calendar = WorkCalendar.load()
    told = deadlines.terms(policy(), date(2026, 9, 18), calendar)
    assert told.decide_by == calendar.add_workdays(date(2026, 9, 18), 2)
    assert calendar.workdays_between(date(2026, 9, 18), told.close_by) == 7
    assert told.decide_by < told.close_by < told.longest


def test_a_policy_out_of_order_is_refused():
    with pytest.raises(ValidationError):
        policy(decide=8)
    with pytest.raises(ValidationError):
        policy(close=61)


def test_every_row_names_a_kind_and_category_there_is():
    for row in deadlines.table():
        kind = kinds.kind_of(row.kind)
        assert row.category == "*" or kind.category(row.category)
    for kind in kinds.all_kinds().values():
        if any(state.clock.by == "decide" for state in kind.states.values()):
            assert deadlines.policy_of(kind.code, "", DAY)


# --- faults of tables and the journal --------------------------------------------------------------


def test_kinds_of_a_folder_are_read_and_unsound_ones_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(kinds, "_more", [])
    text = "code: notice_case\nlabel_zh: 提示单\nlabel_en: Hint\ncitation: 本地\nextends: case\n"
    (tmp_path / "one.yaml").write_text(text, encoding="utf-8")
    try:
        kinds.add_folder(tmp_path)
        assert kinds.kind_of("notice_case").categories == kinds.kind_of("case").categories
        (tmp_path / "one.yaml").write_text(text + "without_actions: [decline, report]\n", encoding="utf-8")
        kinds.all_kinds.cache_clear()
        with pytest.raises(kinds.KindError):
            kinds.all_kinds()
    finally:
        monkeypatch.undo()
        kinds.all_kinds.cache_clear()


def test_a_handler_cannot_be_the_verifier_and_results_need_verification():
    raw = {
        "code": "bad", "label_zh": "坏", "label_en": "Bad", "citation": "x", "extends": "case",
        "transitions": [
            {"action": "skip", "label_zh": "跳过", "label_en": "Skip", "from": ["signed"],
             "to": "completed", "by": ["office"]},
            {"action": "pause", "label_zh": "停", "label_en": "Pause", "from": ["signed"],
             "to": "suspended", "by": ["office"]},
        ],
    }  # fmt: skip
    texts = {path.name: yaml.safe_load(path.read_text("utf-8")) for path in kinds.FOLDER.glob("*.yaml")}
    with pytest.raises(kinds.KindError) as refused:
        kinds.build(texts | {"bad": raw})
    told = refused.value.message_zh
    for words in ("skip 以结果结束事项，却不是审核", "pause 进入 suspended 却没有截止日"):
        assert words in told, told
    by_lead = {"action": "accept", "label_zh": "办结", "label_en": "Accept", "from": ["in_progress"], "to": "completed",
               "by": ["lead"], "verifies": True, "guards": ["not_handler"]}  # fmt: skip
    with pytest.raises(kinds.KindError, match="却由办理单位进行"):
        kinds.build(texts | {"bad": raw | {"transitions": [by_lead]}})


def test_the_journal_tells_fields_steps_handlers_and_breaks():
    entries = [
        Entry("duties.item.create", "user:1", {}, {"kind": "case", "state": "issued", "version": 1, "light": "green"}),
        Entry("duties.file.download", "user:9"),
        Entry("duties.item.sign", "user:2", {"state": "issued", "version": 1}, {"state": "signed", "version": 2}),
        Entry("duties.item.progress", "user:2", {"light": "red"}, {"progress": "5", "light": "red"}, "在办"),
        Entry("duties.item.report", "user:3", {"state": "issued"}, {"state": "reported", "version": 4}, "办完"),
    ]
    past = rebuild(entries, kinds.all_kinds())
    assert (past.fields["state"], past.fields["version"]) == ("reported", 4)
    assert [(step.action, step.source, step.target) for step in past.steps] == [
        ("create", "issued", "issued"), ("sign", "issued", "signed"), ("progress", "signed", "signed"),
        ("report", "signed", "reported"),
    ]  # fmt: skip
    assert past.handlers == {"user:2", "user:3"}
    assert past.breaks == ("5 report: state",)  # what it says was not so


def test_the_journal_tells_whose_step_it_is_when_another_wrote_it_down():
    """The office accepts the report of a unit: the step is the unit's, nobody of the office has handled the item."""
    made = {"kind": "task", "state": "in_progress", "version": 1}
    entries = [
        Entry("duties.item.create", "user:1", {}, made),
        Entry("duties.item.progress", "user:1", {}, {"progress": "5", "by": "user:2", "handling": True}, "在办"),
        Entry("duties.item.progress", "user:1", {}, {"progress": "9", "handling": False}, "听说"),
    ]
    past = rebuild(entries, kinds.all_kinds())
    assert [step.actor for step in past.steps] == ["user:1", "user:2", "user:1"]
    assert past.handlers == {"user:2"} and "by" not in past.fields and "handling" not in past.fields
