"""The tables of the fact sheet beside the facts of the package: each row is carried, with its value and its mark."""

import csv
from datetime import date
from decimal import Decimal

import pytest

from ecocloud.intake.monitoring.evaluation.facts import facts

DAY = date(2026, 3, 1)
MARKS = {"verified-primary": "verified", "verified-secondary": "verified-secondary", "memory": "from_memory"}
KEYS = {"NH3-N": "nh3n", "TP_river": "tp.river", "TP_lake": "tp.lake", "TN_lake": "tn.lake", "F-": "f",
        "VPhenol": "phenol", "FecalColiform": "coliform"}  # fmt: skip
# Limits of ambient air at the fence of a plant are not limits of an outlet; the furnace has a rule of its own.
NOT_LIMITS = {"表4 厂界"}


@pytest.fixture(scope="module")
def table(shared_folder):
    folder = shared_folder / "standards/environment/data"

    def read(name):
        with (folder / name).open() as file:
            return list(csv.DictReader(file))

    return read


def mark_of(row):
    return next(mark for word, mark in MARKS.items() if any(word in str(cell) for cell in row.values()))


def test_surface_water(table):
    own = facts("water")
    seen = 0
    for row in table("gb3838_table1.csv"):
        key = KEYS.get(row["key"], row["key"].lower())
        if row["op"] in ("<=", ">="):
            name = f"table1.{'most' if row['op'] == '<=' else 'least'}.{key}"
            fact = own.in_force(name, DAY)
            assert [Decimal(one) for one in fact.listed()] == [
                Decimal(row[one]) for one in ("I", "II", "III", "IV", "V")
            ]
            assert (fact.mark, fact.unit) == (mark_of(row), row["unit"])
            assert (key.split(".")[0] in own.in_force("evaluated", DAY).listed()) == (
                row["in_21_item_evaluation"] == "Y"
            )
            seen += 1
        for code in row["hj212_code"].split("/"):
            assert code in own.in_force(f"code.{key.split('.')[0]}", DAY).mapping()
    assert seen == 23
    for name, count in (("2", 5), ("3", 80)):
        listed = list(own.under(f"table{name}", DAY).values())
        rows = table(f"gb3838_table{name}.csv")
        assert len(listed) == len(rows) == count
        for fact, row in zip(listed, rows, strict=True):
            assert fact.number() / (1000 if fact.unit == "µg/L" else 1) == Decimal(row["limit_mg_L"])
            assert fact.mark == mark_of(row)


def test_soil(table):
    own = facts("soil")
    lands = {"水田": "paddy", "其他": "other", "果园": "orchard", "all": "all"}
    organic = {"六六六总量(α+β+γ+δ)": "hch", "滴滴涕总量": "ddt", "苯并[a]芘": "bap"}
    bins = {"pH<=5.5": 0, "5.5<pH<=6.5": 1, "6.5<pH<=7.5": 2, "pH>7.5": 3, "all": 0}
    rows = table("soil_gb15618.csv")
    for row in rows:
        key = organic.get(row["factor"], row["factor"].lower())
        fact = own.in_force(f"{row['kind'].split()[0]}.{key}.{lands[row['farmland']]}", DAY)
        assert (fact.listed()[bins[row["pH_bin"]]], fact.mark) == (Decimal(row["value"]), mark_of(row))
    assert len(rows) == 4 * len([name for name in own.names if name.count(".") == 2]) - 3 * 3


def test_emission(table):
    own = [fact for fact in facts("emission") if fact.name.startswith("limit.")]
    rows = [
        row
        for row in table("emission_limits.csv")
        if row["clause"] not in NOT_LIMITS and "炉膛" not in row["pollutant"]
    ]
    assert len(own) == len(rows)
    for fact, row in zip(own, rows, strict=True):
        value = fact.mapping()
        text = "0" if row["limit"] == "不得检出" else row["limit"]
        ends = [value["least"], value["most"]] if "least" in value else [value["most"]]
        assert [Decimal(one) for one in ends] == [Decimal(one) for one in text.split("-")]
        assert fact.mark == mark_of(row), fact.name
        if row["medium"] == "air":
            assert value["oxygen"] == Decimal(row["o2_ref_pct"])
        if "code" in value:
            assert value["code"].startswith("w" if row["medium"] == "water" else "a")
