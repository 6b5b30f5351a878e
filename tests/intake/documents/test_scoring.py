"""Scores: hand-computed cases, and equality with the published scorer of the gold set where that is at hand."""

from __future__ import annotations

import copy
import importlib.util
import json
import os
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.intake.documents.scoring import (
    ALL,
    LEVELS,
    amount,
    judge,
    pair,
    part_similarity,
    period,
    same_deadlines,
    same_name,
    same_path,
    same_period,
    same_qualifier,
    same_region,
    same_roles,
    same_units,
    same_value,
    score,
    score_all,
    similarity,
)

SHARED = Path(os.environ.get("ECOCLOUD_SHARED") or Path(__file__).resolve().parents[4] / "shared")


def figure(start=0, end=10, **more):
    return {"id": "f", "doc": "a", "kind": "figure", "start": start, "end": end, "value": 5, "unit": "亿元",
            "indicator": "造林面积", "aliases": [], "region": "甲市", "period": "2024", "qualifier": ["actual"],
            "direction": None, **more}  # fmt: skip


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (1.5, "亿元", (1.5e8, "元")),
        ("1,200", "万元", (1.2e7, "元")),
        (3, "万亩", (3e4 * 2000 / 3, "m2")),
        (2, "平方公里", (2e6, "m2")),
        (30, "万吨/日", (3e11, "g/d")),
        (26, "微克每立方米", (26e-6, "g/m3")),
        (26, "μg/m³", (26e-6, "g/m3")),
        (7, "％", (7, "%")),
        (9, "个百分点", (9, "pp")),
        (4, "余家", (4, "家")),
        (None, "米", (None, "m")),
        ("多", "米", (None, "m")),
    ],
)
def test_amounts_are_brought_to_base_units(value, unit, expected):
    """1 亩 = 2000/3 m² (GB 3100 tables of conversion); the others are decimal prefixes."""
    found, base = amount(value, unit)
    assert base == expected[1]
    assert found == (None if expected[0] is None else pytest.approx(expected[0]))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("2024", ("2024-01-01", "2024-12-31")),
        ("2024-02", ("2024-02-01", "2024-02-29")),
        ("2023-02", ("2023-02-01", "2023-02-28")),
        ("../2020", (None, "2020-12-31")),
        ("2020-01-01/2020-08-31", ("2020-01-01", "2020-08-31")),
        ("2024年底", ("2024-12-31", "2024-12-31")),
        ("202X/..", ("202X-01-01", None)),
        ("", None),
        (None, None),
    ],
)
def test_periods_are_first_and_last_days(words, expected):
    assert period(words) == expected


def test_similarity_is_the_better_of_sequences_and_pairs_of_characters():
    assert similarity("森林覆盖率", "全市森林覆盖率") == 1.0  # words for the own place do not count
    assert similarity("“两山”银行", "两山银行") == 1.0  # nor do quotes
    assert similarity("甲", "") == 0.0
    # longest common subsequence 4 of 4 + 6 characters: 2*4/10; common pairs 3 of 3 + 5: 2*3/8
    assert similarity("造林面积", "人工造林面积") == pytest.approx(0.8)
    assert part_similarity("造林面积", "人工造林面积") == pytest.approx(0.6 + 0.4 * 4 / 6)


def test_values_need_common_evidence_and_an_equal_unit():
    assert same_value(figure(), figure(5, 15, value=50000, unit="万元"))
    assert not same_value(figure(), figure(10, 15))
    assert not same_value(figure(), figure(unit="亩"))
    assert not same_value(figure(), figure(value=None))
    assert same_value(figure(value=None), figure(value=None, unit="项"))
    assert same_value(figure(unit=None), figure(unit="项"))
    assert same_value(figure(value=1, unit="位", qualifier=["rank"]), figure(value=1, unit=None))
    assert not same_value(figure(value=1, unit="位", qualifier=["rank"]), figure(value=1, unit="家"))
    assert same_value(figure(unit="%", qualifier=["change_yoy"]), figure(unit="%", value=-5))
    assert not same_value(figure(unit="%"), figure(unit="%", value=-5))


