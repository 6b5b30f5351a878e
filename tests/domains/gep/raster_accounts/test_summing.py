"""The tables of a result: their sums, and that they are made in one pass."""

import pytest

pytest.importorskip("numba")

from ecocloud.domains.gep import facts
from ecocloud.domains.gep.raster.giving import Total
from ecocloud.domains.gep.raster_accounts import summing
from ecocloud.domains.gep.results.tables import Speech


class Counted(Total):
    """A total that counts how often it is asked which service or zone it is of."""

    asked = 0

    def __getattribute__(self, name):
        if name in ("service", "zone"):
            Counted.asked += 1
        return super().__getattribute__(name)


def made(zones):
    return [
        Counted(service, f"z{zone}", lucode, "cells", "面积", "Area", float(lucode), "公顷")
        for service in ("area", "water") for zone in range(zones) for lucode in (1, 2)
    ]  # fmt: skip


def test_amounts_by_zone_are_those_of_the_zone():
    table = summing.by_zone(summing.grouped(made(3)), "water", Speech())
    assert [row.cells for row in table.rows] == [("z0", 3), ("z1", 3), ("z2", 3)] and table.total.cells[1] == 9


def test_a_zone_that_a_service_does_not_know_has_nothing():
    """The areas know every zone, the service only the first."""
    some = [one for one in made(2) if (one.service, one.zone) != ("water", "z1")]
    table = summing.by_zone(summing.grouped(some), "water", Speech())
    assert [row.cells for row in table.rows] == [("z0", 3), ("z1", 0)]


@pytest.mark.parametrize("zones", [10, 200])
def test_each_total_is_looked_at_once_however_many_zones_there_are(zones):
    some = made(zones)
    Counted.asked = 0
    groups = summing.grouped(some)
    for service in groups:
        summing.by_zone(groups, service, Speech())
    summing.overview(groups, Speech())
    assert Counted.asked == 2 * len(some)


@pytest.mark.parametrize(("english", "word"), [(False, "沼泽滞水深度"), (True, "Depth held by marshes")])
def test_a_card_names_coefficients_in_words(english, word):
    told = {"coefficients": {"marsh_depth": "甲核算", "silt_share": "乙核算"}}  # the second is of another service
    made_of = summing.card("flood_marsh", {}, told, {}, (), facts.load(), Speech(english=english))
    assert made_of.coefficients == ((word, "甲核算"),)
