"""A new installation by commands: tables, divisions, the place it serves; nothing else is needed before people."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run(tmp_path):
    """``run("setup", "--region", "360800")``: one command in an empty installation of the test's own."""

    def call(*words: str) -> subprocess.CompletedProcess:
        environment = os.environ | {"ECOCLOUD_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT)}
        environment.pop("DATABASE_URL", None)
        command = [sys.executable, "-m", "ecocloud.cli", *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)

    return call


def test_setup_makes_an_installation_and_may_be_repeated(run):
    early = run("user", "list")
    assert early.returncode == 1 and "ecocloud setup" in early.stderr and "Traceback" not in early.stderr
    first = run("setup", "--region", "360800", "--name", "某市生态云", "--json")
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout) == {"name": "某市生态云", "region": "360800"}
    again = run("setup", "--region", "3609", "--json")  # short code, name kept
    assert json.loads(again.stdout) == {"name": "某市生态云", "region": "360900"}
    assert run("user", "create", "wang", "王芳", "--role", "sysadmin").returncode == 0
    wrong = run("setup", "--region", "999900")
    assert wrong.returncode == 1 and "999900" not in wrong.stdout and "区划" in wrong.stderr
    assert json.loads(run("verify-journal", "--json").stdout)["consistent"]
