"""Confidence: interval, regression, isotonic steps, the cut; what the calibration of the product promises."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.intake.documents import leaving_out
from ecocloud.intake.documents.calibrating import (
    BOUND,
    RIDGE,
    Row,
    cut_of,
    draft,
    isotonic,
    logistic,
    solve,
    steps_of,
    wilson,
)
from ecocloud.intake.documents.confidence import CEILING, SURE, Model, calibration, step
from ecocloud.intake.documents.evaluating import RIGHT, calibrate
from ecocloud.intake.documents.features import DOUBTS, marks_of
from ecocloud.intake.documents.read import read_document


@pytest.mark.parametrize(
    ("right", "n", "lower"),
    [(95, 100, 0.8882), (0, 10, 0.0), (10, 10, 0.7225), (73, 73, 0.9500), (9, 10, 0.5958), (0, 0, 0.0)],
)
def test_wilson_interval(right, n, lower):
    """95 of 100: Newcombe (1998), table I, method 3, has 0.8882; n of n: n / (n + z^2)."""
    assert wilson(right, n) == pytest.approx(lower, abs=5e-4)
    if right == n and n:
        assert wilson(n, n) == pytest.approx(n / (n + 1.959963984540054**2))


def test_solve_gives_back_what_went_in():
    matrix = [[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]]
    x = [1.0, -2.0, 3.0]
    right = [sum(a * b for a, b in zip(row, x, strict=True)) for row in matrix]
    assert solve(matrix, right) == pytest.approx(x)


def test_regression_stands_where_its_gradient_is_zero():
    """The definition of the optimum: for each mark, observed less expected right ones equal the ridge's pull."""
    chance = random.Random(4)
    rows = []
    for n in range(300):
        marks = tuple(m for m in "abc" if chance.random() < 0.5)
        rows.append(Row(f"d{n % 5}", marks, chance.random() < (0.9 if "a" in marks else 0.4)))
    weights, bias = logistic(rows)

    def expected(row):
        return 1 / (1 + math.exp(-(bias + sum(weights.get(m, 0) for m in row.marks))))

    assert sum(r.right - expected(r) for r in rows) == pytest.approx(0, abs=0.05)
    for mark, weight in weights.items():
        surplus = sum(r.right - expected(r) for r in rows if mark in r.marks)
        assert surplus == pytest.approx(RIDGE * weight, abs=0.05)
    assert weights["a"] > 1.5 > abs(weights["b"])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(-9, 9).map(float), st.booleans()), min_size=1, max_size=120))
def test_isotonic_steps_rise(sums):
    ordered = sorted(sums)
    blocks = isotonic(ordered)
    assert [b[0] for b in blocks] == sorted({b[0] for b in blocks})
    assert all(a[1] < b[1] for a, b in zip(blocks, blocks[1:], strict=False))
    assert blocks[0][0] == ordered[0][0]
    steps = steps_of(sums, BOUND)
    assert all(a[1] <= b[1] for a, b in zip(steps, steps[1:], strict=False))
    cut = cut_of(ordered, BOUND)
    for value, _ in ordered:
        assert (step(steps, value) >= SURE) == (value >= round(cut, 4) if cut != math.inf else False)


def test_the_cut_is_the_lowest_sum_above_which_the_bound_holds():
    ordered = [(0.0, False)] * 3 + [(1.0, True)] * 40 + [(2.0, True)] * 60
    # 100 of 100 has 0.963; 100 of 103 has 0.918; 60 of 60 has 0.940
    assert cut_of(ordered, 0.95) == 1.0
    assert cut_of(ordered, 0.97) == math.inf
    assert cut_of(ordered, 0.90) == 0.0


def made_up(good: float, n: int = 400) -> list[Row]:
    chance = random.Random(11)
    rows = []
    for at in range(n):
        sure = chance.random() < 0.6
        rows.append(Row(f"d{at % 8}", ("sure",) if sure else ("odd",), chance.random() < (good if sure else 0.5)))
    return rows


def test_calibration_calls_sure_what_keeps_the_promise_and_only_that():
    rows = made_up(1.0)
    fitted = calibrate(rows, {"strict": rows}, "strict")
    assert fitted.bar is not None
    assert fitted.check.n > 100
    assert fitted.check.bound("strict") >= BOUND
    assert fitted.model.confidence(["sure"]) >= SURE > fitted.model.confidence(["odd"])


