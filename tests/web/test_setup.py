"""A new installation by commands: tables, divisions, catalogue, the place it serves; then only people are missing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ecocloud.base.errors import EcoError
from ecocloud.web import installation
from ecocloud.web.models import Site

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


def test_an_empty_folder_becomes_an_installation(run):
    early = run("user", "list")
    assert early.returncode == 1 and "ecocloud setup" in early.stderr and "Traceback" not in early.stderr
    done = run("setup", "--region", "360800", "--name", "某市生态云", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"name": "某市生态云", "region": "360800"}
    told = json.loads(run("check", "--json").stdout)
    data = [lines for key, lines in told.items() if key.endswith(("regions.data", "evidence.catalogue", "database"))]
    assert data == [[], [], []]


@pytest.mark.django_db
def test_setting_up_again_changes_only_what_is_given():
    from ecocloud.kernel.journal.models import Link
    from ecocloud.kernel.journal.queries import entries_for

    with pytest.raises(installation.NotSetUp) as refusal:
        installation.set_up()
    assert "--region" in refusal.value.sentence_zh() and not Site.objects.exists()
    installation.set_up("3608", "某市生态云")  # short code
    links = Link.objects.count()
    installation.set_up()  # as after an upgrade
    assert Link.objects.count() == links, "nothing to change, nothing journalled"
    with pytest.raises(EcoError):
        installation.set_up("999900", "别处")
    installation.set_up("360900")
    site = Site.objects.get()
    assert (site.name, site.region_id) == ("某市生态云", "360900")
    assert json.loads(entries_for("region:360900")[0].after) == {"name": "某市生态云", "region": "360900"}


@pytest.mark.django_db
@pytest.mark.parametrize("set_up", [True, False])
def test_the_sample_never_goes_into_an_installation_in_use(set_up):
    """``ecocloud demo`` in the wrong folder, or with the wrong DATABASE_URL, must not empty a working database."""
    from ecocloud.kernel.journal.models import Entry
    from ecocloud.kernel.regions.models import User

    if set_up:
        installation.set_up("360800", "某市生态云")
    User.objects.create(username="somebody", name="某人")
    before = Entry.objects.count()
    with pytest.raises(installation.NotEmpty) as refusal:
        installation.load_sample()
    assert "ECOCLOUD_HOME" in refusal.value.sentence_zh()
    assert User.objects.filter(username="somebody").exists() and Entry.objects.count() == before


@pytest.mark.django_db
def test_only_an_interrupted_sample_is_emptied(monkeypatch):
    from ecocloud.kernel.regions.models import User

    def break_off(*_):
        User.objects.create(username="half", name="半")
        raise KeyboardInterrupt

    monkeypatch.setattr(installation, "load", lambda path: break_off)
    with pytest.raises(KeyboardInterrupt):
        installation.load_sample()
    assert not installation.sample_loaded() and User.objects.filter(username="half").exists()
    emptied = []
    monkeypatch.setattr(installation, "call_command", lambda name, **_: emptied.append(name))
    monkeypatch.setattr(installation, "migrate", lambda: Site.objects.all().delete())
    monkeypatch.setattr(installation, "load", lambda path: lambda context: context.shared.update(region=None))
    installation.load_sample()
    assert emptied == ["flush"]
