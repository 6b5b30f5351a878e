"""The room's data: what one file says of another, editions by day and their gaps."""

import inspect
from datetime import date

import pytest

from ecocloud.base.units import parse_unit
from ecocloud.domains.gep import editions
from ecocloud.domains.gep.asking import ADDING
from ecocloud.domains.gep.errors import GepError
from ecocloud.domains.gep.facts import load
from ecocloud.domains.gep.methods import function
from ecocloud.domains.gep.raster import registry

FACTS = load()


def test_every_method_has_its_function_and_the_function_says_what_it_does():
    for method in FACTS.methods.values():
        found = function(method.function)
        assert list(inspect.signature(found).parameters) == ["part", "item"], method.code
        assert found.__doc__, method.code


def test_every_method_item_input_and_parameter_is_used_somewhere():
    methods = FACTS.methods.values()
    assert {code for one in methods for code in one.data} == set(FACTS.inputs)
    of_rasters = {code for one in registry.services().values() for code in one.table} & set(FACTS.parameters)
    assert {code for one in methods for code in one.parameters} | of_rasters == set(FACTS.parameters)
    assert {code for one in methods for code in one.items} == set(FACTS.items)
    admitted = {code for one in FACTS.editions.values() for own in one.services for code in (*own.methods, *own.others)}
    assert admitted == set(FACTS.methods)


def test_there_are_eight_classes_of_the_first_level_and_twenty_four_of_the_second():
    """HJ 1166-2021."""
    assert [len([code for code in FACTS.classes if len(code) == length]) for length in (1, 2)] == [8, 24]
    assert all(code[:1] in FACTS.classes for code in FACTS.classes)


def test_parts_of_methods_and_parameters_are_classes():
    for part in (part for one in FACTS.methods.values() for part in one.parts):
        assert part in FACTS.classes
    for value in (value for one in FACTS.parameters.values() for value in one.values):
        assert value.part in ("", *FACTS.classes)


def test_units_of_inputs_are_known():
    """Those of the factors of soil loss are compound beyond what the table of units holds."""
    for one in (*FACTS.inputs.values(), *FACTS.statistics.values()):
        if one.code not in ("erosivity", "erodibility") and one.unit != "1":
            assert parse_unit(one.unit).factor > 0, one.code


def test_what_adds_up_is_an_input():
    assert set(FACTS.inputs) >= ADDING


def test_the_default_is_the_newest_edition_whose_formulas_are_complete():
    newest = FACTS.editions["gbt-46869-2025"]
    assert not editions.complete(newest) and "water_retention" in editions.gaps(newest)
    assert editions.default(FACTS, date(2026, 11, 30)).id == "ndrc-481-2022"
    assert editions.default(FACTS, date(2022, 3, 25)).id == "guide-2020"  # the day before it came
    assert editions.default(FACTS, date(2022, 3, 26)).id == "ndrc-481-2022"
    assert [one.id for one in editions.in_force(FACTS, date(2025, 12, 31))][0] == "gbt-46869-2025"
    assert [one.id for one in editions.in_force(FACTS, date(2025, 12, 30))][0] == "ndrc-481-2022"
    with pytest.raises(GepError, match="no complete edition"):
        editions.default(FACTS, date(2020, 8, 31))


def test_a_method_of_another_edition_is_refused():
    edition = FACTS.editions["ndrc-481-2022"]
    chosen = editions.choices(FACTS, edition, {"soil_retention": ("soil.kept",)})
    assert {one.service: one for one in chosen}["soil_retention"] == editions.Choice(
        "soil_retention", ("soil.kept",), True
    )
    with pytest.raises(GepError, match="does not admit"):
        editions.choices(FACTS, edition, {"oxygen_release": ("oxygen.nep",)})
    with pytest.raises(GepError, match="does not admit"):
        editions.choices(FACTS, edition, {"soil_retention": ("water.balance",)})


def test_services_without_formulas_are_no_choice():
    newest = FACTS.editions["gbt-46869-2025"]
    assert [one.service for one in editions.choices(FACTS, newest)] == ["farm_products"]
