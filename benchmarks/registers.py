"""Registers: many types, most objects in one of them; lists, statistics, a past day, an import, people at work.

    python benchmarks/registers.py [--objects 5000] [--total 8000] [--types 5] [--rows 1000] [--users 0] [--home FOLDER]
    python benchmarks/registers.py --objects 500000 --total 1000000 --types 200 --rows 50000 --users 200    (the goal)

``--objects`` of the river outfalls, the rest up to ``--total`` spread over generated types with the same fields, in 200
townships of 20 counties; every third outfall was changed once, so that there is a past. The first 4,000 go through the
room's own writing and are copied inside the database; ``--check`` compares counts, slots and keys anew with the bodies.
Beside each figure stands an alternative over the same rows: mostly the same question asked of the JSON bodies.
``--users`` people over HTTP (``ecocloud up``), each with an exponential think time of mean ``--think`` seconds, open
filtered lists, pages, objects and statistics. ``--rows`` new rows are uploaded, previewed and committed by the jobs of
the platform, while another connection writes one row after the other: its longest wait is what the import costs others.
DATABASE_URL chooses PostgreSQL. An installation in ``--home`` is filled once and measured again. The search index is
left out: it is built by its own jobs. Prints figures, asserts nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import io
import json
import os
import random
import resource
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RUNS, CHUNK, COUNTIES, TOWNS, BASE = 10, 1000, 20, 10, 4000
BIG = "outfall"
FIRST, LATER = date(2024, 1, 1), date(2025, 6, 1)
# Weight and address of what people open; every list is filtered.
READS = (
    ("kind and flow", 20, "/registers/type/outfall/?f_kind=village&f_flow_from={flow}"),
    ("county and state", 20, "/registers/type/outfall/?region=9901{county:02d}&state=rectifying"),
    ("county and year", 10, "/registers/type/outfall/?region=9901{county:02d}&year={year}"),
    ("dates", 10, "/registers/type/outfall/?f_found_on_from={year}-03-01&f_found_on_to={year}-03-31"),
    ("river", 5, "/registers/type/outfall/?f_river={river}"),
    ("name or code", 5, "/registers/type/outfall/?q=B00{river}"),
    ("later page", 5, "/registers/type/outfall/?f_kind=village&page={page}"),
    ("ordered", 5, "/registers/type/outfall/?f_kind=rain&sort=flow"),
    ("other register", 15, "/registers/type/{other}/?f_kind=village"),
    ("one object", 5, "/registers/object/{object}/"),
)


def timed(run: Callable[[], Any], runs: int = RUNS) -> tuple[float, float]:
    """Median and slowest of some runs, in milliseconds."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        run()
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken), max(taken)


def place() -> None:
    """A city of 20 counties with 10 townships each, an office of the city and of each county with its people."""
    from django.utils import timezone

    from ecocloud.kernel.regions.models import Department, Region, Role, RoleGrant, User
    from ecocloud.kernel.regions.services import sync_roles

    sync_roles()
    Region.objects.create(code="990000", name="省", level="province")
    city = Region.objects.create(code="990100", name="市", level="city", parent_id="990000")
    offices = [("office", Department.objects.create(name="市办公室", function="eco-office", region=city))]
    for county in range(1, COUNTIES + 1):
        code = f"9901{county:02d}"
        row = Region.objects.create(code=code, name=f"县{county}", level="county", parent=city)
        for town in range(101, 101 + TOWNS):
            Region.objects.create(code=f"{code}{town}", name=f"县{county}镇{town}", level="township", parent_id=code)
        unit = Department.objects.create(name=f"县{county}局", function="ecology", region=row)
        offices.append(("department", unit))
    for number in range(10 * len(offices)):
        role, unit = offices[number % len(offices)]
        user = User.objects.create_user(username=f"p{number}", password=None, name=f"人{number}", department=unit,
                                        must_change_password=False, password_changed_at=timezone.now())  # fmt: skip
        RoleGrant.objects.create(user=user, role=Role.objects.get(code=role))


