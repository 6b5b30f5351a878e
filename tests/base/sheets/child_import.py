"""A process that imports 600 rows on its own file database and pauses where it is told, to be killed there."""

import io
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import django
from django.conf import settings

HOME, ACTION, PAUSE = Path(sys.argv[1]), sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else ""
sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
settings.configure(
    SECRET_KEY="test", USE_TZ=True, MEDIA_ROOT=HOME / "files", DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "ecocloud.base.jobs", "ecocloud.base.files",
                    "ecocloud.base.sheets"],
    DATABASES={"default": {
        "ENGINE": "django.db.backends.sqlite3", "NAME": HOME / "test.sqlite3",
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL"},
    }},
)  # fmt: skip
django.setup()

from django.core.management import call_command  # noqa: E402

from ecocloud.base.sheets import Column, SheetSpec, export_workbook, long_imports, registry, services  # noqa: E402
from ecocloud.base.sheets.models import ImportBatch, SavedMapping  # noqa: E402

SPEC = SheetSpec(
    "x", "台账", (Column("code", "编号", required=True), Column("title", "名称", required=True)), ("code",)
)
USER = SimpleNamespace(pk=1, name="张三")


def pause(where: str) -> None:
    if where == PAUSE:
        print("paused", flush=True)
        time.sleep(60)


def existing(user):
    pause("reading")
    return {}


def apply(user, rows):
    SavedMapping.objects.bulk_create(
        [SavedMapping(target="business", owner="1", name=row.key[0], headers={}) for row in rows]
    )
    pause("apply")
    if len(calls := [*getattr(apply, "calls", []), 1]) > 1:
        pause("second")
    apply.calls = calls
    return {"created": len(rows)}


registry.register_target(registry.ImportTarget("x", "台账", "p", lambda user: SPEC, existing, apply, in_chunks=True))
registry.set_permission_checker(lambda user, code: True)
if ACTION == "upload":
    call_command("migrate", verbosity=0)
    rows = [{"code": f"T{n}", "title": "名称"} for n in range(600)]
    services.upload(USER, "x", "a.xlsx", io.BytesIO(export_workbook(SPEC, rows)))
else:
    batch = ImportBatch.objects.get()
    if ACTION in ("stage", "commit"):
        getattr(services, ACTION)(USER, batch)
        pause("done")
    if ACTION == "chunks":
        if batch.status == "previewed":
            ImportBatch.objects.update(status="committing")
        long_imports.write_on(USER, ImportBatch.objects.get())
print(ImportBatch.objects.get().status, SavedMapping.objects.filter(target="business").count())
