"""The same on PostgreSQL: the tests of this folder that write or ask much of the database, run in a process of their
own (the engine of a process is one)."""

from pathlib import Path

import pytest

# Forms and their steps, runs and confirmation, workbooks; two people at once (SQLite has one writer at a time).
FILES = ("test_reporting.py", "test_runs.py", "test_importing.py", "at_once.py")


@pytest.mark.postgres
def test_the_tests_of_gep_pass_on_postgresql(pass_on_postgresql):
    pass_on_postgresql(Path(__file__).parent, FILES)
