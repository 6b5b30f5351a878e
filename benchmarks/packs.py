"""Many packs: checking, loading and filling them, the start of the server and the memory of a web process.

    python benchmarks/packs.py [--packs 26 110] [--parts check,fill,serve] [--pages 10] [--home FOLDER]

The packs of the product are copied under other ids, types and indicators until there are ``--packs`` of them (fewer:
the first ones), into a tree that is the product but for its packs. ``check`` runs ``ecocloud packs check`` over all,
beside plain ``yaml.CSafeLoader`` reading the same files once: what no reader of these files could do without.
``fill`` loads the sample site's floors up to the registers and measures reading, loading and filling by pack, beside
one row after the other through the form's own service. ``serve`` starts the web server once with the packs of the
product and once with all: seconds to the first answer, and the memory that one web process has for itself and shares
after ``--pages`` pages. Copies of a pack are rightly refused as too alike: these mistakes are counted, and no others
are expected.
Prints figures, asserts nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKS = ROOT / "ecocloud" / "packs"
SETTINGS = {"DJANGO_SETTINGS_MODULE": "ecocloud.web.settings"}
ASKED = "sewage-works"  # the pack whose pages are opened: always among them
# What is opened before the memory is read; {n} goes over the registers.
PAGES = ("/", "/registers/", "/registers/packs/", "/registers/systems/", "/registers/packs/{pack}/",
         "/registers/type/{type}/", "/registers/type/{type}/statistics/", "/registers/type/{type}/new/",
         "/duties/", "/registers/object/1/")  # fmt: skip


def tree(folder: Path, count: int) -> Path:
    """The product with ``count`` packs: links to everything but the packs."""
    made = folder / "ecocloud"
    made.mkdir(parents=True)
    for path in (ROOT / "ecocloud").iterdir():
        if path.is_file():
            shutil.copy(path, made)
        elif path.name not in ("packs", "__pycache__"):
            (made / path.name).symlink_to(path)
    (made / "packs").mkdir()
    for path in PACKS.glob("*.csv"):
        shutil.copy(path, made / "packs")
    own = sorted((path.parent for path in PACKS.glob("*/pack.yaml")), key=lambda one: (one.name != ASKED, one.name))
    for number in range(count):
        pack, turn = own[number % len(own)], number // len(own)
        copy(pack, made / "packs", turn)
    return folder


def copy(pack: Path, folder: Path, turn: int) -> None:
    """A pack under another id, its types and its own indicators under other codes; turn 0: as it is."""
    name = pack.name if not turn else f"{pack.name}-c{turn}"
    shutil.copytree(pack, folder / name)
    if not turn:
        return
    types = [re.search(r"^code: (\w+)", path.read_text("utf-8"), re.M)[1] for path in pack.glob("types/*.yaml")]
    told = (folder / name / "pack.yaml").read_text("utf-8")
    codes = re.findall(r"code: ([A-Z]{3}(?:\.[A-Z0-9]+)+),\s+zh:", told)
    for path in (folder / name).rglob("*.yaml"):
        text = path.read_text("utf-8")
        for code in types:
            # neither a key of the schema (section: base) nor the words of an item of the programme
            found = rf"(item: [^,}}\n]*|section: (?=[a-z]))|(?<![\w-]){code}(?![\w-])"
            text = re.sub(found, lambda match, new=f"{code}_c{turn}": match[1] or new, text)
        text = re.sub(r"(code: [A-Z]{3}[A-Z0-9.]+,\s+zh: [^,}]+)", rf"\1（{turn}）", text)
        text = re.sub(r"aliases: \[[^\]]*\],?\s*", "", text)
        for code in codes:
            text = re.sub(rf"(?<![A-Z0-9.]){re.escape(code)}(?![A-Z0-9.])", f"{code[:-1]}X{turn}", text)
        if path.name == "pack.yaml":
            text = re.sub(rf"^id: {pack.name}$", f"id: {name}", text, flags=re.M)
        path.write_text(text, "utf-8")


def run(tree_: Path, arguments: list[str], home: Path, **more: str) -> tuple[float, float, str]:
    """A command of the product in the tree: seconds of the clock, of the processor, what it printed."""
    environment = os.environ | SETTINGS | {"PYTHONPATH": str(tree_), "ECOCLOUD_HOME": str(home)} | more
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([sys.executable, *arguments], env=environment, cwd=tree_, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if done.returncode and "check" not in arguments:  # a check that finds something ends with 1
        raise SystemExit(done.stderr[-2000:])
    return time.perf_counter() - start, cpu, done.stdout


def check(tree_: Path, home: Path) -> dict:
    """``packs check`` over all packs, beside the bare reading of their files."""
    import yaml

    wall, cpu, said = run(tree_, ["-m", "ecocloud.cli", "packs", "check", "--json"], home)
    _, start_cpu, _ = run(tree_, ["-c", "import django; django.setup()"], home)
    faults = [one for several in json.loads(said)["faults"].values() for one in several]
    texts = [path.read_text("utf-8") for path in (tree_ / "ecocloud" / "packs").rglob("*.yaml")]
    start = time.process_time()
    for text in texts:
        yaml.load(text, yaml.CSafeLoader)
    plain = time.process_time() - start
    return {"check_s": wall, "check_cpu_s": cpu, "start_cpu_s": start_cpu, "files": len(texts), "plain_yaml_s": plain,
            "ratio_to_plain": (cpu - start_cpu) / plain,
            "alike": sum(one["code"] == "registers.alike" for one in faults),
            "other_faults": sum(one["code"] != "registers.alike" for one in faults)}  # fmt: skip


FILL = """
import json, sys, time
import django
django.setup()
from django.utils import timezone
from ecocloud.base.rooms import all_rooms, load
from ecocloud.kernel.registers import pack, sample, services
from ecocloud.kernel.registers.models import RegisterObject
from ecocloud.kernel.registers.register import open_register
from ecocloud.web import installation
from ecocloud.web.models import Site
context = installation.SampleContext(today=timezone.localdate())
installation.migrate()
Site.objects.create(name="bench", is_sample=True)
for room in all_rooms():
    if room.sample and room.name != "registers":
        load(room.sample)(context)
    elif room.sample:
        break
