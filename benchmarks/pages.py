"""Pages under load: signed-in people with think time on a ledger of a million items.

Each of ``--users`` people waits an exponential time (mean ``--think`` seconds), then opens a page or, one time in ten,
writes (reports progress on an item of his unit). Client and server share the machine. Beside it, in the same run and
over the same table, a plain Django list page (paginator, template) without sign-in, scope, lights or shell is asked at
the same rate; the ratio of the two is the price of everything this platform does for a page.

    python benchmarks/pages.py [--items 1000000] [--users 200] [--seconds 120] [--home FOLDER]

``DATABASE_URL`` chooses PostgreSQL. Prints p50, p95, p99, errors and the ratio; asserts nothing.
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
from urllib.parse import urlencode

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
    """One signed-in person: cookies and the items of his unit."""

    cookie: str
    token: str
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


async def live(person: Person, port: int, args, record: Record, stop: float, warm: float) -> None:
    """One person's hour, shortened."""
    line = Line(port)
    names, weights, paths = zip(*READS, strict=True)
    await asyncio.sleep(random.uniform(0, args.think))
    while time.monotonic() < stop:
        await asyncio.sleep(random.expovariate(1 / args.think))
        write = random.random() < args.writes and person.items
        if write:
            name, call = "write", _write(line, person)
        else:
            at = random.choices(range(len(names)), weights)[0]
            item = random.choice(person.items)[0] if person.items else 1
            path = paths[at].format(page=random.randint(2, 40), word="%E8%AE%BE%E6%96%BD", item=item)
            name, call = names[at], line.ask("GET", path, {"Cookie": person.cookie})
        started = time.monotonic()
        try:
            status, body = await call
        except (OSError, asyncio.IncompleteReadError) as error:
            record.errors.append(f"{name}: {error!r}")
            continue
        if started > warm:
            record.add(name, time.monotonic() - started)
            if status >= 400 and not (name == "write" and status == 409):
                record.errors.append(f"{name}: {status} {body[:200]!r}")


async def _write(line: Line, person: Person) -> tuple[int, bytes]:
    item, version = random.choice(person.items)
    version = person.versions.get(item, version)
    fields = {"action": "progress", "version": version, "progress": random.randint(1, 99), "opinion": "按计划推进"}
    headers = {
        "Cookie": person.cookie,
        "X-CSRFToken": person.token,
        "Content-Type": "application/x-www-form-urlencoded",
        "HX-Request": "true",
        "Referer": "http://127.0.0.1/",
    }
    status, body = await line.ask("POST", f"/duties/items/{item}/act/", headers, urlencode(fields).encode())
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

    from ecocloud.kernel.duties.models import WorkItem
    from ecocloud.kernel.regions.models import Department, Role, RoleGrant, User

    store = import_module(settings.SESSION_ENGINE).SessionStore
    units = list(Department.objects.filter(valid_to__isnull=True).exclude(kind="group").order_by("id"))
    roles = {role.code: role for role in Role.objects.all()}
    office = User.objects.get(username="office")
    found = []
    for number in range(count):
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
        own = WorkItem.objects.filter(lead_department=user.department, state="in_progress")
        items = list(own.order_by("pk").values_list("pk", "version")[number % 7 : 400 : 7])
        found.append(Person(f"sessionid={session.session_key}; csrftoken={token}", token, items))
    return found


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
    command = [sys.executable, "-m", "ecocloud.cli", "up", "--port", str(port), "--workers", "2"]
    return subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log)


def serve_plain(home: Path, port: int, environment: dict[str, str]) -> subprocess.Popen:
    """The plain page: the same models and database, no middleware, its own two processes."""
    (home / "plain_urls.py").write_text(PLAIN, encoding="utf-8")
    (home / "plain_settings.py").write_text(
        "from ecocloud.web.settings import *\nMIDDLEWARE = []\nROOT_URLCONF = 'plain_urls'\n", encoding="utf-8"
    )
    environment = environment | {
        "DJANGO_SETTINGS_MODULE": "plain_settings",
        "PYTHONPATH": os.pathsep.join([str(home), str(ROOT)]),
    }
    command = [sys.executable, "-m", "gunicorn", "ecocloud.web.wsgi:application", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "2", "--threads", "8", "--worker-class", "gthread", "--log-level", "warning"]
    log = (home / "plain.log").open("w")
    return subprocess.Popen(command, env=environment, cwd=home, stdout=log, stderr=log)


async def measure(args, persons: list[Person]) -> tuple[Record, Record]:
    """Platform first, then the plain page at the rate the platform really served."""
    record, beside = Record(), Record()
    warm = time.monotonic() + args.warm
    stop = warm + args.seconds
    await asyncio.gather(*(live(person, args.port, args, record, stop, warm) for person in persons))
    done = sum(len(values) for values in record.seconds.values())
    await plain(args.port + PLAIN_PORT_OFFSET, done / args.seconds, min(30, args.seconds), beside)
    return record, beside


def wait_for(port: int) -> None:
    """Until something listens."""
    import socket

    for _ in range(200):
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
        count = len(record.seconds[name])
        print(
            f"  {name:14s} n {count:5d}  p50 {record.percentile(0.5, name):.3f}  p95 {record.percentile(0.95, name):.3f}"
            f"  p99 {record.percentile(0.99, name):.3f}"
        )
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
    subprocess.run([sys.executable, "-m", "ecocloud.cli", "demo", "--no-serve"], env=environment, cwd=ROOT, check=True)
    import django

    django.setup()
    import million

    from ecocloud.kernel.duties.models import WorkItem

    if WorkItem.objects.count() < args.items:
        million.fill(args.items)
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
    print(json.dumps(report(args, record, beside)))


if __name__ == "__main__":
    main()
