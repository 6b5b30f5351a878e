"""The same on PostgreSQL: the tests of this folder that write or ask much of the database, run in a process of their
own (the engine of a process is one)."""

from pathlib import Path

import pytest

# Drawing, redrawing, ending, reach, workbook and GeoJSON; which grid a point belongs to on a day.
FILES = ("test_services.py", "test_resolver.py")


@pytest.mark.postgres
def test_the_tests_of_grids_pass_on_postgresql(pass_on_postgresql):
    pass_on_postgresql(Path(__file__).parent, FILES)
