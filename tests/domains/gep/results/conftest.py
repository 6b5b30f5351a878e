"""A run of a county with two townships over two years."""

import pytest

LATER = {"area__11": 11, "area__41": "0.5"}


@pytest.fixture
def run(place, accounting, filled, fill):
    """2023 and 2024; in 2024 the upper township has more forest, the rain is less, tourism more."""
    from ecocloud.domains.gep.services import runs

    filled(2023)
    filled(2024)
    fill("GEP101", place.upper, LATER, 2024)
    fill("GEP102", place.county, {"rain": 1580, "evapotranspiration": 800}, 2024)
    fill("GEP108", place.county, {"tourism_revenue": "401.50"}, 2024)
    return runs.make_run(place.office, accounting)
