"""Moving from SQLite to PostgreSQL: every row, every key, the journal still consistent."""

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.postgres


@pytest.fixture
def empty_database(need):
    """A new PostgreSQL database of this test's own; its URL."""
    url = os.environ.get("ECOCLOUD_TEST_POSTGRES")
    if not url:
        need("PostgreSQL", "set ECOCLOUD_TEST_POSTGRES")
    import psycopg

    name = f"move_{uuid.uuid4().hex[:10]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield f"{url.rsplit('/', 1)[0]}/{name}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def run(home: Path, *words: str, database: str = "", check: bool = True) -> subprocess.CompletedProcess:
    """One ``ecocloud`` command in an installation of its own."""
    environment = os.environ | {"ECOCLOUD_HOME": str(home), "PYTHONPATH": str(ROOT)}
    environment.pop("DATABASE_URL", None)
    if database:
        environment["DATABASE_URL"] = database
    command = [sys.executable, "-m", "ecocloud.cli", *words]
    done = subprocess.run(command, env=environment, cwd=home, capture_output=True, text=True, timeout=400)
    assert not check or done.returncode == 0, done.stderr[-3000:]
    return done


COUNTS = """
import django, json; django.setup()
from django.apps import apps
left_out = ("sessions.Session", "contenttypes.ContentType", "auth.Permission")
found = {}
for m in apps.get_models():
    if m._meta.label not in left_out:
        last = m._base_manager.order_by("-pk").values_list("pk", flat=True).first()
        found[m._meta.label] = [m._base_manager.count(), str(last)]
print(json.dumps(found))
"""


def counts(home: Path, database: str = "") -> dict:
    """Rows and last key of every table."""
    environment = os.environ | {
        "ECOCLOUD_HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "ecocloud.web.settings",
        "DATABASE_URL": database,
    }
    done = subprocess.run([sys.executable, "-c", COUNTS], env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_a_sample_site_moves_whole_and_goes_on_working(tmp_path, empty_database, sample_site):
    sample_site(tmp_path)
    before = counts(tmp_path)
    run(tmp_path, "move-to-postgres", empty_database)
    assert counts(tmp_path, empty_database) == before
    verdict = json.loads(run(tmp_path, "verify-journal", "--json", database=empty_database).stdout)
    assert verdict["consistent"] and verdict["entries"] == before["journal.Entry"][0]
    # A new record gets a fresh key: the sequences were moved on.
    run(tmp_path, "user", "create", "moved", "迁移", "--role", "reader", database=empty_database)
    again = run(tmp_path, "move-to-postgres", empty_database, check=False)
    assert again.returncode == 1 and "已有账户" in again.stderr


def test_what_is_not_postgresql_is_refused(tmp_path):
    refused = run(tmp_path, "move-to-postgres", "mysql://localhost/x", check=False)
    assert refused.returncode == 1 and "不是 PostgreSQL" in refused.stderr
