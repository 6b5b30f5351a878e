"""Pages under load: signed-in people with think time on a ledger of a million items.

Each of ``--users`` people waits an exponential time (mean ``--think`` seconds), then opens a page or, one time in ten,
writes (reports progress on an item of his unit). Client and server share the machine. Beside it, in the same run and
over the same table, a plain Django list page (paginator, template) without sign-in, scope, lights or shell is asked at
the same rate; the ratio of the two is the price of everything this platform does for a page.

    python benchmarks/pages.py [--items 1000000] [--users 200] [--seconds 120] [--home FOLDER]

A write that is refused because the item has changed meanwhile is repeated once after reading the page again, as a
person would; it counts as one write with the time of all three requests. ``DATABASE_URL`` chooses PostgreSQL. Prints
p50, p95, p99, errors, the ratio, and the queries of every list page for three kinds of people; asserts nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode

ROOT = Path(__file__).resolve().parents[1]
READS = (
    ("desk", 20, "/desk/"),
    ("ledger", 30, "/duties/"),
    ("ledger red", 10, "/duties/?light=red"),
    ("ledger page", 10, "/duties/?page={page}"),
    ("ledger search", 5, "/duties/?q={word}"),
    ("item", 15, "/duties/items/{item}/"),
    ("indicators", 5, "/indicators/"),
    ("mine", 5, "/duties/mine/"),
)
PLAIN_PORT_OFFSET = 1


@dataclass
class Person:
    """One signed-in person: cookies, items he may see, items of his unit (key, version) on which he may report."""

    name: str
    cookie: str
    token: str
    seen: list[int]
    items: list[tuple[int, int]]
    versions: dict[int, int] = field(default_factory=dict)


@dataclass
class Record:
    """What was measured: seconds by page, errors in words."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def add(self, name: str, seconds: float) -> None:
        """One answer."""
        self.seconds.setdefault(name, []).append(seconds)

    def percentile(self, share: float, name: str = "") -> float:
        """The time within which ``share`` of the answers came."""
        values = sorted(self.seconds.get(name, []) if name else [v for vs in self.seconds.values() for v in vs])
        return values[min(len(values) - 1, int(len(values) * share))] if values else float("nan")


class Line:
    """One kept-alive HTTP connection."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> tuple[int, bytes]:
        """Status and body of one request; opens the connection again when the server closed it."""
        for attempt in (1, 2):
            try:
                if self.writer is None or self.writer.is_closing():
                    self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
                return await self._once(method, path, headers, body)
            except (ConnectionError, asyncio.IncompleteReadError):
                self.writer = None
                if attempt == 2:
                    raise
        raise AssertionError

    async def _once(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await self.writer.drain()
        head = await self.reader.readuntil(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        if found := re.search(rb"content-length: (\d+)", head, re.I):
            answer = await self.reader.readexactly(int(found[1]))
        elif re.search(rb"transfer-encoding: chunked", head, re.I):
            answer = await self._chunks()
        else:
            answer = await self.reader.read()
            self.writer.close()
        if re.search(rb"connection: close", head, re.I):
            self.writer.close()
        return status, answer

    async def _chunks(self) -> bytes:
        parts = []
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            parts.append(await self.reader.readexactly(size + 2))
        await self.reader.readexactly(2)
        return b"".join(parts)


async def live(person: Person, port: int, args, share: float, record: Record, stop: float, warm: float) -> None:
    """One person's hour, shortened; ``share`` of what he does is writing, if he may."""
    line = Line(port)
    names, weights, paths = zip(*READS, strict=True)
    await asyncio.sleep(random.uniform(0, args.think))
    while time.monotonic() < stop:
        await asyncio.sleep(random.expovariate(1 / args.think))
        write = person.items and random.random() < share
        if write:
            name, call = "write", _write(line, person)
        else:
            at = random.choices(range(len(names)), weights)[0]
            path = paths[at].format(page=random.randint(2, 40), word=quote(_word()), item=random.choice(person.seen))
            name, call = names[at], line.ask("GET", path, {"Cookie": person.cookie})
        started = time.monotonic()
        try:
            status, body = await call
        except (OSError, asyncio.IncompleteReadError) as error:
            record.errors.append(f"{name}: {error!r}")
            continue
        if started > warm:
            record.add(name, time.monotonic() - started)
            if status >= 400:
                record.errors.append(f"{name}: {status} {body[:200]!r}")


def _word() -> str:
    """What people look for: a common word, a rare phrase, a code, something that is not there."""
    number = random.randint(0, 1999)
    words = ("设施", f"第 {number} 项", f"建设处理设施 {number % 97 + 3} 座", f"督2026-{number:04d}", "测绘")
    return random.choice(words)


