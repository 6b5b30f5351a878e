"""Classes published by the national platform of automatic stations, 2020 and 2021, beside ours.

Each disagreement is counted under the rule that explains it; what no rule explains is counted too, and named.
"""

import csv
import gzip
from collections import Counter, defaultdict
from decimal import Decimal

import numpy as np
import pytest

from ecocloud.intake.monitoring.evaluation.scaled import Amounts
from ecocloud.intake.monitoring.evaluation.water.classes import classify
from ecocloud.intake.monitoring.evaluation.water.readings import Readings

COLUMNS = {"ph": "ph", "do": "do", "codmn": "codmn", "nh3n": "nh3n", "tp": "tp", "water_temp": "water_temp"}
CLASSES = {"Ⅰ": 1, "Ⅱ": 2, "Ⅲ": 3, "Ⅳ": 4, "Ⅴ": 5, "劣Ⅴ": 6}
# Lake points of the province, from the README of the data: a field of the register, not of the source.
LAKES = {"康山", "蛤蟆石", "都昌", "湖心岛", "南矶山"}
REACH = 2
"""How many readings before and after count as neighbours."""


def published(path):
    """Rows with a published class, by section and time: (key, row)."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        rows = [row for row in csv.DictReader(file) if row["wq_class"] in CLASSES]
    return sorted(rows, key=lambda row: (row["province"], row["section"], row["time"]))


def key_of(row):
    return row["province"], row["section"]


class Table:
    """The amounts of rows, read once. half: half of the last printed digit of each, to the worse side."""

    def __init__(self, rows):
        shape = (len(rows), len(COLUMNS))
        self.values, self.half = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        self.missing = np.ones(shape, np.bool_)
        for line, row in enumerate(rows):
            for column, (item, field) in enumerate(COLUMNS.items()):
                if row[field]:
                    whole, _, places = format(Decimal(row[field]), "f").partition(".")
                    self.values[line, column] = int(whole + places.ljust(6, "0"))
                    self.half[line, column] = (-5 if item == "do" else 5) * 10 ** (5 - len(places))
                    self.missing[line, column] = False
        # One row of the source has no time; its file says the month.
        self.days = np.array([row["time"][:10] or "2021-04-01" for row in rows], "datetime64[D]")
        self.sections = [key_of(row) for row in rows]
        self.theirs = np.array([CLASSES[row["wq_class"]] for row in rows])

    def ours(self, lakes, nudge=0, **options):
        """The classes; ``nudge`` moves amounts by halves of their last digit."""
        amounts = Amounts(self.values + nudge * self.half, self.missing)
        lake = np.array([key in lakes for key in self.sections])
        return classify(Readings.of(tuple(COLUMNS), amounts, lake, self.days), **options).overall


def beside(table, lakes):
    """Ours equal to the published: bool; and the rule that explains each disagreement, by row number."""
    theirs, sections = table.theirs, table.sections
    ours = table.ours(lakes)
    other = {
        "oxygen by its amount only": table.ours(lakes, saturation=False),
        "rounded onto a limit": table.ours(lakes, nudge=1),
    }
    body = table.ours(set(sections) - set(lakes))
    reasons = {}
    for place in np.flatnonzero(ours != theirs):
        near = [at for at in range(max(place - REACH, 0), min(place + REACH + 1, len(theirs)))
                if at != place and sections[at] == sections[place]]  # fmt: skip
        rules = [name for name, own in other.items() if own[place] == theirs[place]]
        rules += ["class of a neighbouring reading"] if theirs[place] in ours[near] else []
        rules += ["the register of lakes"] if body[place] == theirs[place] else []
        reasons[int(place)] = rules[0] if rules else None
    return ours == theirs, reasons


@pytest.mark.parametrize(
    ("name", "least"), [("jiangxi_sections_4hourly_202104", 600), ("jiangxi_sections_daily_202005-202104", 750)]
)
def test_the_sections_of_the_province(shared_folder, name, least):
    rows = published(shared_folder / "data/water" / f"{name}.csv")
    lakes = {key_of(row) for row in rows if row["section"] in LAKES}
    same, reasons = beside(Table(rows), lakes)
    print(f"{name}: {same.sum()} of {len(rows)} equal ({same.mean():.2%});", Counter(reasons.values()).most_common())
    assert len(rows) >= least
    assert same.mean() >= 0.97
    assert None not in reasons.values()
    # A pH outside 6 to 9 is published as 劣Ⅴ, and so is it here.
    outside = [place for place, row in enumerate(rows) if row["ph"] and not 6 <= float(row["ph"]) <= 9]
    assert all(rows[place]["wq_class"] == "劣Ⅴ" for place in outside if same[place])


def test_the_sections_of_the_country(shared_folder):
    """No register says which sections are lakes: taken as such is a section whose 1st, 3rd, 5th … reading fits the lake
    limits better; counted are only the others.
    """
    rows = published(shared_folder / "data/water/china_sections_daily_202005-202104.csv.gz")
    table = Table(rows)
    as_river, as_lake = (table.ours(lakes) == table.theirs for lakes in ((), set(table.sections)))
    places = defaultdict(list)
    for place, row in enumerate(rows):
        places[key_of(row)].append(place)
    lakes = {key for key, own in places.items() if as_lake[own[::2]].sum() > as_river[own[::2]].sum()}
    counted = np.zeros(len(rows), np.bool_)
    for own in places.values():
        counted[own[1::2]] = True
    same, reasons = beside(table, lakes)
    reasons = {place: rule for place, rule in reasons.items() if counted[place]}
    print(f"{same[counted].sum()} of {counted.sum()} equal ({same[counted].mean():.2%});", Counter(reasons.values()))
    assert counted.sum() > 10_000
    assert same[counted].mean() >= 0.99
    assert sum(rule is None for rule in reasons.values()) <= 3, [
        rows[place] for place, rule in reasons.items() if not rule
    ]
