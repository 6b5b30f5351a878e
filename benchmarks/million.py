"""A ledger of a million items: a few thousand made by the services, then copied inside the database.

``python benchmarks/million.py [N]`` fills the installation named by ECOCLOUD_HOME / DATABASE_URL. The copies are whole:
items, seats, cooperating units and exact counts; their codes are unique; the journal holds what the services wrote.
"""

from __future__ import annotations

import random
import sys
import time
from datetime import timedelta
from decimal import Decimal

BASE = 2000
SEED = 20261


def base_items(count: int) -> None:
    """``count`` items by the services, over all departments, in many states."""
    from django.utils import timezone

    from ecocloud.kernel.duties.services import items, trees
    from ecocloud.kernel.journal.services import change
    from ecocloud.kernel.regions.models import Department, User

    random.seed(SEED)
    trees.sync(grace=0)
    office = User.objects.get(username="office")
    units = list(Department.objects.filter(valid_to__isnull=True).exclude(kind="group").order_by("id"))
    today = timezone.localdate()
    states = ("issued", "signed", "in_progress", "in_progress", "in_progress", "reported")
    for start in range(0, count, 200):
        drafts = []
        for number in range(start, min(start + 200, count)):
            lead, help_one, help_two = random.sample(units, 3)
            drafts.append(
                items.Draft(
                    title=f"完成第 {number} 项生态环境治理任务，建设处理设施 {number % 97 + 3} 座",
                    lead=lead,
                    office=office.department,
                    units=(help_one, help_two),
                    region=office.department.region,
                    deadline=today + timedelta(days=random.randint(-40, 200)),
                    state=states[number % len(states)],
                    progress=Decimal(random.randint(0, 99)),
                )
            )
        with change(office.actor()) as tx:
            items.make_many(tx, office, drafts)
    _close_most(office)


def _close_most(office) -> None:
    """Two of three items belong to earlier years and are closed, as in a ledger that has lived for years."""
    from ecocloud.kernel.duties.lights import CLOSED, RANKS
    from ecocloud.kernel.duties.models import ItemSeat, TreeSeat, WorkItem
    from ecocloud.kernel.duties.services.counts import rebuild_counts

    old = {"state": "closed_out", "light": CLOSED, "light_rank": RANKS[CLOSED]}
    for age in (1, 2):
        keys = list(WorkItem.objects.order_by("pk").values_list("pk", flat=True)[age::3])
        year = WorkItem.objects.order_by("pk")[0].year - age
        WorkItem.objects.filter(pk__in=keys).update(year=year, **old)
        for model in (ItemSeat, TreeSeat):
            model.objects.filter(item__in=keys).update(year=year, **old)
    rebuild_counts(office.actor())


def copy(total: int) -> None:
    """Copy the items inside the database until there are ``total``; seats and units with them."""
    from django.core.management.color import no_style
    from django.db import connection, transaction

    from ecocloud.kernel.duties.models import ItemCount, ItemSeat, ItemUnit, TreeSeat, WorkItem

    items = WorkItem.objects.count()
    step = WorkItem.objects.order_by("-pk").values_list("pk", flat=True)[0] + 1
    times = -(-total // items) - 1
    with transaction.atomic(), connection.cursor() as cursor:
        _clone(cursor, WorkItem, {"id": "t.id + n.i * %(step)s", "code": "t.code || '-' || n.i"}, step, times)
        for model in (ItemSeat, TreeSeat, ItemUnit):
            last = model.objects.order_by("-pk").values_list("pk", flat=True)[0] + 1
            _clone(cursor, model, {"id": f"t.id + n.i * {last}", "item_id": "t.item_id + n.i * %(step)s"}, step, times)
        table = connection.ops.quote_name(ItemCount._meta.db_table)
        cursor.execute(f"UPDATE {table} SET count = count * {times + 1}")
        for statement in connection.ops.sequence_reset_sql(no_style(), [WorkItem, ItemSeat, TreeSeat, ItemUnit]):
            cursor.execute(statement)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _clone(cursor, model, changed: dict[str, str], step: int, times: int) -> None:
    columns = [field.column for field in model._meta.local_concrete_fields]
    values = [changed.get(column, f"t.{column}") % {"step": step} for column in columns]
    cursor.execute(
        f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) "
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {times}) "
        f"SELECT {', '.join(values)} FROM {model._meta.db_table} t CROSS JOIN n"
    )


def fill(total: int) -> None:
    """A ledger of about ``total`` items in the present installation."""
    from ecocloud.kernel.duties.models import WorkItem

    started = time.monotonic()
    missing = BASE - WorkItem.objects.count()
    if missing > 0:
        base_items(missing)
    print(f"base {WorkItem.objects.count()} items after {time.monotonic() - started:.0f} s", flush=True)
    copy(total)
    print(f"{WorkItem.objects.count()} items after {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecocloud.web.settings")
    django.setup()
    fill(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
