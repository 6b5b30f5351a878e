"""The row of steps of an object: its main path, side states only of objects that were in them.

Expected rows are read by hand off the transitions of the packs of the product.
"""

from functools import cache

import pytest

from ecocloud.kernel.registers import lifecycle, pack


@cache
def definition(folder, code):
    return pack.read(pack.folder_of(folder)).type_by_code[code]


WETLAND_USE = ("wetlands", "wetland_use")
PROBLEM = ("inspection-problems", "inspection_problem")
FARM = ("livestock-farms", "livestock_farm")
OUTFALL = ("river-outfalls", "outfall")
ENTERPRISE = ("key-enterprises", "enterprise")


@pytest.mark.parametrize(
    ("of", "state", "been", "before", "after"),
    [
        (WETLAND_USE, "applied", [], [], ["agreed", "balanced"]),
        (WETLAND_USE, "balanced", [], ["applied", "agreed"], []),  # never refused
        (WETLAND_USE, "refused", ["applied"], ["applied"], []),  # and a refused one goes no further
        (FARM, "fit", ["filed"], ["filed"], []),
        (FARM, "fit", ["filed", "rectifying"], ["filed", "rectifying"], []),
        (FARM, "rectifying", ["filed"], ["filed"], ["fit"]),
        (PROBLEM, "closed", [], ["listed", "planned", "rectifying", "reported", "accepted"], []),
        # Sent back: what lies ahead is to be done again, and is shown once.
        (PROBLEM, "reopened", ["listed", "closed", "accepted"], ["listed", "planned"],
         ["rectifying", "reported", "accepted", "closed"]),
        (PROBLEM, "rectifying", ["listed", "closed", "reopened"], ["listed", "planned", "reopened"],
         ["reported", "accepted", "closed"]),
        (OUTFALL, "closed", [], ["surveyed", "tested", "traced"], []),  # nothing to rectify
        (OUTFALL, "closed", ["rectifying"], ["surveyed", "tested", "traced", "rectifying"], []),
        (ENTERPRISE, "running", [], [], []),
        (ENTERPRISE, "closed", ["running", "stopped"], ["running", "stopped"], []),
    ],
)  # fmt: skip
def test_side_states_are_shown_only_of_objects_that_were_in_them(of, state, been, before, after):
    assert lifecycle.steps_of(definition(*of), state, been) == (before, after)


def test_no_step_is_shown_twice_and_none_ahead_that_was_only_left_out():
    for folder in pack.own_packs():
        for made in pack.read(pack.folder_of(folder)).types:
            for state in made.states:
                before, after = lifecycle.steps_of(made, state.code, [])
                row = [*before, state.code, *after]
                assert len(row) == len(set(row)), (made.code, row)
                assert not {one.code for one in made.states if one.tone == "bad"} & set(after), (made.code, row)
