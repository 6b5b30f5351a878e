"""The same services on PostgreSQL: the tests of this folder that write, run in a process of their own."""

import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FILES = ("test_services.py", "test_importing.py", "test_exactness.py")


@pytest.mark.postgres
def test_the_writing_tests_pass_on_postgresql(need):
    url = os.environ.get("ECOCLOUD_TEST_POSTGRES")
    if not url:
        need("PostgreSQL", "set ECOCLOUD_TEST_POSTGRES")
    import psycopg

    name = f"registers_{uuid.uuid4().hex[:10]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        environment = os.environ | {"DATABASE_URL": f"{url.rsplit('/', 1)[0]}/{name}"}
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
        command += [str(Path(__file__).with_name(file)) for file in FILES]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=500)
        assert done.returncode == 0, done.stdout[-3000:]
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
            connection.execute(f"DROP DATABASE IF EXISTS test_{name} WITH (FORCE)")