def timed(call):
    start, cpu = time.perf_counter(), time.process_time()
    made = call()
    return made, time.perf_counter() - start, time.process_time() - cpu
_, read, read_cpu = timed(lambda: [pack.read(pack.folder_of(one)) for one in pack.own_packs()])
_, fill, fill_cpu = timed(lambda: sample.load(context))
objects = RegisterObject.objects.count()
office, register = context.shared["people"]["office"], open_register("sewage_work")
old = register.values(RegisterObject.objects.filter(type=register.pk).order_by("code").first())
given = {key: value for key, value in old.items() if key in register.definition.entered}
one = RegisterObject.objects.filter(type=register.pk).select_related("region", "department").first()
def again(n):
    services.create(office, register, name=f"bench {n}", region=one.region, department=one.department, given=given,
                    geometry={"type": "Point", "coordinates": [115.2, 27.3]})
_, singly, singly_cpu = timed(lambda: [again(n) for n in range(20)])
Site.objects.filter(pk=1).update(region=context.shared["region"])
print(json.dumps({"read_s": read, "read_cpu_s": read_cpu, "fill_s": fill, "fill_cpu_s": fill_cpu, "objects": objects,
                  "fill_ms_an_object": fill_cpu * 1000 / objects, "one_by_one_ms_an_object": singly_cpu * 50}))
