"""Run as a program by test_crowd.py: many real processes move the same items in one database.

``setup N`` makes a site with N issued items of all kinds in turn, ``move WRITERS SEED ASIDE`` lets that many processes
move them until all are closed out or merged, each with that many steps aside (handed over, declined, returned, merged,
suspended, reopened …), ``report WRITERS N`` lets them hand in the same N records at once, ``dispatch`` opens a round,
``check`` prints what is wrong. Commands are parted by ``+``; each prints one line of JSON.
"""

import json
import os
import random
import sys
import traceback
from collections import Counter
from datetime import timedelta
from pathlib import Path

import django

django.setup()

from django.db import connections  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.utils import timezone  # noqa: E402

from ecocloud.base.errors import Conflict, EcoError  # noqa: E402
from ecocloud.kernel.duties import past, services  # noqa: E402
from ecocloud.kernel.duties.models import ItemCase, ItemEvent, ItemSeat, Round, RoundReport, WorkItem  # noqa: E402
from ecocloud.kernel.duties.services import counts, outside, rounds  # noqa: E402
from ecocloud.kernel.journal.models import Entry  # noqa: E402
from ecocloud.kernel.journal.services import Busy  # noqa: E402
from ecocloud.kernel.journal.verification import verify  # noqa: E402
from ecocloud.kernel.regions.models import Department, User  # noqa: E402
from ecocloud.web.tables import create_or_update  # noqa: E402

# The way on from every state an item may be in, and who takes it: "lead" is somebody of the lead unit.
STEPS = {
    "registered": ("issue", ("clerk", "second")),
    "decomposed": ("issue", ("clerk", "second")),
    "issued": ("sign", "lead"),
    "declined": ("arbitrate", ("clerk", "second")),
    "signed": ("start", "lead"),
    "refused": ("reconsider", ("clerk", "second")),
    "in_progress": ("report", "lead"),
    "suspended": ("resume", "lead"),
    "reported": ("review", ("clerk", "second")),
    "under_review": ("accept", ("clerk", "second")),
    "published": ("end_notice", ("clerk", "second")),
    "completed": ("close_out", ("chief", "clerk")),
}
LEADS = {"water": ("hydro", "hydro2"), "forest": ("ranger",)}
# Steps that lead back or aside, as far as the kind has them.
ASIDE = (
    "transfer", "return", "withdraw", "decline", "suspend", "merge", "reopen", "reclassify", "refuse", "urge", "change",
)  # fmt: skip
ENDED = ("closed_out", "merged")


