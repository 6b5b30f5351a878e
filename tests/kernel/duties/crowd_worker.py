"""Run as a program by test_crowd.py: many real processes move the same items in one database.

``setup N`` makes a site with N issued items of all kinds in turn, ``move WRITERS SEED`` lets that many processes move
them until all are closed out, ``dispatch`` opens a round, ``check`` prints what is wrong. Commands are parted by
``+``; each prints one line of JSON.
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

from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.utils import timezone  # noqa: E402

from ecocloud.base.errors import Conflict, EcoError  # noqa: E402
from ecocloud.kernel.duties import past, services  # noqa: E402
from ecocloud.kernel.duties.models import ItemCase, ItemEvent, ItemSeat, Round, RoundReport, WorkItem  # noqa: E402
from ecocloud.kernel.duties.services import counts, rounds  # noqa: E402
from ecocloud.kernel.journal.models import Entry  # noqa: E402
from ecocloud.kernel.journal.verification import verify  # noqa: E402
from ecocloud.kernel.regions.models import User  # noqa: E402

STEPS = {
    "issued": ("sign", ("hydro", "hydro2")),
    "signed": ("start", ("hydro", "hydro2")),
    "in_progress": ("report", ("hydro", "hydro2")),
    "reported": ("review", ("clerk", "second")),
    "under_review": ("accept", ("clerk", "second")),
    "published": ("end_notice", ("clerk", "second")),
    "completed": ("close_out", ("chief", "clerk")),
}


def setup(count: int) -> dict:
    """A fresh site with ``count`` issued items."""
    import importlib.util

    call_command("migrate", verbosity=0)
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


def one_writer(seed: int, out: str) -> None:
    """Move items on until none is left; stale and busy refusals are read again and retried."""
    rng = random.Random(seed)
    people = {u.username: u for u in User.objects.select_related("department")}
    done, refused, untyped = Counter(), Counter(), []
    while True:
        ids = list(WorkItem.objects.exclude(state="closed_out").values_list("pk", flat=True))
        if not ids:
            break
        rng.shuffle(ids)
        for pk in ids[:40]:
            item = WorkItem.objects.get(pk=pk)
            if item.state not in STEPS:
                continue
            action, who = STEPS[item.state]
            if action == "end_notice":  # nobody waits for the days of the notice here
                ItemCase.objects.filter(item=pk).update(notice_until=timezone.localdate() - timedelta(days=1))
            proof = {"refs": ["doc:1#1-2"]} if action == "report" else {}
            try:
                services.act(people[rng.choice(who)], item, action, opinion="完成", **proof)
                done[action] += 1
            except (Conflict, EcoError) as error:
                refused[error.code] += 1
            except Exception:
                untyped.append(traceback.format_exc())
                if len(untyped) > 3:
                    break
        if len(untyped) > 3:
            break
    Path(out).write_text(json.dumps({"done": done, "refused": refused, "untyped": untyped}), encoding="utf-8")


def move(writers: int, seed: int) -> dict:
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
                one_writer(seed * 1000 + n, str(folder / f"{seed}-{n}.json"))
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
    return {"wrong": wrong, "states": dict(Counter(WorkItem.objects.values_list("state", flat=True)))}


if __name__ == "__main__":
    commands = {"setup": setup, "move": move, "dispatch": dispatch, "check": check}
    for line in " ".join(sys.argv[1:]).split("+"):
        name, *numbers = line.split()
        print(json.dumps(commands[name](*map(int, numbers))), flush=True)
