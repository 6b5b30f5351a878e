"""The same on PostgreSQL: the tests of this folder that write or ask much of the database, run in a process of their
own (the engine of a process is one)."""

import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
# Devices, upkeep and secrets; quarantine and reports; what a gateway asks; counts of the quality of data; commands with
# their claims and answers, also by gateways at once; the table of newest values.
FILES = (
    "stations/test_devices.py", "stations/test_strangers.py", "stations/test_backstage_db.py",
    "stations/test_rates.py", "commanding/test_delivery.py", "commanding/test_services.py",
    "commanding/test_together.py", "lake/test_latest.py",
)  # fmt: skip


@pytest.mark.postgres
def test_the_tests_of_the_database_pass_on_postgresql(need):
    url = os.environ.get("ECOCLOUD_TEST_POSTGRES")
    if not url:
        need("PostgreSQL", "set ECOCLOUD_TEST_POSTGRES")
    import psycopg

    name = f"monitoring_{uuid.uuid4().hex[:10]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        environment = os.environ | {"DATABASE_URL": f"{url.rsplit('/', 1)[0]}/{name}"}
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider"]
        command += [str(HERE / file) for file in FILES]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=500)
        assert done.returncode == 0, done.stdout[-3000:]
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
            connection.execute(f"DROP DATABASE IF EXISTS test_{name} WITH (FORCE)")