def test_qualifiers_compare_core_tags_and_directions():
    assert same_qualifier(figure(), figure(qualifier="actual count_of"))
    assert not same_qualifier(figure(qualifier=["target"]), figure())
    fall = figure(qualifier=["actual", "change"], direction="down")
    assert same_qualifier(fall, figure(qualifier=["change"], direction="下降"))
    assert same_qualifier(fall, figure(qualifier=["change"], value=-5))
    assert not same_qualifier(fall, figure(qualifier=["change"]))
    assert not same_qualifier(fall, figure(qualifier=["change"], direction="up"))
    assert same_qualifier({**fall, "direction": "up"}, figure(qualifier=["change"]))


def test_periods_and_regions():
    assert same_period(figure(period=None), figure(period="1999"))
    assert same_period(figure(period_alt=["2024-12-31"]), figure(period="2024-12-31"))
    assert not same_period(figure(), figure(period=None))
    assert same_region(figure(region="江西省甲市乙县"), figure(region="乙县"))
    assert same_region(figure(region="甲乙市"), figure(region="甲乙县"))
    assert same_region(figure(region=None), figure(region=""))
    assert not same_region(figure(), figure(region=None))
    assert not same_region(figure(), figure(region="丁市"))


def test_units_roles_paths_and_deadlines_of_tasks():
    gold = {"units": [{"name": "甲局", "raw": "甲局局", "role": "牵头"}], "path": "一/(二)", "deadlines": []}
    assert same_units(gold, {"units": ["甲局"]})
    assert same_roles(gold, {"units": [{"name": "甲局局", "role": "牵头"}]})
    assert not same_roles(gold, {"units": [{"name": "甲局", "role": "负责"}]})
    assert same_units(gold, {"units": [{"name": "甲局", "role": "负责"}]})
    assert not same_units(gold, {"units": []})
    assert same_path(gold, {"path": ["一", "（二）"]})
    assert same_deadlines(gold, {})
    assert not same_deadlines(gold, {"deadlines": [{"date": "2024-01-01"}]})


def test_borderline_annotations_neither_reward_nor_punish():
    gold = [figure(), {**figure(20, 30, value=7), "optional": True}, figure(40, 50, value=9)]
    made = [figure(), figure(20, 30, value=7, indicator="另一个"), figure(60, 70, value=1)]
    counts = score(gold, made, "figure")
    base = counts["base"]
    assert (base.right, base.wrong, base.missed, base.ignored) == (1, 1, 1, 1)
    # at the stricter levels the second prediction stays ignored although its name is another
    strict = counts["strict"]
    assert (strict.right, strict.wrong, strict.missed, strict.ignored) == (1, 1, 1, 1)
    assert (base.precision, base.recall, base.f1) == (0.5, 0.5, 0.5)
    assert judge(gold, made, "figure", "strict") == [True, None, False]
    assert score(gold, made, "figure", count_optional=True)["base"].right == 2


def test_pairs_are_as_many_as_possible():
    """The first annotation must give way: only the other prediction fits the second one."""
    gold = [figure(0, 10), figure(0, 4)]
    made = [figure(0, 5), figure(6, 10)]
    assert pair(gold, made, (same_value,)) == {0: 1, 1: 0}


def test_wrong_evidence_counts_as_wrong_and_ranges_limit_what_counts():
    text = {"a": "0123456789" * 6}
    gold = [figure(quote="0123456789")]
    broken = figure(quote="另外的话")
    outside = figure(40, 50, value=8)
    counts = score_all(gold, [broken, outside], text, {"a": {"figures": [0, 30]}})
    assert [(c.right, c.wrong, c.missed) for c in (counts["a", "figure"]["base"], counts[ALL, "figure"]["base"])] == [
        (0, 1, 1)
    ] * 2
    assert score_all(gold, [figure(0, 99)], text)["a", "figure"]["base"].wrong == 1


def test_names_of_projects_need_common_evidence():
    one = {"start": 0, "end": 9, "name": "城南污水处理厂二期工程"}
    assert same_name(one, {"start": 8, "end": 12, "name": "污水处理厂二期工程"})
    assert not same_name(one, {"start": 9, "end": 12, "name": "污水处理厂二期工程"})
    assert not same_name(one, {"start": 0, "end": 9, "name": "湿地公园"})


