"""Shared fixtures. Under pytest the settings choose a temporary home; nothing is written into the checkout."""

import os

import pytest

FULL_SIZE = os.environ.get("ECOCLOUD_FULL_SIZE") == "1"
UNDER_CI = os.environ.get("CI") == "true"


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
    from pathlib import Path

    given = os.environ.get("ECOCLOUD_SHARED")
    folder = Path(given) if given else Path(__file__).resolve().parent.parent.parent / "shared"
    if not folder.is_dir():
        pytest.skip("shared data folder is absent")
    return folder


@pytest.fixture
def kept(settings):
    """What the installation keeps between requests is kept, as when it is served."""
    from django.core.cache import cache

    settings.TESTING = False
    cache.clear()
    yield
    cache.clear()
