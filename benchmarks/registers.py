"""Registers: N objects of one type; filtered list, statistics, a day in the past, an import, beside raw JSON queries.

``python benchmarks/registers.py [N [ROWS]]`` (default 5000 objects, 1000 imported rows) in an installation of its own;
DATABASE_URL chooses PostgreSQL. Each line: the median and the slowest of ten runs in milliseconds, and the ratio to the
alternative named beside it. The objects are those of the sample workbook of the river outfalls, over 200 townships.
"""

from __future__ import annotations

import io
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from typing import Any

RUNS, CHUNK = 10, 2000


def timed(run: Callable[[], Any], runs: int = RUNS) -> tuple[float, float]:
    """Median and slowest of some runs, in milliseconds."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        run()
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken), max(taken)


def place() -> tuple[Any, list[Any]]:
    """A city of 20 counties with 10 townships each, and a person of its office."""
    from django.utils import timezone

    from ecocloud.kernel.regions.models import Department, Region, Role, RoleGrant, User
    from ecocloud.kernel.regions.services import sync_roles

    sync_roles()
    Region.objects.create(code="990000", name="省", level="province")
    city = Region.objects.create(code="990100", name="市", level="city", parent_id="990000")
    towns = []
    for county in range(1, 21):
        code = f"9901{county:02d}"
        Region.objects.create(code=code, name=f"县{county}", level="county", parent=city)
        towns += [
            Region.objects.create(code=f"{code}{town}", name=f"县{county}镇{town}", level="township", parent_id=code)
            for town in range(101, 111)
        ]
    office = Department.objects.create(name="办公室", function="eco-office", region=city)
    user = User.objects.create_user(username="office", password=None, name="办", department=office,
                                    must_change_password=False, password_changed_at=timezone.now())  # fmt: skip
    RoleGrant.objects.create(user=user, role=Role.objects.get(code="office"))
    return user, towns


def fill(user: Any, made: Any, register: Any, towns: list[Any], count: int) -> None:
    """``count`` objects in chunks; every third is changed once more, so that there is a past to ask for."""
    from ecocloud.kernel.journal.services import change
    from ecocloud.kernel.registers import places, values
    from ecocloud.kernel.registers.models import RegisterObject
    from ecocloud.kernel.registers.services import writing

    sample = made.samples[0].rows
    for first in range(0, count, CHUNK):
        drafts = []
        for number in range(first, min(first + CHUNK, count)):
            row = sample[number % len(sample)]
            typed, _ = values.clean(register.definition, row.values)
            typed |= {"river": f"河{number}", "flow": values.Decimal(number % 5000)}
            fresh = RegisterObject(type_id=register.pk, code=f"B{number:07d}", name=row.name, state=row.state,
                                   region=towns[number % len(towns)], created_by=user)  # fmt: skip
            writing.set_place(fresh, places.read(row.geometry, register.definition.geometry))
            typed = values.completed(register.definition, typed, date(2024, 1, 1))
            drafts.append(writing.Draft(fresh, typed, "create"))
        with change(user.actor()) as tx:
            writing.write(tx, user, register, drafts, date(2024, 1, 1))
            tx.log("registers.object.import", "regtype:outfall", None, {"rows": len(drafts)})
        again = [writing.draft_of(register, draft.row, "edit") for draft in drafts[::3]]
        for draft in again:
            draft.values["flow"] += 1
        with change(user.actor()) as tx:
            writing.write(tx, user, register, again, date(2025, 6, 1))
            tx.log("registers.object.import", "regtype:outfall", None, {"rows": len(again)})


def workbook(register: Any, towns: list[Any], rows: int) -> bytes:
    """A workbook of new rows."""
    from ecocloud.base.sheets import export_workbook
    from ecocloud.kernel.registers import workbooks

    return export_workbook(workbooks.named(workbooks.spec(register)), (
        {"name": f"新口{number}", "river": f"新河{number}", "region": towns[number % len(towns)].pk, "kind": "village",
         "found_on": date(2025, 1, 1), "lon": 115, "lat": 27, "flow": number % 100}
        for number in range(rows)
    ))  # fmt: skip


def import_rows(user: Any, content: bytes, rows: int) -> tuple[float, float]:
    """Upload and preview, then commit; the seconds of each."""
    from ecocloud.base.sheets import services as sheets

    start = time.perf_counter()
    batch = sheets.stage(user, sheets.upload(user, "register-outfall", "b.xlsx", io.BytesIO(content)))
    between = time.perf_counter()
    done = sheets.commit(user, batch)
    assert done.result == {"created": rows, "changed": 0}
    return between - start, time.perf_counter() - between


def measure(user: Any, register: Any, towns: list[Any]) -> list[tuple[str, tuple, str, tuple]]:
    """(what, its times, the alternative, its times)."""
    from django.db.models import Count, Sum

    from ecocloud.kernel.regions.models import Region
    from ecocloud.kernel.registers import queries
    from ecocloud.kernel.registers.models import RegisterObject

    rows = queries.objects(user, register)
    county = Region.objects.get(pk="990101")
    plain = RegisterObject.objects.filter(type=register.pk)

    def listed(found: Any) -> list:
        return [found.count(), *found[:50]]

    wanted = {"kind": "village", "flow": {"from": 1000}}
    raw = plain.filter(body__kind="village", n1__gte=1000).order_by("code")
    by_json = plain.values("body__kind", "state").annotate(n=Count("pk"), total=Sum("n1")).order_by()
    return [
        ("filtered list by slots", timed(lambda: listed(queries.filtered(rows, register, wanted))),
         "kind from JSON", timed(lambda: listed(raw))),
        ("list of a county by state", timed(lambda: listed(queries.filtered(rows, register, {
            "region": "990101", "state": "rectifying"}))),
         "state of the whole body read in Python", timed(lambda: [
             row.pk for row in plain.all() if row.region_id.startswith("990101") and row.state == "rectifying"], 3)),
        ("statistics by county and year", timed(lambda: queries.statistics(user, register, ("county", "year"))),
         "grouped by a JSON value", timed(lambda: list(by_json.all()), 3)),
        ("a county on a past day", timed(lambda: listed(queries.as_of(user, register, date(2025, 1, 1), county))),
         "every version read in Python", timed(lambda: [
             row for row in queries.rows_on(register, date(2025, 1, 1)) if row.region_id.startswith("990101")], 3)),
    ]  # fmt: skip


def main(count: int, rows: int) -> None:
    """Make an installation, fill it, measure, print."""
    os.environ["ECOCLOUD_HOME"] = tempfile.mkdtemp(prefix="ecocloud-registers-")
    os.environ["DJANGO_SETTINGS_MODULE"] = "ecocloud.web.settings"
    import django

    django.setup()
    from django.core.management import call_command

    from ecocloud.kernel.regions.services import CONSOLE
    from ecocloud.kernel.registers import pack
    from ecocloud.kernel.registers.register import open_register
    from ecocloud.kernel.registers.services import packs

    call_command("migrate", verbosity=0)
    user, towns = place()
    made = pack.read(pack.folder_of("river-outfalls"))
    packs.load(CONSOLE, made)
    register = open_register("outfall")
    start = time.perf_counter()
    fill(user, made, register, towns, count)
    filled = time.perf_counter() - start
    print(f"{count} objects and {count + -(-count // 3)} versions written in {filled:.1f} s")
    for what, own, other, alternative in measure(user, register, towns):
        ratio = alternative[0] / own[0] if own[0] else 0
        print(f"{what}: {own[0]:.1f} ms (slowest {own[1]:.1f}); {other}: {alternative[0]:.1f} ms; ratio {ratio:.1f}")
    preview, commit = import_rows(user, workbook(register, towns, rows), rows)
    print(f"import of {rows} rows: preview {preview:.1f} s, commit {commit:.1f} s")
    print(json.dumps({"objects": count, "rows": rows, "database": os.environ.get("DATABASE_URL", "sqlite")[:10]}))


if __name__ == "__main__":
    main(*(int(word) for word in (sys.argv[1:] + ["5000", "1000"][len(sys.argv[1:]) :])[:2]))
