"""The same register on PostgreSQL: the tests of this folder that write or ask much of the database, run in a process of
their own (the engine of a process is one)."""

from pathlib import Path

import pytest

# Writing and uniqueness, reach, lists with filters and orders, statistics, two days, imports also by jobs, closed
# years, slots and keys built later, writers at once.
FILES = (
    "test_services.py", "test_exactness.py", "test_reach.py", "test_pages.py::test_filters",
    "test_pages.py::test_list_shows_columns_and_reach", "test_pages.py::test_export_holds_what_the_person_sees",
    "test_pages.py::test_retired_objects_only_on_request_and_totals_follow",
    "test_pages.py::test_a_list_asks_indexes_for_keys_and_the_reach_for_texts",
    "test_pages.py::test_a_wide_filter_is_counted_up_to_a_limit", "test_statistics.py", "test_comparison.py",
    "test_importing.py", "test_large_imports.py", "test_years_page.py", "test_rebuilding.py", "test_together.py",
)  # fmt: skip


@pytest.mark.postgres
def test_the_writing_tests_pass_on_postgresql(pass_on_postgresql):
    pass_on_postgresql(Path(__file__).parent, FILES)