def setup(count: int) -> dict:
    """A fresh site with ``count`` issued items."""
    import importlib.util

    create_or_update("default")
    spec = importlib.util.spec_from_file_location("town", Path(__file__).with_name("conftest.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    town = module.people_and_units()
    from ecocloud.kernel.duties.kinds import all_kinds
    from ecocloud.kernel.duties.services import items
    from ecocloud.kernel.journal.services import change

    kinds = sorted(all_kinds())
    for first in range(0, count, 100):
        with change(town.clerk.actor()) as tx:
            made = [
                items.make(
                    tx,
                    town.clerk,
                    services.Draft(
                        title=f"事项{n}",
                        lead=town.at_water,
                        units=[town.at_forest],
                        kind=kinds[n % len(kinds)],
                    ),
                )  # fmt: skip
                for n in range(first, min(first + 100, count))
            ]
            for item in made:
                services.issue(town.clerk, item)
    held = Counter(WorkItem.objects.order_by().values_list("kind", flat=True))
    return {"items": WorkItem.objects.count(), "kinds": held}


def _aside(rng, item, units: dict) -> tuple[str, tuple[str, ...], dict] | None:
    """A step aside from the state of ``item`` with who takes it and what it needs; None where its kind has none."""
    rows = [row for row in item.table.rows(item.state) if row.action in ASIDE]
    if not rows:
        return None
    row = rng.choice(rows)
    who = LEADS[item.lead_department.code] if "lead" in row.by else ("clerk", "second")
    others = WorkItem.objects.filter(kind=item.kind).exclude(pk=item.pk).exclude(state__in=ENDED)
    data = {
        "transfer": lambda: {"lead": rng.choice([unit for unit in units.values() if unit != item.lead_department])},
        "suspend": lambda: {"until": timezone.localdate() + timedelta(days=9)},
        "merge": lambda: {"into": rng.choice(list(others.values_list("pk", flat=True)) or [item.pk])},
        "reclassify": lambda: {"category": rng.choice(["water", "air", "noise", "other"])},
        "change": lambda: {"body": f"补充 {rng.random()}"},
    }
    return row.action, who, data.get(row.action, dict)()


def _onward(item) -> tuple[str, tuple[str, ...], dict]:
    action, who = STEPS[item.state]
    if action == "end_notice":  # nobody waits for the days of the notice here
        ItemCase.objects.filter(item=item).update(notice_until=timezone.localdate() - timedelta(days=1))
    proof = {"refs": ["doc:1#1-2"]} if action == "report" else {}
    return action, LEADS[item.lead_department.code] if who == "lead" else who, proof


def one_writer(seed: int, aside: int, out: str) -> None:
    """Move items on until none is left; stale and busy refusals are read again and retried."""
    rng = random.Random(seed)
    people = {u.username: u for u in User.objects.select_related("department")}
    units = {unit.code: unit for unit in Department.objects.filter(code__in=LEADS)}
    done, refused, untyped = Counter(), Counter(), []
    while len(untyped) < 4:
        ids = list(WorkItem.objects.exclude(state__in=ENDED).values_list("pk", flat=True))
        ended = list(WorkItem.objects.filter(state="closed_out").values_list("pk", flat=True)) if aside else []
        if not ids and not (aside and ended):
            break
        rng.shuffle(ids)
        for pk in [*ids[:40], *rng.sample(ended, min(1, len(ended)))]:
            item = WorkItem.objects.select_related("lead_department").get(pk=pk)
            step = _aside(rng, item, units) if aside and rng.random() < 0.3 else None
            if step is None and item.state in ENDED:
                continue
            action, who, data = step or _onward(item)
            try:
                services.act(people[rng.choice(who)], item, action, opinion="完成", **data)
                done[action] += 1
                aside -= step is not None
            except (Conflict, EcoError) as error:
                refused[error.code] += 1
            except Exception:
                untyped.append(traceback.format_exc())
    Path(out).write_text(json.dumps({"done": done, "refused": refused, "untyped": untyped}), encoding="utf-8")


def one_reporter(seed: int, count: int, out: str) -> None:
    """Hand in the same records as everybody else, in an order of one's own."""
    clerk, untyped = User.objects.get(username="clerk"), []
    for n in random.Random(seed).sample(range(count), count):
        told = outside.OutsideCase(f"patrol:{n}", "patrol", "water", f"河面漂浮物{n}")
        for _again in range(20):
            try:
                outside.report_case(clerk, told)
                break
            except Busy:
                continue
            except Exception:
                untyped.append(traceback.format_exc())
                break
    Path(out).write_text(json.dumps({"done": {}, "refused": {}, "untyped": untyped[:3]}), encoding="utf-8")


def _together(writers: int, seed: int, work, number: int) -> dict:
    """Fork ``writers`` processes before any connection is open; add up what they did."""
    connections.close_all()
    folder = Path(os.environ["ECOCLOUD_HOME"]) / "out"
    folder.mkdir(exist_ok=True)
    children = []
    for n in range(writers):
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                work(seed * 1000 + n, number, str(folder / f"{seed}-{n}.json"))
                code = 0
            finally:
                os._exit(code)
        children.append(pid)
    failed = sum(os.waitpid(pid, 0)[1] != 0 for pid in children)
    total = {"done": Counter(), "refused": Counter(), "untyped": [], "failed": failed}
    for path in folder.glob(f"{seed}-*.json"):
        told = json.loads(path.read_text("utf-8"))
        total["done"].update(told["done"])
        total["refused"].update(told["refused"])
        total["untyped"] += told["untyped"]
    return total


def move(writers: int, seed: int, aside: int = 0) -> dict:
    """Many writers move the items."""
    return _together(writers, seed, one_writer, aside)


def report(writers: int, count: int) -> dict:
    """Many rooms hand in the same ``count`` records; how many cases there are of them."""
    told = _together(writers, 90, one_reporter, count)
    made = WorkItem.objects.filter(source_ref__startswith="patrol:")
    return told | {"cases": made.count(), "sources": made.values("source_ref").distinct().count()}


def dispatch() -> dict:
    """Open a round, or go on with the one that was interrupted."""
    clerk = User.objects.get(username="clerk")
    row = Round.objects.first()
    today = timezone.localdate()
    if row is None:
        row = rounds.open_round(clerk, period=f"{today:%Y-%m}", due=today)
    else:
        row = rounds.continue_round(clerk, row)
    return {"state": row.state, "reports": RoundReport.objects.filter(round=row).count()}


def check() -> dict:
    """What is wrong with items, timelines, seats, counts and journal; and how many items are in each state."""
    wrong = []
    entries = Counter(Entry.objects.filter(ref_kind="item").values_list("ref_key", flat=True))
    steps = dict(ItemEvent.objects.order_by().values_list("item_id").annotate(n=Count("pk")))
    last = {}
    for pk, state in ItemEvent.objects.order_by("id").values_list("item_id", "to_state"):
        last[pk] = state
    for pk, state, version in WorkItem.objects.values_list("pk", "state", "version"):
        if not (steps[pk] == version == entries[str(pk)] and last[pk] == state):
            wrong.append(f"item {pk}: {state} v{version}, {steps[pk]} steps to {last[pk]}, {entries[str(pk)]} entries")
    for pk, state, item_state in ItemSeat.objects.values_list("item_id", "state", "item__state"):
        if state != item_state:
            wrong.append(f"seat of {pk}: {state} but {item_state}")
    for item in WorkItem.objects.order_by("id")[:200]:
        wrong += [f"journal of {item.pk}: {words}" for words in past.differences(item)]
    wrong += [f"count {key}: {pair}" for key, pair in counts.differences().items()]
    wrong += [finding.sentence_en for finding in verify().findings]
    states = Counter(WorkItem.objects.values_list("state", flat=True))
    return {"wrong": wrong, "states": states, "steps": Counter(ItemEvent.objects.values_list("action", flat=True))}


if __name__ == "__main__":
    commands = {"setup": setup, "move": move, "dispatch": dispatch, "report": report, "check": check}
    for line in " ".join(sys.argv[1:]).split("+"):
        name, *numbers = line.split()
        print(json.dumps(commands[name](*map(int, numbers))), flush=True)