def test_a_kind_that_cannot_keep_it_has_no_sure_record():
    rows = made_up(0.93)
    fitted = calibrate(rows, {"strict": rows}, "strict")
    assert fitted.bar is None
    assert fitted.check.n == 0
    assert max(c for _, c in fitted.model.steps) <= CEILING < SURE


def test_a_fit_is_the_same_every_time():
    rows = made_up(0.97)
    other = sorted(rows, key=lambda r: (r.marks, r.right))
    first, second = draft(rows).model(), draft(other).model()
    assert first.weights == second.weights
    assert first.steps == second.steps


def test_the_calibration_of_the_product_keeps_its_promise_or_calls_nothing_sure():
    facts = calibration()
    assert set(facts.kinds) == set(RIGHT) == set(facts.made["kinds"])
    for kind, model in facts.kinds.items():
        how, top = facts.made["kinds"][kind], max(c for _, c in model.steps)
        assert how["right"] == RIGHT[kind]
        assert [s[0] for s in model.steps] == sorted(s[0] for s in model.steps)
        if how["bar"] is None:
            assert top < SURE, kind
        else:
            check = how["left_out"]
            assert top >= SURE, kind
            assert wilson(check["right"][RIGHT[kind]], check["sure"]) >= BOUND, kind


def test_records_carry_the_calibrated_confidence_and_their_rules():
    text = "甲乙市2025年工作要点\n\n一、重点任务\n1.推进植树造林。完成造林5.2万亩。（市林业局负责）\n"
    reading = read_document(text.encode(), "a_要点.txt")
    for record in reading.records():
        model = calibration().kinds[record["kind"]]
        assert record["rules"]
        assert record["confidence"] == round(model.confidence(marks_of(record, reading.document)), 3)


def test_a_record_with_a_doubt_is_never_sure():
    """Words of a time limit that gave none, a unit left over at the end of a task, a year that no title names."""
    document = {"title": {"text": "甲乙市2025年工作要点"}}
    task = {"kind": "task", "title": "推进植树造林", "plan_year": "2025", "deadlines": [], "rules": [], "units": [],
            "quote": "1.推进植树造林。确保汛期前完成造林任务，县林业局、县水利局。"}  # fmt: skip
    marks = marks_of(task, document)
    assert {"deadline:unread", "units:unread"} <= set(marks)
    sure = Model(weights={}, bias=9.0, steps=[(0.0, 0.99)])
    assert sure.confidence(marks) == CEILING < SURE < sure.confidence([])
    figure = {"kind": "figure", "indicator": "造林面积", "period_basis": "inherited_doc", "qualifier": ["target"],
              "value": 5, "unit": "万亩", "period": "2025", "region": "甲乙市", "rules": [],
              "quote": "造林面积5万亩"}  # fmt: skip
    assert not DOUBTS & set(marks_of(figure, document))
    assert DOUBTS & set(marks_of(figure, {"title": {"text": "甲乙市工作方案"}})) == {"year:guessed"}


def test_only_entries_without_other_support_are_left_out():
    words = leaving_out.entries()
    assert {"造林", "以上"} <= words
    texts = {"a": "全年造林5万亩以上", "b": "新增5万亩以上"}
    only = leaving_out.only_support(texts)
    assert "造林" in only["a"]
    assert "以上" not in only["a"] + only["b"]
    assert "新增" in only["b"]


def test_a_document_is_read_without_the_words_that_are_left_out(tmp_path):
    """The same file with and without 负责 as a word for a duty: the list of units is no longer recognised as one."""
    path = tmp_path / "a_要点.txt"
    path.write_text(
        "甲乙市2025年工作要点\n\n一、重点任务\n1.推进植树造林。完成造林5.2万亩。（市林业局牵头）\n", "utf-8"
    )
    lists = yaml.safe_load((Path(leaving_out.__file__).parent / "data" / "organisations.yaml").read_text("utf-8"))
    with_words, without = leaving_out.read_without([(path, []), (path, lists["roles"]["牵头"])])
    roles = [
        [u["role"] for r in records if r["kind"] == "task" for u in r["units"]] for records in (with_words, without)
    ]
    assert roles[0] == ["牵头"]
    assert roles[1] != ["牵头"]
