"""Tables made from the models at once are those that all migrations end with."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOLD = """
import json, sys
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from ecocloud.web.tables import create_or_update
from ecocloud.web import tables

class Killed(Exception):
    pass


def exit_instead(*_words, **_more):
    raise Killed


way = sys.argv[1]
found = {}
for alias in settings.DATABASES:
    if way == "migrations":
        call_command("migrate", database=alias, verbosity=0, interactive=False)
    elif way == "killed":
        kept, tables.call_command = tables.call_command, exit_instead
        try:
            create_or_update(alias)
        except Killed:
            tables.call_command = kept
    if way != "migrations":
        create_or_update(alias)
        create_or_update(alias)  # a second start finds nothing to do
    connection = connections[alias]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            columns = {
                one.name: [one.type_code, one.internal_size, one.null_ok, one.default, one.collation]
                for one in connection.introspection.get_table_description(cursor, table)
            }
            constraints = connection.introspection.get_constraints(cursor, table)
            told = sorted(
                json.dumps([one[key] for key in ("columns", "primary_key", "unique", "foreign_key", "check", "index",
                                                 "orders", "definition") if key in one], default=str)
                for one in constraints.values()
            )
            found[f"{alias}.{table}"] = {"columns": columns, "constraints": told}
        cursor.execute("select app, name from django_migrations order by app, name")
        found[f"{alias} migrations"] = [list(row) for row in cursor.fetchall()]
        if alias == "default":
            cursor.execute("select app_label, model from django_content_type order by app_label, model")
            found["types"] = [list(row) for row in cursor.fetchall()]
print(json.dumps(found, default=str))
"""


def made(tmp_path, way, url=""):
    """What a new database holds when its tables are made this way."""
    environment = os.environ | {"ECOCLOUD_HOME": str(tmp_path / way), "DATABASE_URL": url,
                                "DJANGO_SETTINGS_MODULE": "ecocloud.web.settings"}  # fmt: skip
    (tmp_path / way).mkdir()
    done = subprocess.run([sys.executable, "-c", TOLD, way], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def by_migrations(tmp_path_factory):
    """The tables all migrations end with (half a minute, once)."""
    return made(tmp_path_factory.mktemp("tables"), "migrations")


def test_no_migration_writes_what_a_new_database_would_lack():
    """Rows that a migration writes are those of old databases alone (``elidable``)."""
    from django.db.migrations import RunPython, RunSQL

    own = list(ROOT.glob("ecocloud/**/migrations/0*.py"))
    assert len(own) > 40
    for path in own:
        module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for step in module.Migration.operations:
            assert not isinstance(step, (RunPython, RunSQL)) or step.elidable, path


@pytest.mark.parametrize("way", ["new", "killed"])
def test_tables_of_a_new_database_are_those_of_all_migrations(by_migrations, tmp_path, way):
    """``killed``: a first start that ended after the tables, before the migrations were recorded."""
    found = made(tmp_path, way)
    assert found.keys() == by_migrations.keys()
    assert len(found) > 100
    for table, expected in by_migrations.items():
        assert found[table] == expected, table
