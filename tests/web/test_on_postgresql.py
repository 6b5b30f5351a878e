"""The same on PostgreSQL: the tests of each room that write or ask much of the database, all in one process of their
own (the engine of a process is one, and a database of all rooms takes seconds to make)."""

import os
import subprocess
import sys
import uuid
from pathlib import Path

import psycopg
import pytest

TESTS = Path(__file__).parents[1]
ROOMS = {
    # Writing and uniqueness, reach, lists with filters and orders, statistics, two days, imports also by jobs, closed
    # years, slots and keys built later, writers at once.
    "kernel/registers": (
        "test_services.py", "test_exactness.py", "test_reach.py", "test_pages.py::test_filters",
        "test_pages.py::test_list_shows_columns_and_reach", "test_pages.py::test_export_holds_what_the_person_sees",
        "test_pages.py::test_retired_objects_only_on_request_and_totals_follow",
        "test_pages.py::test_a_list_asks_indexes_for_keys_and_the_reach_for_texts",
        "test_pages.py::test_a_wide_filter_is_counted_up_to_a_limit", "test_statistics.py", "test_comparison.py",
        "test_importing.py", "test_large_imports.py", "test_years_page.py", "test_rebuilding.py", "test_together.py",
    ),
    # Drawing, redrawing, ending, reach, workbook and GeoJSON; which grid a point belongs to on a day.
    "kernel/regions/grids": ("test_services.py", "test_resolver.py"),
    # Devices, upkeep and secrets; quarantine and reports; what a gateway asks; counts of the quality of data; commands
    # with their claims and answers, also by gateways at once; the table of newest values; incidents, decisions about
    # values, results made again and fed to indicators, and who sees them.
    "intake/monitoring": (
        "stations/test_devices.py", "stations/test_strangers.py", "stations/test_backstage_db.py",
        "stations/test_rates.py", "commanding/test_delivery.py", "commanding/test_services.py",
        "commanding/test_together.py", "lake/test_latest.py", "alarms/test_services.py", "alarms/test_running.py",
        "quality/test_services.py", "results/test_recalculating.py", "results/test_feeding.py",
        "test_reach_results.py",
    ),
    # Forms and their steps, runs and confirmation, workbooks; two people at once (SQLite has one writer at a time).
    "domains/gep": ("test_reporting.py", "test_runs.py", "test_importing.py", "at_once.py"),
    # Layers, jobs and locks of raster accounts; their values in the forms.
    "domains/gep/raster_accounts": ("test_rasters.py", "test_raster_data.py"),
    # Offices, terms, handovers, patrols sent twice, rules, coverage; workbooks; what the public reads.
    "domains/chiefs": ("test_services.py", "test_importing.py", "test_public.py"),
    # Reports taken once, handed over, followed; comments numbered and moderated; files published; bad input.
    "portal": (
        "reports/test_reports.py", "reports/test_views.py", "consulting/test_consulting.py",
        "disclosure/test_disclosure.py", "test_hostile.py",
    ),
}  # fmt: skip


@pytest.fixture
def database(need):
    """The URL of a fresh database on the server of ECOCLOUD_TEST_POSTGRES; it is dropped with its test database."""
    url = os.environ.get("ECOCLOUD_TEST_POSTGRES")
    if not url:
        need("PostgreSQL", "set ECOCLOUD_TEST_POSTGRES")
    name = f"rooms_{uuid.uuid4().hex[:10]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield f"{url.rsplit('/', 1)[0]}/{name}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        connection.execute(f"DROP DATABASE IF EXISTS test_{name} WITH (FORCE)")


@pytest.mark.postgres
def test_the_tests_of_the_rooms_pass_on_postgresql(database):
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider"]
    command += [str(TESTS / room / file) for room, files in ROOMS.items() for file in files]
    done = subprocess.run(command, cwd=TESTS.parent, env=os.environ | {"DATABASE_URL": database}, capture_output=True,
                          text=True)  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
