"""The same on PostgreSQL: the tests of this folder that write or ask much of the database, run in a process of their
own (the engine of a process is one)."""

from pathlib import Path

import pytest

# Devices, upkeep and secrets; quarantine and reports; what a gateway asks; counts of the quality of data; commands with
# their claims and answers, also by gateways at once; the table of newest values; incidents, decisions about values,
# results made again and fed to indicators, and who sees them.
FILES = (
    "stations/test_devices.py", "stations/test_strangers.py", "stations/test_backstage_db.py",
    "stations/test_rates.py", "commanding/test_delivery.py", "commanding/test_services.py",
    "commanding/test_together.py", "lake/test_latest.py", "alarms/test_services.py", "alarms/test_running.py",
    "quality/test_services.py", "results/test_recalculating.py", "results/test_feeding.py", "test_reach_results.py",
)  # fmt: skip


@pytest.mark.postgres
def test_the_tests_of_the_database_pass_on_postgresql(pass_on_postgresql):
    pass_on_postgresql(Path(__file__).parent, FILES)
