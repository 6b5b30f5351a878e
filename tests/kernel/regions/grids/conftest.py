"""The small organisation of the room with a county, a township and two villages drawn as squares."""

from datetime import date

import pytest
from shapely.geometry import box

from ecocloud.kernel.regions.grids.services import Given, save_grids
from ecocloud.kernel.regions.services import CONSOLE
from tests.kernel.regions.conftest import inside, make_user, password, place, roles

__all__ = ["inside", "make_user", "password", "place", "roles"]
START = date(2026, 1, 1)
AREAS = {"C": box(115.0, 27.0, 115.4, 27.2), "T": box(115.0, 27.0, 115.2, 27.2), "V1": box(115.0, 27.0, 115.1, 27.2),
         "V2": box(115.1, 27.0, 115.2, 27.2)}  # fmt: skip


def given(place, code, level, parent="", area=None, **more):
    told = {"name": f"网格{code}", "region": place.e2.code, "department": place.town} | more
    return Given(code=code, level=level, parent=parent, shape=AREAS[code] if area is None else area, **told)


@pytest.fixture
def drawn(place):
    """Three levels since the first of January."""
    rows = [
        given(place, "C", 1, region=place.east.code, department=place.east_gov), given(place, "T", 2, "C"),
        given(place, "V1", 3, "T", post="网格长", holder="甲"), given(place, "V2", 3, "T", department=place.street),
    ]  # fmt: skip
    save_grids(CONSOLE, rows, on=START)
    return place
