"""TLI beside the formulas of 总站生字〔2001〕090号 worked out with the math module, and beside published weights."""

import math

import numpy as np
import pytest

from ecocloud.intake.monitoring.evaluation.scaled import Amounts
from ecocloud.intake.monitoring.evaluation.water.nutrition import nutrition
from tests.intake.monitoring.evaluation.water.made import amounts, book

ITEMS = ("chla", "tp", "tn", "sd", "codmn")
PLAIN = {
    "chla": lambda x: 10 * (2.5 + 1.086 * math.log(x)), "tp": lambda x: 10 * (9.436 + 1.624 * math.log(x)),
    "tn": lambda x: 10 * (5.453 + 1.694 * math.log(x)), "sd": lambda x: 10 * (5.118 - 1.94 * math.log(x)),
    "codmn": lambda x: 10 * (0.109 + 2.661 * math.log(x)),
}  # fmt: skip
# The weights as they are printed, to four places.
WEIGHTS = {"chla": 0.2663, "tp": 0.1879, "tn": 0.1790, "sd": 0.1834, "codmn": 0.1834}


def of(*rows, items=ITEMS, off=()):
    flat = amounts(*(value for row in rows for value in row))
    shape = (len(rows), len(items))
    return nutrition(items, Amounts(flat.values.reshape(shape), flat.missing.reshape(shape)), book(*off))


@pytest.mark.parametrize("row", [(10, "0.05", 1, 1, 4), (60, "0.2", "3.1", "0.3", 9), (1, "0.005", "0.2", 5, 1)])
def test_the_index_is_the_weighted_sum(row):
    plain = sum(WEIGHTS[key] * PLAIN[key](float(value)) for key, value in zip(ITEMS, row, strict=True))
    assert of(row).units[0] / 10 == pytest.approx(plain, abs=0.06)


def test_weights_of_what_is_there_add_up_to_one():
    row = (None, "0.05", None, 0, 4)
    found = of(row)
    plain = (0.7056 * PLAIN["tp"](0.05) + 0.6889 * PLAIN["codmn"](4)) / (0.7056 + 0.6889)
    assert found.units[0] / 10 == pytest.approx(plain, abs=0.051)
    assert found.used.tolist() == [[False, True, False, False, True]]  # a transparency of zero has no logarithm
    nothing = of((None, None, None, None, -1))
    assert (nothing.known.tolist(), nothing.grade.tolist(), nothing.words(book())) == ([False], [0], [""])


def test_grades_at_their_bounds():
    """Chlorophyll alone: exp((TLI / 10 - 2.5) / 1.086) gives the index; 30, 50, 60, 70 are the bounds."""
    rows = [(round(math.exp((index / 10 - 2.5) / 1.086), 6),) for index in (29.9, 30, 50, 50.1, 60, 60.1, 70, 70.1)]
    found = of(*rows, items=("chla",))
    assert found.units.tolist() == [299, 300, 500, 501, 600, 601, 700, 701]
    words = ["贫营养", "中营养", "中营养", "轻度富营养", "轻度富营养", "中度富营养", "中度富营养", "重度富营养"]
    assert found.words(book()) == words
    assert found.words(book(), english=True)[0] == "Oligotrophic"
    assert found.unverified == ("decimals.tli",)


def test_order_of_rows_and_columns_changes_nothing():
    generator = np.random.default_rng(6)
    values = (generator.gamma(2, 2, (200, 5)) * 1e6).astype(np.int64) + 1
    whole = nutrition(ITEMS, Amounts(values, values < 0), book())
    rows, columns = generator.permutation(200), [4, 2, 0, 3, 1]
    turned = Amounts(values[rows][:, columns], np.zeros((200, 5), bool))
    assert nutrition([ITEMS[one] for one in columns], turned, book()).units.tolist() == whole.units[rows].tolist()
    with pytest.raises(ValueError, match="algae"):
        nutrition(("algae",), Amounts(values[:, :1], values[:, :1] < 0), book())
