"""Inserting and changing thousands of rows of one table.

Django's ``bulk_create`` prepares every value of every row through several layers and binds at most 999 values in a
statement on SQLite; for wide tables that costs five times as much as the database itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.db import connections, models, router

COPIED_FROM = 20  # rows; below, a statement for each costs less than opening a copy
UPDATED_AT_ONCE = 500  # rows
_PLAIN = frozenset({str, int, float, bool, bytes, type(None), date, datetime, Decimal, dict, list})
# Fields whose Python value of one of the plain types goes to the database as it is.
_AS_IS = (models.CharField, models.TextField, models.IntegerField, models.FloatField)


def insert(rows: Sequence[models.Model]) -> None:
    """Insert unsaved ``rows`` of one model in the caller's transaction; the objects learn no primary keys.

    What ``bulk_create`` would write, field by field (``auto_now`` too); no database defaults, expressions, parents.
    """
    if not rows:
        return
    model = type(rows[0])
    connection = connections[router.db_for_write(model)]
    fields = [one for one in model._meta.local_concrete_fields if not (one.primary_key and rows[0].pk is None)]
    names = ", ".join(connection.ops.quote_name(one.column) for one in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(rows) >= COPIED_FROM:
            # Django wraps the errors of ``execute`` only.
            with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for values in _values(rows, fields, connection):
                    copy.write_row(values)
        else:
            places = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", _values(rows, fields, connection))


def update(rows: Sequence[models.Model], names: Sequence[str]) -> None:
    """Write the fields ``names`` of existing ``rows`` of one model: one statement repeated, or for hundreds of rows.

    What ``bulk_update`` would write, whose conditions grow with rows times fields.
    """
    if not rows:
        return
    model = type(rows[0])
    connection = connections[router.db_for_write(model)]
    fields, key = [model._meta.get_field(name) for name in names], model._meta.pk
    quote, written = connection.ops.quote_name, [*fields, key]
    table, columns = quote(model._meta.db_table), [quote(one.column) for one in written]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # reads and plans every statement anew
            sets = ", ".join(f"{one} = given.{one}" for one in columns[:-1])
            places = ", ".join(f"%s::{one.rel_db_type(connection)}" for one in written)
            head = f"UPDATE {table} SET {sets} FROM (VALUES "
            tail = f") AS given ({', '.join(columns)}) WHERE {table}.{columns[-1]} = given.{columns[-1]}"
            for first in range(0, len(rows), UPDATED_AT_ONCE):
                part = list(_values(rows[first : first + UPDATED_AT_ONCE], written, connection, add=False))
                statement = head + ", ".join([f"({places})"] * len(part)) + tail
                cursor.execute(statement, [value for values in part for value in values])
        else:
            sets = ", ".join(f"{one} = %s" for one in columns[:-1])
            statement = f"UPDATE {table} SET {sets} WHERE {columns[-1]} = %s"
            cursor.executemany(statement, _values(rows, written, connection, add=False))


def _values(
    rows: Sequence[models.Model], fields: list[models.Field], connection: Any, *, add: bool = True
) -> Iterator[list[Any]]:
    read = attrgetter(*(one.attname for one in fields))
    fresh = [(at, one) for at, one in enumerate(fields) if type(one).pre_save is not models.Field.pre_save]
    prepared = [(at, _preparing(one, connection)) for at, one in enumerate(fields) if not _goes_as_is(one)]
    for row in rows:
        values = list(read(row))
        if _PLAIN.issuperset(map(type, values)):
            for at, field in fresh:
                values[at] = field.pre_save(row, add)
            for at, prepare in prepared:
                if values[at] is not None:
                    values[at] = prepare(values[at])
        else:
            values = [one.get_db_prep_save(one.pre_save(row, add), connection) for one in fields]
        yield values


def _goes_as_is(field: models.Field) -> bool:
    """Whether the field's own preparation of a plain value would return it unchanged."""
    if isinstance(field, models.ForeignKey):
        field = field.target_field
    return isinstance(field, _AS_IS) and type(field).__module__.startswith("django.db.")


def _preparing(field: models.Field, connection: Any) -> Callable[[Any], Any]:
    return lambda value: field.get_db_prep_save(value, connection)
