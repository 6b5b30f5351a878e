"""Real worker processes: killed (SIGKILL) again and again, or several at once; everything is done exactly once."""

import json
import os
import random
import sqlite3
import subprocess
import sys
import uuid
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

CHILD = Path(__file__).parent / "child.py"
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def site(request, tmp_path, need):
    """(address for the child, query function) of an empty database."""
    if request.param == "sqlite":
        path = tmp_path / "jobs.sqlite3"
        yield str(path), lambda sql: sqlite3.connect(path).execute(sql).fetchall()
        return
    url = os.environ.get("ECOCLOUD_TEST_POSTGRES", "")
    if not url:
        need("PostgreSQL", "set ECOCLOUD_TEST_POSTGRES to the URL of a server")
    import psycopg

    name = f"ecocloud_jobs_{uuid.uuid4().hex[:8]}"
    own = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))

    def ask(sql):
        with psycopg.connect(own) as connection:
            return connection.execute(sql).fetchall()

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield own, ask
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def child(address, steps, mode):
    command = [sys.executable, str(CHILD), address, str(steps), mode]
    env = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env, cwd=ROOT)


def test_kill_9_resumes_from_the_checkpoint_with_effects_exactly_once(site, full_size):
    address, ask = site
    steps, kills = (600, 50) if full_size else (80, 5)
    assert child(address, steps, "setup").wait(60) == 0
    chance = random.Random(20260124)
    for _ in range(kills):
        worker = child(address, steps, "work")
        for _ in range(chance.randint(1, 2 * steps // (kills + 2))):
            assert worker.stdout.readline()  # every kill hits a running job
        worker.kill()
        worker.wait()
        worker.stdout.close()
    child(address, steps, "work").communicate(timeout=120)
    assert [row[0] for row in ask("select number from effect order by number")] == list(range(steps))
    state, result, attempts = ask("select state, result, attempts from jobs_job")[0]
    assert (state, json.loads(str(result))) == ("done", steps)
    assert attempts == kills + 1
    assert ask("select count(distinct attempt) from effect")[0][0] > 1


def test_several_workers_share_a_queue_without_doing_anything_twice(site):
    address, ask = site
    assert child(address, 60, "setup").wait(60) == 0
    for worker in [child(address, 60, "share") for _ in range(3)]:
        worker.communicate(timeout=90)
    assert [row[0] for row in ask("select number from effect order by number")] == list(range(60))
    assert ask("select count(distinct attempt) from effect")[0][0] == 1
