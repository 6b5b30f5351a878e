"""Many real processes on one database: nothing lost, counts exact, every refusal typed; also when all are killed."""

import json
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from ecocloud.kernel.duties.kinds import all_kinds

WORKER = Path(__file__).with_name("crowd_worker.py")
ROOT = Path(__file__).resolve().parents[3]
# Steps that only they take who step aside (others return an item in a review, too).
ASIDE = (
    "transfer", "return", "withdraw", "decline", "suspend", "merge", "reopen", "reclassify", "refuse", "urge", "change",
)  # fmt: skip


class Site:
    """A site of its own in a folder; commands are programs of their own."""

    def __init__(self, home, url=""):
        self.env = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | {
            "ECOCLOUD_HOME": str(home), "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        }  # fmt: skip
        self.env.setdefault("DJANGO_SETTINGS_MODULE", "ecocloud.web.settings")
        if url:
            self.env["DATABASE_URL"] = url

    def start(self, *words):
        return subprocess.Popen(
            [sys.executable, str(WORKER), *map(str, words)], env=self.env, cwd=ROOT, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip

    def run(self, *words, timeout=3600):
        """The answers of the commands, one for each."""
        process = self.start(*words)
        out, err = process.communicate(timeout=timeout)
        assert process.returncode == 0, err[-3000:]
        return [json.loads(line) for line in out.strip().splitlines() if line.startswith("{")]


def kill(process):
    """SIGKILL to the program and everything it forked; only its own process group."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def crowd(site, items, writers, aside):
    """Writers who mostly move items of all kinds on, sometimes hand over, return, decline, merge, suspend, reopen."""
    made, told, checked, told_of = site.run(
        "setup", items, "+", "move", writers, 1, aside, "+", "check", "+", "report", writers, 3
    )
    assert told["untyped"] == [] and told["failed"] == 0
    assert len(made["kinds"]) == len(all_kinds())
    assert checked["wrong"] == [] and set(checked["states"]) <= {"closed_out", "merged"}
    assert sum(checked["states"].values()) == items
    # Who was told that a step is done has done it, and nobody else at the same time.
    steps = dict(checked["steps"])
    assert (steps.pop("create"), steps.pop("absorb", 0)) == (items, told["done"].get("merge", 0))
    steps["issue"] -= items  # at the beginning
    assert {action: n for action, n in steps.items() if n} == told["done"]
    assert sum(told["done"].get(action, 0) for action in ASIDE) == writers * aside
    assert set(told["refused"]) <= {
        "duties.stale", "duties.wrong_state", "duties.guard", "duties.not_visible", "duties.invalid", "journal.busy",
    }  # fmt: skip
    # Who hands in a record that somebody else is handing in gets the same case.
    assert (told_of["cases"], told_of["sources"], told_of["untyped"], told_of["failed"]) == (3, 3, [], 0)
    return told


def test_twenty_writers_on_one_sqlite_file(tmp_path, full_size):
    told = crowd(Site(tmp_path), *((5000, 20, 50) if full_size else (28, 20, 1)))
    assert told["refused"], "twenty writers on the same items must meet"


def killed_rounds(site, items, kills, seed):
    rng = random.Random(seed)
    site.run("setup", items)
    for n in range(kills):
        process = site.start("move", 4, n + 10)
        time.sleep(rng.uniform(0.9, 2.2))
        if process.poll() is None:
            kill(process)
        if n + 1 < kills:
            assert site.run("check")[0]["wrong"] == []
    killed, _, finished = site.run("check", "+", "move", 4, 9, "+", "check")
    assert killed["wrong"] == [] and sum(killed["states"].values()) == items
    assert (finished["wrong"], finished["states"]) == ([], {"closed_out": items})


def test_kill_while_items_move_leaves_old_or_new_state(tmp_path, full_size):
    killed_rounds(Site(tmp_path), 1000 if full_size else 60, 25 if full_size else 1, 1)


def killed_dispatch(site, items, kills, seed):
    rng = random.Random(seed)
    site.run("setup", items)
    for _ in range(kills):
        process = site.start("dispatch")
        time.sleep(rng.uniform(0.5, 1.6))
        if process.poll() is None:
            kill(process)
    killed, first, again, finished = site.run("check", "+", "dispatch", "+", "dispatch", "+", "check")
    assert killed["wrong"] == finished["wrong"] == []
    assert first == again == {"state": "open", "reports": items}


def test_kill_while_a_round_is_opened_owes_each_report_once(tmp_path, full_size):
    killed_dispatch(Site(tmp_path), 5000 if full_size else 30, 25 if full_size else 1, 2)


@pytest.fixture
def postgres(need):
    """A fresh database on the server of ECOCLOUD_TEST_POSTGRES, dropped afterwards."""
    url = os.environ.get("ECOCLOUD_TEST_POSTGRES", "")
    if not url:
        need("PostgreSQL", "set ECOCLOUD_TEST_POSTGRES to the URL of a server")
    import psycopg

    name = f"ecocloud_crowd_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.postgres
def test_many_writers_on_postgres(tmp_path, full_size, postgres):
    crowd(Site(tmp_path, postgres), *((5000, 200, 20) if full_size else (28, 20, 1)))


@pytest.mark.postgres
def test_kill_on_postgres(tmp_path, full_size, postgres):
    killed_rounds(Site(tmp_path, postgres), 1000 if full_size else 60, 25 if full_size else 1, 3)
