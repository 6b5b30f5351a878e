"""Tables of a database: made from the models at once when it is new, brought up to date by migrations afterwards.

Running every migration of the past over an empty database costs half a minute of the first start and ends with the
same tables (tests/web/test_tables.py compares them). A new database never meets what a migration writes into rows:
what an installation needs from the start is written by services.
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
    connection = connections[alias]
    recorder = MigrationRecorder(connection)
    if recorder.applied_migrations():
        call_command("migrate", database=alias, verbosity=0, interactive=False)
        return
    there = set(connection.introspection.table_names())
    own = [model for app in apps.get_app_configs() for model in router.get_migratable_models(app, alias)]
    lacking = [one for one in own if one._meta.can_migrate(connection) and one._meta.db_table not in there]
    if lacking:
        recorder.ensure_schema()
        with connection.schema_editor() as editor:
            for model in lacking:
                editor.create_model(model)
    with transaction.atomic(using=alias):
        call_command("migrate", database=alias, fake=True, verbosity=0, interactive=False)