def define(types: int) -> None:
    """The pack of the river outfalls, and copies of its type under other codes."""
    from ecocloud.kernel.regions.services import CONSOLE
    from ecocloud.kernel.registers import pack, reading, services
    from ecocloud.kernel.registers.register import open_register
    from ecocloud.kernel.registers.services import packs

    packs.load(CONSOLE, pack.read(pack.folder_of("river-outfalls")))
    whole = open_register(BIG).definition.as_json()
    for number in range(types - 1):
        letters = "".join(chr(65 + number // 26**at % 26) for at in range(3))
        named = {"code": f"made_{number}", "zh": f"生成名录{number}", "en": f"Made {number}", "prefix": f"Z{letters}"}
        services.define(CONSOLE, reading.from_stored(whole | named))


def fill(code: str, count: int, changed: int = 0) -> None:
    """``count`` objects of a register in chunks; every ``changed``-th is changed once more."""
    from ecocloud.kernel.journal.services import change
    from ecocloud.kernel.regions.models import Department, Region, User
    from ecocloud.kernel.registers import pack, places, values
    from ecocloud.kernel.registers.register import open_register
    from ecocloud.kernel.registers.services import writing

    register, user = open_register(code), User.objects.get(username="p0")
    towns = list(Region.objects.filter(level="township").order_by("code"))
    units = {one.region_id: one for one in Department.objects.all()}
    samples = []
    for row in pack.read(pack.folder_of("river-outfalls")).samples[0].rows:
        typed = values.completed(register.definition, values.clean(register.definition, row.values)[0], FIRST)
        samples.append((row, typed, places.read(row.geometry, register.definition.geometry)))
    for first in range(0, count, CHUNK):
        drafts, new = [], writing.fresh_rows(register, user.pk)
        for number in range(first, min(first + CHUNK, count)):
            row, typed, where = samples[number % len(samples)]
            fresh, town = new(), towns[number * 7 % len(towns)]
            fresh.code, fresh.name, fresh.state, fresh.region = f"B{number:07d}", row.name, row.state, town
            fresh.department = units[town.pk[:6]]
            writing.set_place(fresh, where)
            own = {"river": f"河{number}", "flow": values.Decimal(number % 5000),
                   "found_on": date(2015 + number % 11, 1 + number // 11 % 12, 1 + number // 132 % 28)}  # fmt: skip
            drafts.append(writing.Draft(fresh, typed | own, "create"))
        with change(user.actor()) as tx:
            writing.write(tx, user, register, drafts, FIRST)
            tx.log("registers.object.import", f"regtype:{code}", None, {"rows": len(drafts)})
        again = [writing.draft_of(register, draft.row, "edit") for draft in drafts[::changed]] if changed else []
        for draft in again:
            draft.values["flow"] += 1
        with change(user.actor()) as tx:
            writing.write(tx, user, register, again, LATER)
            tx.log("registers.object.import", f"regtype:{code}", None, {"rows": len(again)})


def copy(big: int, total: int) -> None:
    """Copy the outfalls inside the database: to ``big`` of them, and into the other registers up to ``total``.

    A copy has an own code and river, so that its key is its own; the counts are summed anew from the objects.
    """
    from django.core.management.color import no_style
    from django.db import connection, transaction

    from ecocloud.kernel.registers.models import ObjectCount, ObjectKey, ObjectVersion, RegisterObject, RegisterType

    own = RegisterType.objects.get(code=BIG).pk
    others = list(RegisterType.objects.filter(code__startswith="made_").order_by("pk").values_list("pk", flat=True))
    base = RegisterObject.objects.filter(type=own).count()
    step = max(RegisterObject.objects.order_by("-pk")[0].pk, ObjectVersion.objects.order_by("-pk")[0].pk) + 1
    into = [(own, min(base, big - done)) for done in range(base, big, base)]
    rest = max(total - big, 0)
    for at, other in enumerate(others):
        share = rest // len(others) + (at < rest % len(others))
        into += [(other, min(base, share - done)) for done in range(0, share, base)]
    words = _words(connection)
    # A million entries put into an index one by one take many times as long as an index made of them.
    spared = [(model, one) for model in (RegisterObject, ObjectVersion) for one in model._meta.indexes]
    with connection.schema_editor() as editor:
        for model, one in spared:
            editor.remove_index(model, one)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE copies (i integer, type_id bigint, most integer)")
        cursor.executemany("INSERT INTO copies VALUES (%s, %s, %s)", [(at, *one) for at, one in enumerate(into, 1)])
        shift = f"t.id + n.i * {step}"
        objects = {"id": shift, "type_id": "n.type_id", "code": "t.code || '-' || n.i", "body": words["body"],
                   words["slot"]: f"t.{words['slot']} || '-' || n.i"}  # fmt: skip
        moved = {"id": shift, "type_id": "n.type_id", "object_id": f"t.object_id + n.i * {step}"}
        _clone(cursor, RegisterObject, objects, "t", own)
        _clone(cursor, ObjectVersion, moved | {"body": words["body"]}, "o", own)
        _clone(cursor, ObjectKey, moved | {"digest": words["digest"]}, "o", own)
        _count(cursor, ObjectCount, RegisterObject)
        for statement in connection.ops.sequence_reset_sql(no_style(), [RegisterObject, ObjectVersion, ObjectKey,
                                                                        ObjectCount]):  # fmt: skip
            cursor.execute(statement)
        cursor.execute("DROP TABLE copies")
    with connection.schema_editor() as editor:
        for model, one in spared:
            editor.add_index(model, one)


def _words(connection: Any) -> dict[str, str]:
    """The same in the words of each database: a body with another river, and the digest of a key."""
    from ecocloud.kernel.registers.register import open_register

    slot = open_register(BIG).slots["river"]
    key = f"""'{{"name": "' || o.name || '", "river": "' || o.{slot} || '-' || n.i || '"}}'"""
    if connection.vendor == "postgresql":
        body = "jsonb_set(t.body, '{river}', to_jsonb((t.body->>'river') || '-' || n.i))"
        return {"slot": slot, "body": body, "digest": f"encode(sha256(convert_to({key}, 'UTF8')), 'hex')"}
    digest = lambda text: hashlib.sha256(text.encode()).hexdigest()  # noqa: E731
    connection.connection.create_function("digest_of", 1, digest, deterministic=True)
    body = "json_set(t.body, '$.river', json_extract(t.body, '$.river') || '-' || n.i)"
    return {"slot": slot, "body": body, "digest": f"digest_of({key})"}


def _clone(cursor: Any, model: Any, changed: dict[str, str], numbered: str, own: int) -> None:
    """Copy the rows of the first register for every line of ``copies``; ``numbered``: whose code counts."""
    columns = [field.column for field in model._meta.local_concrete_fields]
    values = [changed.get(column, f"t.{column}") for column in columns]
    join = "" if numbered == "t" else "JOIN registers_registerobject o ON o.id = t.object_id"
    cursor.execute(
        f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM copies n "
        f"CROSS JOIN {model._meta.db_table} t {join} "
        f"WHERE t.type_id = {own} AND CAST(SUBSTR({numbered}.code, 2) AS integer) < n.most "
        f"AND {numbered}.code NOT LIKE %s", ["%-%"],
    )  # fmt: skip


def _count(cursor: Any, counts: Any, objects: Any) -> None:
    from ecocloud.kernel.registers import slots

    sums = ", ".join(f"COALESCE(SUM({name}), 0)" for name in slots.NUMBERS)
    cursor.execute(f"DELETE FROM {counts._meta.db_table}")
    cursor.execute(
        f"INSERT INTO {counts._meta.db_table} (type_id, region_id, department_id, department_key, year_key, state, "
        f"count, {', '.join(slots.NUMBERS)}) SELECT type_id, region_id, department_id, COALESCE(department_id, 0), "
        f"COALESCE(year, 0), state, COUNT(*), {sums} FROM {objects._meta.db_table} "
        "GROUP BY type_id, region_id, department_id, year, state"
    )


def prepare(args: argparse.Namespace) -> None:
    """Fill the installation unless it was filled before."""
    from django.db import connection, connections

    from ecocloud.base.jobs.models import Job
    from ecocloud.kernel.registers.models import ObjectVersion, RegisterObject, RegisterType
    from ecocloud.web.tables import create_or_update

    for name in connections:
        create_or_update(name)
    if not RegisterObject.objects.exists():
        start = time.perf_counter()
        place()
        define(args.types)
        fill(BIG, min(args.objects, BASE), 3)
        copy(args.objects, args.total)
        Job.objects.filter(name="search.update").delete()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
        print(f"filled in {time.perf_counter() - start:.0f} s")
    print(f"{RegisterType.objects.count()} types, {RegisterObject.objects.count()} objects, "
          f"{ObjectVersion.objects.count()} versions", flush=True)  # fmt: skip


def check() -> None:
    """Counts, slots and keys compared anew with the bodies."""
    from ecocloud.kernel.registers import queries
    from ecocloud.kernel.registers.models import ObjectKey, RegisterObject, RegisterType
    from ecocloud.kernel.registers.register import register_of
    from ecocloud.kernel.registers.services import counts

    slots = sum(len(queries.slot_differences(register_of(row))) for row in RegisterType.objects.all())
    named = RegisterType.objects.filter(code__startswith="made_") | RegisterType.objects.filter(code=BIG)
    keys = RegisterObject.objects.filter(type__in=named).exclude(state="retired").count() - ObjectKey.objects.count()
    print(f"compared anew: {len(counts.differences())} counts, {slots} slots, {keys} keys differ", flush=True)


def workbook(register: Any, rows: int) -> bytes:
    """A workbook of new rows."""
    from ecocloud.base.sheets import export_workbook
    from ecocloud.kernel.regions.models import Region
    from ecocloud.kernel.registers import workbooks

    towns, mark = list(Region.objects.filter(level="township").values_list("pk", flat=True)), time.time_ns() % 10**9
    return export_workbook(workbooks.named(workbooks.spec(register)), (
        {"name": f"新口{number}", "river": f"新河{mark}-{number}", "region": towns[number % len(towns)],
         "kind": "village", "found_on": date(2025, 1, 1), "lon": 115, "lat": 27, "flow": number % 100}
        for number in range(rows)
    ))  # fmt: skip


class Neighbour(threading.Thread):
    """Somebody else who writes one row after the other; remembers the longest wait in seconds."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.over, self.longest, self.count = threading.Event(), 0.0, 0

    def run(self) -> None:
        """Write every 20 ms until told to stop."""
        from django.db import connection, transaction
        from django.utils import timezone

        from ecocloud.kernel.journal.models import RefusalCount

        row, _ = RefusalCount.objects.get_or_create(day=timezone.localdate(), route="neighbour", reason="x")
        while not self.over.wait(0.02):
            start = time.perf_counter()
            with transaction.atomic():
                RefusalCount.objects.filter(pk=row.pk).update(count=self.count)
            self.longest, self.count = max(self.longest, time.perf_counter() - start), self.count + 1
        row.delete()
        connection.close()


def import_rows(content: bytes) -> dict[str, float]:
    """Upload, preview, commit as the pages and their jobs do it; seconds of each."""
    from ecocloud.base.jobs import run_worker
    from ecocloud.base.sheets import long_imports
    from ecocloud.base.sheets import services as sheets
    from ecocloud.kernel.regions.models import User

    user, taken, neighbour = User.objects.get(username="p0"), {}, Neighbour()
    neighbour.start()
    start = time.perf_counter()
    batch = sheets.upload(user, f"register-{BIG}", "b.xlsx", io.BytesIO(content))
    taken["upload"] = time.perf_counter() - start
    for name, begin, run in (("preview", long_imports.stage_later, sheets.stage),
                             ("commit", long_imports.commit_later, sheets.commit)):  # fmt: skip
        start = time.perf_counter()
        if long_imports.is_large(batch):
            begin(user, batch)
            run_worker(once=True, names=["sheets.stage", "sheets.commit"])
        else:
            run(user, batch)
        batch.refresh_from_db()
        taken[name] = time.perf_counter() - start
    neighbour.over.set()
    neighbour.join()
    taken |= {"rows": batch.result.get("created", 0), "wrong": batch.wrong, "longest wait": neighbour.longest}
    return taken


def read_plainly(content: bytes) -> float:
    """The alternative: the same file read by openpyxl, each row kept as JSON in one column."""
    import openpyxl
    from django.db import transaction

    from ecocloud.base.sheets.models import SavedMapping

    start = time.perf_counter()
    sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
    with transaction.atomic():
        SavedMapping.objects.bulk_create((
            SavedMapping(target="plain", owner="1", name=str(number), headers=json.loads(json.dumps(row, default=str)))
            for number, row in enumerate(sheet.iter_rows(values_only=True))), batch_size=500)  # fmt: skip
    taken = time.perf_counter() - start
    SavedMapping.objects.filter(target="plain").delete()
    return taken


def measure() -> list[tuple[str, tuple, str, tuple]]:
    """(what, its times, the alternative, its times)."""
    from django.db.models import Count, Sum

    from ecocloud.kernel.regions.models import Region, User
    from ecocloud.kernel.registers import queries
    from ecocloud.kernel.registers.models import RegisterObject
    from ecocloud.kernel.registers.register import open_register

    user, register = User.objects.get(username="p0"), open_register(BIG)
    rows, plain = queries.objects(user, register), RegisterObject.objects.filter(type=register.pk)
    county, day = Region.objects.get(pk="990101"), date(2025, 1, 1)

    def listed(found: Any) -> list:
        return [found.count(), *found[:50]]

    slot = register.slots["flow"]
    raw = plain.filter(body__kind="village", **{f"{slot}__gte": 1000}).order_by("code")
    by_json = plain.values("body__kind", "state").annotate(n=Count("pk"), total=Sum(slot)).order_by()
    within = queries.within(plain, county)
    then = queries.as_of(user, register, day, county)
    return [
        ("filtered list by slots",
         timed(lambda: listed(queries.filtered(rows, register, {"kind": "village", "flow": {"from": 1000}}))),
         "kind from JSON", timed(lambda: listed(raw), 3)),
        ("list of a county by state",
         timed(lambda: listed(queries.filtered(rows, register, {"region": "990101", "state": "rectifying"}))),
         "state of the whole body read in Python",
         timed(lambda: [row.pk for row in within.all() if row.body and row.state == "rectifying"], 3)),
        ("statistics by county and year", timed(lambda: queries.statistics(user, register, ("county", "year"))),
         "grouped by a JSON value", timed(lambda: list(by_json.all()), 3)),
        ("a county on a past day", timed(lambda: listed(then)),
         "every version of the county read in Python",
         timed(lambda: [row for row in queries.rows_on(register, day, county).iterator() if row.body], 3)),
        ("the whole register on a past day", timed(lambda: listed(queries.as_of(user, register, day)), 5),
         "counted over all versions with JSON", timed(
             lambda: queries.rows_on(register, day).filter(body__has_key="kind").count(), 3)),
        ("cards of all registers", timed(lambda: queries.state_counts(user), 5),
         "counted over all objects", timed(
             lambda: list(RegisterObject.objects.order_by().values_list("type", "state").annotate(n=Count("pk"))), 3)),
    ]  # fmt: skip


def cookies(count: int) -> list[str]:
    """Sessions of signed-in people, made directly as a sign-in would."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from ecocloud.kernel.regions.models import User

    store, found = import_module(settings.SESSION_ENGINE).SessionStore, []
    for user in User.objects.filter(username__startswith="p").order_by("pk")[:count]:
        session = store()
        session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), settings.AUTHENTICATION_BACKENDS[-1]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        found.append(f"sessionid={session.session_key}")
    return found


async def live(
    cookie: str, args: Any, record: Any, warm: float, stop: float, seen: tuple[list[int], list[str]]
) -> None:
    """One person's day, shortened."""
    import pages

    line = pages.Line(args.port)
    names, weights, paths = zip(*READS, strict=True)
    await asyncio.sleep(random.uniform(0, args.think))
    while time.monotonic() < stop:
        await asyncio.sleep(random.expovariate(1 / args.think))
        at = random.choices(range(len(names)), weights)[0]
        path = paths[at].format(flow=random.randint(0, 4999), county=random.randint(1, COUNTIES),
                                year=random.randint(2015, 2025), river=random.randint(1000, 9999),
                                page=random.randint(2, 40), other=random.choice(seen[1]),
                                object=random.choice(seen[0]))  # fmt: skip
        started = time.monotonic()
        try:
            status, body = await line.ask("GET", path, {"Cookie": cookie})
        except (OSError, asyncio.IncompleteReadError) as error:
            record.errors.append(f"{names[at]}: {error!r}")
            continue
        if started > warm:
            record.add(names[at], time.monotonic() - started)
            if status >= 400 and not (names[at] == "one object" and status == 404):  # of another county
                record.errors.append(f"{names[at]}: {status} {body[:200]!r}")


def people(args: argparse.Namespace, home: Path) -> dict[str, float]:
    """``--users`` people at work for ``--seconds``; percentiles by page."""
    import pages

    from ecocloud.base.jobs.models import Job
    from ecocloud.kernel.registers.models import RegisterObject, RegisterType

    objects = list(RegisterObject.objects.filter(type__code=BIG).values_list("pk", flat=True)[:5000:7])
    seen = objects, list(RegisterType.objects.filter(code__startswith="made_").values_list("code", flat=True)) or [BIG]
    Job.objects.filter(name="search.update").delete()
    signed, record = cookies(args.users), pages.Record()
    environment = os.environ | {"PYTHONPATH": str(ROOT), "ECOCLOUD_IDLE_SECONDS": "36000"}
    server = pages.serve(home, args.port, environment)
    random.seed(7)

    async def all_of_them() -> None:
        warm = time.monotonic() + args.warm
        await asyncio.gather(*(live(one, args, record, warm, warm + args.seconds, seen) for one in signed))

    try:
        pages.wait_for(args.port)
        asyncio.run(all_of_them())
    finally:
        server.terminate()
    print(f"{args.users} people, think {args.think} s: "
          f"{sum(map(len, record.seconds.values())) / args.seconds:.1f} requests/s")  # fmt: skip
    for name in sorted(record.seconds):
        shares = "  ".join(f"p{share * 100:.0f} {record.percentile(share, name):.3f}" for share in (0.5, 0.95, 0.99))
        print(f"  {name:18s} n {len(record.seconds[name]):5d}  {shares}")
    found = {f"p{share * 100:.0f}": record.percentile(share) for share in (0.5, 0.95, 0.99)}
    print("  all ", found, "errors", len(record.errors), *record.errors[:3], flush=True)
    return found


def main() -> None:
    """Make an installation, fill it, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("objects", 5000), ("total", 8000), ("types", 5), ("rows", 1000), ("users", 0),
                          ("port", 8310)):  # fmt: skip
        parser.add_argument(f"--{name}", type=int, default=default)
    for name, default in (("seconds", 60), ("warm", 15), ("think", 5.0)):
        parser.add_argument(f"--{name}", type=float, default=default)
    parser.add_argument("--home", type=Path, default=None)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--only", choices=("fill", "queries", "import", "people"), default=None)
    args = parser.parse_args()
    home = args.home or Path(tempfile.mkdtemp(prefix="ecocloud-registers-"))
    home.mkdir(parents=True, exist_ok=True)
    os.environ |= {"ECOCLOUD_HOME": str(home), "DJANGO_SETTINGS_MODULE": "ecocloud.web.settings"}
    sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]
    import django

    django.setup()
    prepare(args)
    if args.check:
        check()
    if args.only in (None, "queries"):
        for what, own, other, alternative in measure():
            ratio = alternative[0] / own[0] if own[0] else 0
            print(f"{what}: {own[0]:.1f} ms (slowest {own[1]:.1f}); {other}: {alternative[0]:.1f} ms; "
                  f"ratio {ratio:.1f}", flush=True)  # fmt: skip
    if args.users and args.only in (None, "people"):
        people(args, home)
    if args.rows and args.only in (None, "import"):
        from ecocloud.kernel.registers.register import open_register

        content = workbook(open_register(BIG), args.rows)
        taken = import_rows(content)
        total = sum(taken[name] for name in ("upload", "preview", "commit"))
        print(f"import of {args.rows} rows: {total:.1f} s;", {name: round(value, 3) for name, value in taken.items()},
              f"; read plainly into JSON {read_plainly(content):.1f} s")  # fmt: skip
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(vars(args) | {"memory_mb": most, "database": os.environ.get("DATABASE_URL", "sqlite")[:10]},
                     default=str))  # fmt: skip


if __name__ == "__main__":
    main()