async def _write(line: Line, person: Person) -> tuple[int, bytes]:
    item, version = random.choice(person.items)
    version = person.versions.get(item, version)
    headers = {
        "Cookie": person.cookie,
        "X-CSRFToken": person.token,
        "Content-Type": "application/x-www-form-urlencoded",
        "HX-Request": "true",
        "Referer": "http://127.0.0.1/",
    }
    for attempt in (1, 2):
        fields = {"action": "progress", "version": version, "progress": random.randint(1, 99), "opinion": "按计划推进"}
        status, body = await line.ask("POST", f"/duties/items/{item}/act/", headers, urlencode(fields).encode())
        if status != 409 or attempt == 2:
            break
        _, page = await line.ask("GET", f"/duties/items/{item}/", {"Cookie": person.cookie})
        version = int(re.search(rb'name="version" value="(\d+)"', page)[1])
    if status < 400:
        person.versions[item] = version + 1
    return status, body


async def plain(port: int, rate: float, seconds: float, record: Record) -> None:
    """The plain page at ``rate`` requests a second."""
    stop = time.monotonic() + seconds

    async def one(line: Line) -> None:
        started = time.monotonic()
        status, _ = await line.ask("GET", f"/?page={random.randint(1, 40)}", {})
        record.add("plain", time.monotonic() - started)
        if status != 200:
            record.errors.append(f"plain: {status}")

    async def worker() -> None:
        line = Line(port)
        while time.monotonic() < stop:
            await asyncio.sleep(random.expovariate(rate / 40))
            await one(line)

    await asyncio.gather(*(worker() for _ in range(40)))


def people(count: int) -> list[Person]:
    """``count`` signed-in people over all departments (sessions made directly, as a sign-in would)."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.utils import timezone

    from ecocloud.kernel.duties import queries
    from ecocloud.kernel.duties.models import WorkItem
    from ecocloud.kernel.regions.models import Department, Role, RoleGrant, User

    store = import_module(settings.SESSION_ENGINE).SessionStore
    units = list(Department.objects.filter(valid_to__isnull=True).exclude(kind="group").order_by("id"))
    roles = {role.code: role for role in Role.objects.all()}
    office = User.objects.get(username="office")
    found = []
    for number in range(6 * count):
        if len(found) == count:
            break
        role = "office" if number % 20 == 0 else "leader" if number % 40 == 1 else "department"
        user, new = User.objects.get_or_create(
            username=f"bench{number}",
            defaults={
                "name": f"压测{number}",
                "department": office.department if role == "office" else units[number % len(units)],
                "must_change_password": False,
                "password_changed_at": timezone.now(),
            },
        )
        if new:
            RoleGrant.objects.create(user=user, role=roles[role], granter=office)
        user.refresh_from_db()
        session = store()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        token = "a" * 32
        items = []
        if role != "leader":
            own = WorkItem.objects.filter(lead_department=user.department, state="in_progress")
            items = list(own.order_by("pk").values_list("pk", "version")[number % 7 : 400 : 7])
        seen = [item.pk for item in queries.page(user, offset=number % 7 * 20, limit=100)]
        if seen and (items or role == "leader"):  # others have nothing to open or to report
            cookie = f"sessionid={session.session_key}; csrftoken={token}"
            found.append(Person(user.username, cookie, token, seen, items))
    return found


def queries_of_pages(names: tuple[str, ...]) -> dict[str, dict[str, int]]:
    """Database queries of every page for each of ``names``, in this process."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    from ecocloud.kernel.duties import queries
    from ecocloud.kernel.regions.models import User

    table: dict[str, dict[str, int]] = {}
    for name in names:
        user, client = User.objects.get(username=name), Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
        item = next(iter(queries.page(user, limit=1)), None)
        for page, _weight, path in (*READS, ("ledger per 100", 0, "/duties/?per=100")):
            asked: list[str] = []

            def count(execute, sql, params, many, context, asked=asked):
                asked.append(sql)
                return execute(sql, params, many, context)

            address = path.format(page=7, word=quote("设施"), item=item.pk if item else 1)
            client.get(address)
            with connection.execute_wrapper(count):
                client.get(address)
            table.setdefault(page, {})[name] = len(asked)
    return table


PLAIN = '''
import sys
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import HttpResponse
from django.template import engines
from django.urls import path

PAGE = """<!doctype html><title>list</title><table>{% for i in page %}<tr><td>{{ i.code }}</td><td>{{ i.title }}</td>
<td>{{ i.lead_department.name }}</td><td>{{ i.deadline }}</td><td>{{ i.progress }}</td></tr>{% endfor %}</table>
{{ page.number }} / {{ page.paginator.num_pages }}"""

def listing(request):
    from ecocloud.kernel.duties.models import WorkItem
    items = WorkItem.objects.select_related("lead_department").order_by("light_rank", "due", "id")
    page = Paginator(items, 20).get_page(request.GET.get("page"))
    return HttpResponse(engines["django"].from_string(PAGE).render({"page": page}))

urlpatterns = [path("", listing)]
'''


def serve(home: Path, port: int, environment: dict[str, str]) -> subprocess.Popen:
    """The platform by its own command."""
    log = (home / "bench.log").open("w")
    command = [sys.executable, "-m", "ecocloud.cli", "up", "--port", str(port)]
    return subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log)