"""


def fill(tree_: Path, home: Path) -> dict:
    """The packs read and loaded with their rows into a new sample site, in ``home``."""
    _, _, said = run(tree_, ["-c", FILL], home)
    return json.loads(said.strip().splitlines()[-1])


SESSION = """
import django
django.setup()
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone
from ecocloud.kernel.regions.models import User
user = User.objects.get(username="office")
User.objects.filter(pk=user.pk).update(must_change_password=False, password_changed_at=timezone.now())
session = import_module(settings.SESSION_ENGINE).SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
print(session.session_key)
"""


def serve(tree_: Path, home: Path, port: int, pages: int) -> dict:
    """One web process: seconds to its first answer, memory after some pages, seconds of the pages."""
    run(tree_, ["-m", "ecocloud.cli", "setup"], home)  # a site kept from before gets the tables of today
    _, _, key = run(tree_, ["-c", SESSION], home)
    environment = os.environ | SETTINGS | {"PYTHONPATH": str(tree_), "ECOCLOUD_HOME": str(home)}
    command = [sys.executable, "-m", "gunicorn", "ecocloud.web.wsgi:application", "--config",
               "python:ecocloud.web.serving", "--bind", f"127.0.0.1:{port}", "--workers", "1"]  # fmt: skip
    start = time.perf_counter()
    server = subprocess.Popen(command, env=environment, cwd=tree_, stdout=subprocess.DEVNULL)
    try:
        while not _get(port, "/health/", key):
            time.sleep(0.02)
        first = time.perf_counter() - start
        cpu = _ticks(server.pid)
        child = int(Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()[0])
        taken = {}
        for address in PAGES[:pages]:
            at = time.perf_counter()
            page = address.format(pack=ASKED, type="sewage_work")
            status = _get(port, page, key)
            taken[page] = f"{status} {(time.perf_counter() - at) * 1000:.0f} ms"
        memory = dict(re.findall(r"^(Rss|Pss|Private_Dirty): +(\d+)", _rollup(child), re.M))
        return {"first_answer_s": first, "first_answer_cpu_s": cpu, "rss_mb": int(memory["Rss"]) / 1024,
                "own_mb": int(memory["Private_Dirty"]) / 1024, "pages": taken}  # fmt: skip
    finally:
        server.terminate()
        server.wait(timeout=30)


def _rollup(pid: int) -> str:
    return Path(f"/proc/{pid}/smaps_rollup").read_text()


def _ticks(pid: int) -> float:
    """Seconds of the processor a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _get(port: int, address: str, key: str) -> int:
    call = urllib.request.Request(f"http://127.0.0.1:{port}{address}", headers={"Cookie": f"sessionid={key.strip()}"})
    try:
        with urllib.request.urlopen(call, timeout=60) as answer:
            answer.read()
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def told(name: str, figures: dict) -> None:
    """Figures in lines."""
    print(f"\n{name}")
    for key, value in figures.items():
        if isinstance(value, dict):
            for word, text in value.items():
                print(f"    {word:44} {text}")
        else:
            print(f"  {key:28} {value:.3f}" if isinstance(value, float) else f"  {key:28} {value}")


def main() -> None:
    """Measure what is asked for with the packs of the product and with many."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packs", type=int, nargs="*", help="how many (default: those of the product, and 110)")
    parser.add_argument("--parts", default="check,fill,serve")
    parser.add_argument("--pages", type=int, default=len(PAGES))
    parser.add_argument("--port", type=int, default=8071)
    parser.add_argument("--home", type=Path, help="where trees and sites stay, to be measured again")
    args = parser.parse_args()
    parts = args.parts.split(",")
    folder = args.home or Path(tempfile.mkdtemp(prefix="packs-"))
    counts = args.packs or [len(list(PACKS.glob("*/pack.yaml"))), 110]
    for count in counts:
        place = folder / str(count)
        tree_, home = place / "tree", place / "site"
        if not tree_.exists():
            tree(tree_, count)
        if "check" in parts:
            told(f"check of {count} packs", check(tree_, place))
        if "fill" in parts or ("serve" in parts and not home.exists()):
            shutil.rmtree(home, ignore_errors=True)
            told(f"fill of {count} packs", fill(tree_, home))
        if "serve" in parts:
            told(f"server with {count} packs", serve(tree_, home, args.port, args.pages))
    if args.home is None:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
