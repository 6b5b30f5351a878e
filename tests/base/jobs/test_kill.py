"""A real worker process is killed (SIGKILL) again and again; what it did is there exactly once."""

import random
import sqlite3
import subprocess
import sys
from pathlib import Path

CHILD = Path(__file__).parent / "child.py"
ROOT = Path(__file__).resolve().parents[3]


def child(path, steps, mode):
    command = [sys.executable, str(CHILD), str(path), str(steps), mode]
    env = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env, cwd=ROOT)


def test_kill_9_resumes_from_the_checkpoint_with_effects_exactly_once(tmp_path, full_size):
    path, steps, kills = tmp_path / "jobs.sqlite3", 600 if full_size else 80, 50 if full_size else 5
    setup = child(path, steps, "setup")
    assert setup.wait(60) == 0
    chance = random.Random(20260124)
    killed = 0
    while killed < kills:
        worker = child(path, steps, "work")
        lines = chance.randint(1, max(2, 2 * steps // (kills + 2)))
        for _ in range(lines):
            if not worker.stdout.readline():
                break
        if worker.poll() is not None:
            break
        worker.kill()
        worker.wait()
        worker.stdout.close()
        killed += 1
    assert killed == kills  # every kill hit a running job
    last = child(path, steps, "work")
    last.communicate(timeout=120)
    connection = sqlite3.connect(path)
    numbers = [row[0] for row in connection.execute("select number from effect order by number")]
    assert numbers == list(range(steps))
    state, result, attempts = connection.execute("select state, result, attempts from jobs_job").fetchone()
    assert (state, result) == ("done", str(steps))
    assert attempts == kills + 1
    assert connection.execute("select count(distinct attempt) from effect").fetchone()[0] > 1


def test_two_workers_share_a_queue_without_doing_anything_twice(tmp_path):
    path = tmp_path / "jobs.sqlite3"
    assert child(path, 60, "setup").wait(60) == 0
    workers = [child(path, 60, "work") for _ in range(3)]
    for worker in workers:
        worker.communicate(timeout=90)
    connection = sqlite3.connect(path)
    assert [row[0] for row in connection.execute("select number from effect order by number")] == list(range(60))
    assert connection.execute("select count(distinct attempt) from effect").fetchone()[0] == 1