def serve_plain(home: Path, port: int, environment: dict[str, str]) -> subprocess.Popen:
    """The plain page: the same models and database, no middleware, as many processes."""
    (home / "plain_urls.py").write_text(PLAIN, encoding="utf-8")
    (home / "plain_settings.py").write_text(
        "from ecocloud.web.settings import *\nMIDDLEWARE = []\nROOT_URLCONF = 'plain_urls'\n", encoding="utf-8"
    )
    environment = environment | {
        "DJANGO_SETTINGS_MODULE": "plain_settings",
        "PYTHONPATH": os.pathsep.join([str(home), str(ROOT)]),
    }
    command = [sys.executable, "-m", "gunicorn", "ecocloud.web.wsgi:application", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "6", "--threads", "1", "--worker-class", "gthread", "--log-level", "warning"]
    log = (home / "plain.log").open("w")
    return subprocess.Popen(command, env=environment, cwd=home, stdout=log, stderr=log)


async def measure(args, persons: list[Person]) -> tuple[Record, Record]:
    """Platform first, then the plain page at the rate the platform really served."""
    record, beside = Record(), Record()
    warm = time.monotonic() + args.warm
    stop = warm + args.seconds
    # Leaders only read; the others make up for them.
    share = args.writes * len(persons) / sum(bool(person.items) for person in persons)
    await asyncio.gather(*(live(person, args.port, args, share, record, stop, warm) for person in persons))
    done = sum(len(values) for values in record.seconds.values())
    await plain(args.port + PLAIN_PORT_OFFSET, done / args.seconds, min(30, args.seconds), beside)
    return record, beside


def wait_for(port: int) -> None:
    """Until something listens."""
    import socket

    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise SystemExit(f"nothing listens on {port}")


def report(args, record: Record, beside: Record) -> dict:
    """The figures, printed and returned."""
    done = sum(len(values) for values in record.seconds.values())
    print(f"{args.users} people, think {args.think} s, {args.writes:.0%} writes: {done / args.seconds:.1f} requests/s")
    for name in sorted(record.seconds):
        shares = "  ".join(f"p{share * 100:.0f} {record.percentile(share, name):.3f}" for share in (0.5, 0.95, 0.99))
        print(f"  {name:14s} n {len(record.seconds[name]):5d}  {shares}")
    figures = {
        "p50": record.percentile(0.5),
        "p95": record.percentile(0.95),
        "p99": record.percentile(0.99),
        "errors": len(record.errors),
        "plain_p95": beside.percentile(0.95),
        "requests": done,
    }
    print(f"  all            p50 {figures['p50']:.3f}  p95 {figures['p95']:.3f}  p99 {figures['p99']:.3f}")
    print(f"  plain page     p50 {beside.percentile(0.5):.3f}  p95 {figures['plain_p95']:.3f}")
    print(f"  ratio of p95 to the plain page {figures['p95'] / figures['plain_p95']:.2f}; errors {figures['errors']}")
    for error in record.errors[:5]:
        print("   ", error)
    return figures


def main() -> None:
    """Prepare, serve, measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--warm", type=float, default=20)
    parser.add_argument("--think", type=float, default=5.0)
    parser.add_argument("--writes", type=float, default=0.1)
    parser.add_argument("--port", type=int, default=8300)
    parser.add_argument("--home", type=Path, default=None)
    args = parser.parse_args()
    home = args.home or Path(tempfile.mkdtemp(prefix="ecocloud-bench-"))
    home.mkdir(parents=True, exist_ok=True)
    os.environ |= {"ECOCLOUD_HOME": str(home), "DJANGO_SETTINGS_MODULE": "ecocloud.web.settings"}
    environment = os.environ | {"PYTHONPATH": str(ROOT), "ECOCLOUD_IDLE_SECONDS": "36000"}
    sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]
    if not (home / "keys").exists():
        command = [sys.executable, "-m", "ecocloud.cli", "demo", "--no-serve"]
        subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    import django

    django.setup()
    import million

    from ecocloud.kernel.duties.models import WorkItem

    if WorkItem.objects.count() < args.items:
        million.fill(args.items)
        from ecocloud.base import search

        search.rebuild()
    persons = people(args.users)
    random.seed(7)
    servers = [serve(home, args.port, environment), serve_plain(home, args.port + PLAIN_PORT_OFFSET, environment)]
    try:
        for offset in (0, PLAIN_PORT_OFFSET):
            wait_for(args.port + offset)
        record, beside = asyncio.run(measure(args, persons))
    finally:
        for server in servers:
            server.terminate()
    figures = report(args, record, beside)
    for page, counts in queries_of_pages(("office", "bench1", "bench7", "bench30")).items():
        print(f"  queries {page:14s}", "  ".join(f"{name} {count}" for name, count in counts.items()))
    print(json.dumps(figures | {"engine": "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"}))


if __name__ == "__main__":
    main()