BOXES = st.lists(
    st.tuples(st.integers(0, 8), st.integers(1, 5), st.integers(1, 2), st.booleans()), max_size=6
)  # start, length, value, optional


@settings(max_examples=150, deadline=None)
@given(BOXES, BOXES)
def test_pairing_is_one_to_one_and_maximal(first, second):
    """Against the size of a maximum matching found by trying all subsets."""
    gold = [figure(a, a + n, value=v, optional=o) for a, n, v, o in first]
    made = [figure(a, a + n, value=v) for a, n, v, _ in second]
    pairs = pair(gold, made, (same_value,))
    assert len(set(pairs.values())) == len(pairs)
    assert all(same_value(gold[g], made[m]) for g, m in pairs.items())

    def largest(g: int, free: frozenset[int]) -> int:
        if g == len(gold):
            return 0
        fits = [m for m in free if same_value(gold[g], made[m])]
        return max([largest(g + 1, free), *(1 + largest(g + 1, free - {m}) for m in fits)])

    assert len(pairs) == largest(0, frozenset(range(len(made))))


# --- against the published scorer ------------------------------------------------------------------------------------


def published():
    spec = importlib.util.spec_from_file_location("published_scorer", SHARED / "gold" / "score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def disturbed(records, texts, chance):
    """A copy of ``records`` with all kinds of damage."""
    out = []
    for record in copy.deepcopy(records):
        what = chance.randrange(13)
        if what == 0:
            continue
        if what == 1 and record.get("value"):
            record["value"] = record["value"] * 1.3 + 7
        elif what == 2 and record["kind"] == "figure":
            record["indicator"], record["aliases"] = "无关", []
        elif what == 3:
            record["period"] = chance.choice([None, "1999", "2022年底", "202X-02", "2022~2023"])
        elif what == 4:
            record["region"] = chance.choice(["北京市", "江西省吉安市", None, ""])
        elif what == 5 and record["kind"] == "figure":
            record["qualifier"] = chance.choice([["actual"], "target lower_bound", None, ["actual", "change_yoy"]])
        elif what == 6:
            record["quote"] += "错"
        elif what == 7:
            out.append({**record, "id": record["id"] + "x"})
        elif what == 8:
            length = max(1, int((record["end"] - record["start"]) * chance.random()))
            record["end"] = record["start"] + length
            record["quote"] = texts[record["doc"]][record["start"] : record["end"]]
        elif what == 9 and record["kind"] == "task":
            record["units"], record["deadlines"], record["path"] = record["units"][1:], [], "x"
        elif what == 10 and record.get("name"):
            record["name"] = record["name"][: max(2, len(record["name"]) // 2)]
        elif what == 11:
            record["unit"] = {"亿元": "万元", "%": "％"}.get(record.get("unit"), record.get("unit"))
            record["count"], record["type"] = 3, "pilot"
        elif what == 12 and record.get("value"):
            record["value"], record["direction"] = -record["value"], None
        out.append(record)
    return out


@pytest.mark.skipif(not (SHARED / "gold" / "score.py").exists(), reason="the published scorer is not here")
@pytest.mark.parametrize("seed", range(4))
def test_counts_equal_those_of_the_published_scorer(seed):
    other = published()
    folder = SHARED / "gold" / "gold"
    gold = other.load_dir(str(folder))
    ranges = json.loads((folder / "exhaustive.json").read_text("utf-8"))
    texts = other.texts()
    made = disturbed(gold, texts, random.Random(seed))
    wanted, _ = other.run(gold, copy.deepcopy(made), seed % 2 == 1, exhaustive=ranges)
    found = score_all(gold, made, texts, ranges, seed % 2 == 1)
    assert set(found) == set(wanted)
    for key, levels in wanted.items():
        assert [(c["tp"], c["fp"], c["fn"], c["ignored"]) for c in levels.values()] == [
            (c.right, c.wrong, c.missed, c.ignored) for c in found[key].values()
        ], key
    assert {k: len(v) for k, v in LEVELS.items()} == {k: len(v) for k, v in other.LEVELS.items()}
