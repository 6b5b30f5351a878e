"""Shared fixtures. Under pytest the settings choose a temporary home; nothing is written into the checkout."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

FULL_SIZE = os.environ.get("ECOCLOUD_FULL_SIZE") == "1"
UNDER_CI = os.environ.get("CI") == "true"


def pytest_configure(config):
    """Files go to the workers in the order below, not those with most tests first (see there)."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(config, items):
    """For several workers: the long files first, so that none begins when the other workers are done.

    Files on PostgreSQL have one test that lasts minutes, those of the browser and of the sample site few that last
    long; after them those with most tests.
    """
    if not hasattr(config, "workerinput"):
        return
    sizes = Counter(item.path for item in items)
    weight = Counter()
    for item in items:
        long = 3 * bool(item.get_closest_marker("postgres")) or 2 * bool(item.get_closest_marker("browser"))
        weight[item.path] = max(weight[item.path], long or "sample_site" in getattr(item, "fixturenames", ()))
    items.sort(key=lambda item: (-weight[item.path], -sizes[item.path], str(item.path)))


@pytest.fixture(scope="session")
def full_size() -> bool:
    """True under ``make test-long``: the same tests at full size."""
    return FULL_SIZE


def missing(what: str, remedy: str) -> None:
    """Skip by name on a bare machine; fail under CI, where everything must be able to run."""
    if UNDER_CI:
        pytest.fail(f"{what} is missing under CI: {remedy}")
    pytest.skip(f"{what} is missing: {remedy}")


@pytest.fixture(scope="session")
def need():
    """``need("chromium", "apt install chromium")``: skip on a bare machine, fail under CI."""
    return missing


@pytest.fixture(autouse=True)
def _journal_files(tmp_path, settings):
    """Every test has its own anchor file; the key is shared."""
    settings.JOURNAL_ANCHOR_FILE = tmp_path / "journal.anchor"
    settings.JOURNAL_ANCHOR_ON_COMMIT = False


@pytest.fixture(scope="session")
def shared_folder():
    """The folder of real documents and data beside the checkout; tests that use it skip where it is absent."""
    given = os.environ.get("ECOCLOUD_SHARED")
    folder = Path(given) if given else Path(__file__).resolve().parent.parent.parent / "shared"
    if not folder.is_dir():
        pytest.skip("shared data folder is absent")
    return folder


@pytest.fixture(scope="session")
def sample_site(tmp_path_factory):
    """``sample_site(folder)``: the sample site as ``ecocloud demo`` loads it, copied into an empty folder.

    Loaded once for a whole run: the worker that needs it first loads it, the others wait for it. Returns what the
    command printed.
    """
    import fcntl

    root = Path(__file__).resolve().parents[1]
    base = tmp_path_factory.getbasetemp()
    common = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    home, told = common / "sample-site", common / "sample-site.json"

    def load() -> None:
        environment = os.environ | {"ECOCLOUD_HOME": str(home), "PYTHONPATH": str(root)}
        environment.pop("DATABASE_URL", None)
        command = [sys.executable, "-m", "ecocloud.cli", "demo", "--no-serve", "--json"]
        loaded = subprocess.run(command, env=environment, cwd=common, capture_output=True, text=True, timeout=400)
        assert loaded.returncode == 0, loaded.stderr[-3000:]
        told.write_text(loaded.stdout.strip().splitlines()[-1], "utf-8")

    def copy(folder: Path) -> dict:
        with (common / "sample-site.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not told.exists():
                shutil.rmtree(home, ignore_errors=True)  # of a worker that was stopped
                load()
        shutil.copytree(home, folder, dirs_exist_ok=True)
        return json.loads(told.read_text("utf-8"))

    return copy


@pytest.fixture
def kept(settings):
    """What the installation keeps between requests is kept, as when it is served."""
    from django.core.cache import caches

    settings.TESTING = False
    for name in caches:
        caches[name].clear()
    yield
    for name in caches:
        caches[name].clear()


@pytest.fixture
def at(client, settings):
    """``at(user)``: a client signed in as that person."""

    def signed(user):
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
        return client

    return signed
