"""Real processes killed (SIGKILL) while they enter records: old or new state, never half, and the rest is resumed."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

CHILD = Path(__file__).with_name("review_child.py")
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def run(tmp_path):
    env = {**os.environ, "ECOCLOUD_HOME": str(tmp_path / "site"), "PYTHONPATH": str(ROOT)}
    env.pop("DATABASE_URL", None)

    def start(*words):
        command = [sys.executable, str(CHILD), *map(str, words)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env, cwd=ROOT)

    return start


def state(run):
    child = run("state")
    out, _ = child.communicate(timeout=60)
    assert child.returncode == 0
    return json.loads(out.splitlines()[-1])


def consistent(now):
    """Every entered record has exactly one row of its own; counts, seats and journal agree."""
    assert now["entered"] == now["distinct"] == now["rows"]
    assert now["counts"] and now["journal"] == []


def test_kill_9_during_entry_then_resume_enters_every_record_once(run, full_size):
    tasks, kills = (60, 25) if full_size else (12, 3)
    setup = run("setup", tasks)
    setup.communicate(timeout=120)
    assert setup.returncode == 0
    chance = random.Random(20261124)
    for _ in range(kills):
        child = run("enter")
        assert child.stdout.readline() == "ready\n"
        for _ in range(chance.randint(0, 2)):
            child.stdout.readline()
        child.kill()
        child.wait()
    now = state(run)
    consistent(now)
    last = run("enter")
    out, _ = last.communicate(timeout=120)
    assert out.splitlines()[-1] == "end"
    now = state(run)
    consistent(now)
    assert now["items"] == tasks and now["entered"] == now["taken"] and now["status"] == "entered"
    again = run("enter")
    again.communicate(timeout=60)
    assert state(run)["rows"] == now["rows"]
