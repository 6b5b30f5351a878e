"""The same on PostgreSQL: the tests of this folder that write or ask much of the database, run in a process of their
own (the engine of a process is one)."""

from pathlib import Path

import pytest

# Offices, terms, handovers, patrols sent twice, rules, coverage; workbooks; what the public reads.
FILES = ("test_services.py", "test_importing.py", "test_public.py")


@pytest.mark.postgres
def test_the_tests_of_chiefs_pass_on_postgresql(pass_on_postgresql):
    pass_on_postgresql(Path(__file__).parent, FILES)
