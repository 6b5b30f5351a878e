"""A worker process of its own: ``child.py FILE|URL STEPS MODE`` on SQLite or PostgreSQL, MODE is setup, work or share.

The job writes STEPS rows, one transaction each, with the checkpoint in the same transaction; after every row it tells
its parent how far it is, so that the parent can kill it at any point.
"""

import sys
import time
from urllib.parse import urlsplit

import django
from django.conf import settings

path, steps, mode = sys.argv[1], int(sys.argv[2]), sys.argv[3]
if path.startswith("postgresql://"):
    parts = urlsplit(path)
    database = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": parts.username or "",
        "PASSWORD": parts.password or "",
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
    }
else:
    database = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            "timeout": 30,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;",
        },
    }
settings.configure(
    INSTALLED_APPS=["ecocloud.base.jobs"],
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={"default": database},
)
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from ecocloud.base.jobs import enqueue, job, run_worker  # noqa: E402
from ecocloud.base.jobs.models import Job  # noqa: E402


@job("child.count", max_attempts=1000)
def count(context):
    """Write the numbers 0 to STEPS-1, each exactly once."""
    for number in range((context.checkpoint or {"next": 0})["next"], steps):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("insert into effect values (%s, %s)", [number, context.attempt])
            print("in", number, flush=True)
            context.save({"next": number + 1})
        print("out", number, flush=True)
        time.sleep(0.003)
    return steps


if mode == "setup":
    call_command("migrate", "jobs", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("create table effect (number integer, attempt integer)")
    with transaction.atomic():
        enqueue("child.count", key="only")
else:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        run_worker(once=True, lease=0.3 if mode == "work" else 30)
        if not Job.objects.exclude(state="done").exists():
            break
        time.sleep(0.05)
