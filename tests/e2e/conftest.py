"""A sample site served by the real command, and a real browser with the outside network blocked."""

from __future__ import annotations

import base64
import contextlib
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from django_otp.oath import totp

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ROOT = Path(__file__).resolve().parents[2]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(url: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{url} does not answer after {seconds} s")


class Site:
    """A served sample site: its address and the accounts that ``ecocloud demo`` printed."""

    def __init__(self, url: str, home: Path, accounts: dict[str, dict]) -> None:
        self.url = url
        self.home = home
        self.accounts = accounts
        self.states: dict[str, dict] = {}  # of signed-in browsers, by role


def _without_compiling(home: Path) -> None:
    """Take the raster account of the sample out of the queue: a new site would compile the engine for a minute, on the
    processors that the browser needs. tests/domains/gep computes it.
    """
    with contextlib.closing(sqlite3.connect(home / "ecocloud.sqlite3")) as db, db:
        assert db.execute("DELETE FROM jobs_job WHERE name = 'gep.raster.run'").rowcount == 1


@pytest.fixture(scope="session")
def site(tmp_path_factory, sample_site):
    """The sample site on a free port, in a folder of this worker's own."""
    home = tmp_path_factory.mktemp("site")
    told = sample_site(home)
    _without_compiling(home)
    environment = os.environ | {"ECOCLOUD_HOME": str(home), "PYTHONPATH": str(ROOT)}
    environment.pop("DATABASE_URL", None)
    accounts: dict[str, dict] = {}
    for account in told["accounts"]:
        accounts.setdefault(account["role"], account)  # the first one of each role
    port = _free_port()
    log = (home / "server.log").open("w")
    command = [sys.executable, "-m", "ecocloud.cli", "up", "--alone", "--port", str(port)]
    server = subprocess.Popen(command, env=environment, cwd=home, stdout=log, stderr=log)
    try:
        _wait(f"http://127.0.0.1:{port}/health/")
        yield Site(f"http://127.0.0.1:{port}", home, accounts)
    finally:
        server.terminate()
        server.wait(timeout=30)


@pytest.fixture(scope="module")
def browser(need):
    """Debian's chromium, headless. One for each file: its event loop must be gone before tests of other files run."""
    path = shutil.which("chromium")
    if not path:
        need("chromium", "apt install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        launched.close()


class Tab:
    """A page of one signed-in person; remembers every request that left the site and every script error."""

    def __init__(self, page, site: Site) -> None:
        self.page, self.site = page, site
        self.outside: list[str] = []
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self._console(message))
        self.loading: set = set()
        page.on("request", self._begun)
        page.on("requestfinished", lambda request: self.loading.discard(request))
        page.on("requestfailed", lambda request: self.loading.discard(request))
        page.route("**/*", self._guard)

    def _begun(self, request) -> None:
        if request.url.startswith(self.site.url):
            self.loading.add(request)

    def settled(self, seconds: float = 30) -> None:
        """Wait until the page is loaded and nothing has been under way for three looks, 40 ms apart.

        Not "networkidle": that waits for half a second of silence each time. Nor the page's own frames: a page behind
        another one or without scripts draws none, and would be waited for without end.
        """
        end, quiet = time.monotonic() + seconds, 0
        while quiet < 3:
            self.page.wait_for_load_state("load")
            self.page.wait_for_timeout(40)
            quiet = 0 if self.loading else quiet + 1
            assert time.monotonic() < end, f"still loading: {[one.url for one in self.loading]}"

    def _console(self, message) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.errors.append(message.text)

    def _guard(self, route) -> None:
        url = route.request.url
        if url.startswith((self.site.url, "data:", "blob:")):
            route.continue_()
        else:
            self.outside.append(url)
            route.abort()

    def sign_in(self, role: str) -> None:
        """Through the sign-in page, as a person would."""
        account = self.site.accounts[role]
        self.page.goto(f"{self.site.url}/")
        self.page.fill("input[name=username]", account["username"])
        self.page.fill("input[name=password]", account["password"])
        self.page.click("main form button")
        self.settled()
        if self.page.url.endswith("/enrol"):
            self._enrol()

    def _enrol(self) -> None:
        """The second factor of an administrator: read the secret from the page, type the code of this half minute."""
        secret = self.page.locator("main .num").first.inner_text().replace(" ", "")
        key = base64.b32decode(secret + "=" * (-len(secret) % 8))
        self.page.fill("input[name=token]", f"{totp(key):06d}")
        self.page.click("main form button")
        self.settled()

    def open(self, path: str) -> None:
        """Open a path of the site and wait until nothing is loading."""
        response = self.page.goto(f"{self.site.url}{path}")
        assert response is not None and response.status < 400, f"{path}: {response and response.status}"
        self.settled()


@pytest.fixture(scope="module")
def states(browser, site):
    """Signed-in browser states by role, each made once through the sign-in page."""

    def state(role: str) -> dict:
        if role not in site.states:
            context = browser.new_context(locale="zh-CN")
            tab = Tab(context.new_page(), site)
            tab.sign_in(role)
            site.states[role] = context.storage_state()
            context.close()
        return site.states[role]

    return state


@pytest.fixture
def tab(browser, site, states):
    """``tab(role, width)``: a new tab of a signed-in person."""
    contexts = []

    def make(role: str | None, width: int = 1440, height: int = 900, **options) -> Tab:
        state = states(role) if role else None
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN", storage_state=state, **options
        )
        contexts.append(context)
        return Tab(context.new_page(), site)

    yield make
    for context in contexts:
        context.close()
