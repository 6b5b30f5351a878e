"""Kinds of devices against the registers that packs declare and against the standard's tables."""

import pytest
from django.utils.translation import override

from ecocloud.intake.monitoring.hj212.tables import systems
from ecocloud.intake.monitoring.stations import kinds
from ecocloud.kernel.registers import pack


@pytest.fixture(scope="module")
def declared():
    """The types of all packs of the product by code."""
    return {code for name in pack.own_packs() for code in pack.read(pack.own_folder() / name).type_by_code}


def test_every_register_a_device_may_stand_at_is_declared_by_a_pack(declared):
    named = {one.code: set(one.registers) for one in kinds.kinds().values()}
    assert {code: registers - declared for code, registers in named.items() if registers - declared} == {}
    assert {"park", "energy_meter"} <= set().union(*named.values())


def test_system_codes_of_kinds_are_those_of_the_standard():
    named = {st for one in kinds.kinds().values() for st in one.systems}
    assert named <= {one.code for one in systems().values()}


@pytest.mark.parametrize(
    ("st", "kind"), [("22", "air"), ("32", "outlet_water"), ("31", "outlet_gas"), ("27", "park"), ("44", "energy"),
                     ("45", "energy"), ("36", "source"), ("99", "air")],
)  # fmt: skip
def test_a_system_means_the_kind_that_names_it_first(st, kind):
    """36 stands for no kind in the first place: the first kind that lists it; 99 for none: the first of all."""
    assert kinds.kind_of_system(st) == kind


def test_a_factor_has_the_unit_of_its_kind_before_that_of_the_standard():
    assert kinds.factor_facts("outlet_gas", "a21026") == ("二氧化硫", "mg/m³")
    assert kinds.factor_facts("air", "a21026") == ("二氧化硫", "μg/m³")
    assert kinds.factor_facts("energy", "nothing") == ("nothing", "")
    assert kinds.label_of("nothing") == "nothing"


def test_a_factor_is_named_in_the_language_of_the_page():
    """A name that somebody gave stays."""
    assert (kinds.name_shown("w01009", "溶解氧"), kinds.unit_shown("无量纲")) == ("溶解氧", "无量纲")
    with override("en"):
        assert kinds.name_shown("w01009", "溶解氧") == "Dissolved oxygen"
        assert kinds.name_shown("w01009", "出口溶解氧") == "出口溶解氧"
        assert (kinds.unit_shown("无量纲"), kinds.unit_shown("mg/L")) == ("", "mg/L")
