"""The same on PostgreSQL: the tests of this folder that write or ask much of the database, run in a process of their
own (the engine of a process is one)."""

from pathlib import Path

import pytest

# Reports taken once, handed over, followed; comments numbered and moderated; files published; bad input.
FILES = (
    "reports/test_reports.py", "reports/test_views.py", "consulting/test_consulting.py",
    "disclosure/test_disclosure.py", "test_hostile.py",
)  # fmt: skip


@pytest.mark.postgres
def test_the_tests_of_the_portal_pass_on_postgresql(pass_on_postgresql):
    pass_on_postgresql(Path(__file__).parent, FILES)
