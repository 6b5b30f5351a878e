"""Tables of a database: made from the models at once when it is new, brought up to date by migrations afterwards.

Running every migration of the past over an empty database costs half a minute of the first start and ends with the
same tables (tests/web/test_tables.py compares them).
"""

from __future__ import annotations

from django.apps import apps
from django.core.management import call_command
from django.db import connections, router, transaction
from django.db.migrations.recorder import MigrationRecorder


def create_or_update(alias: str) -> None:
    """Bring the tables of the database ``alias`` up to date.

    New is a database in which no migration was ever recorded. What an interrupted start left is completed: the tables
    are made in one transaction, the migrations recorded in another, and tables that are there are not made again.
    """
    recorder = MigrationRecorder(connections[alias])
    if not recorder.applied_migrations():
        _create(alias)
        recorder.ensure_schema()
        with transaction.atomic(using=alias):
            call_command("migrate", database=alias, fake=True, verbosity=0, interactive=False)
    else:
        call_command("migrate", database=alias, verbosity=0, interactive=False)


def _create(alias: str) -> None:
    connection = connections[alias]
    there = set(connection.introspection.table_names())
    with connection.schema_editor() as editor:
        for app in apps.get_app_configs():
            for model in router.get_migratable_models(app, alias):
                if model._meta.can_migrate(connection) and model._meta.db_table not in there:
                    editor.create_model(model)
