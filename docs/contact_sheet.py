"""A contact sheet of all packs: every page of every pack, small, for looking at all of them at once.

    python docs/contact_sheet.py [--home FOLDER] [--packs ID ...] [--out docs/screenshots/packs] [--json]

Serves a sample site (a new one, or the one in ``--home``), opens in one browser for each loaded pack its page, and for
its main register the list, the map (or the statistics where objects have no place), one object and the form, at 1440
and 390 px, and draws one JPEG for each width and theme, together less than 6 MB. The dark theme is put on the page that
is open: nothing is loaded twice. Says of each page whether it scrolls sideways, shows text under 12 px or logs errors,
and ends with 1 when one does. Needs Debian's chromium and the ``dev`` extra.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
WIDTHS = {1440: (900, 200), 390: (844, 96)}  # height of the window, width of a picture on the sheet
THEMES = ("light", "dark")
MOST_BYTES = 6_000_000
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
COLUMNS = 2  # packs side by side
LABEL = 18
DARK = "dark => document.documentElement.classList.toggle('theme-dark', dark)"
LOOK = """() => {
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || element.closest('.vh,script,style,noscript,sub,sup,svg,template')) continue;
    const size = parseFloat(getComputedStyle(element).fontSize);
    if (size < 12 && element.getBoundingClientRect().width)
      found.push(size + ' ' + node.textContent.trim().slice(0, 20));
  }
  const root = document.documentElement;
  return {wide: root.scrollWidth - root.clientWidth, small: found.slice(0, 3)};
}"""

# Run in the installation: a signed-in session of the office, and the pages of every loaded pack.
PAGES = """
import json
import django
django.setup()
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone
from ecocloud.kernel.regions.models import User
from ecocloud.kernel.registers.models import Pack, RegisterObject, RegisterType, TypeVersion
from ecocloud.web.models import Site
if not Site.objects.filter(is_sample=True).exists():
    raise SystemExit("a sample site only: nobody is signed in to a real one")
user = User.objects.get(username="office")
User.objects.filter(pk=user.pk).update(must_change_password=False, password_changed_at=timezone.now())
session = import_module(settings.SESSION_ENGINE).SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
packs = {}
for pack in Pack.objects.order_by("code"):
    counted = [one["type"] for one in pack.content.get("figures", ())]
    types = sorted(RegisterType.objects.filter(pack=pack), key=lambda one: -counted.count(one.code))
    pages = {"pack": f"/registers/packs/{pack.code}/"}
    if types:
        code = types[0].code
        shape = TypeVersion.objects.get(type=types[0], number=types[0].version).definition.get("geometry", {})
        pages["list"] = f"/registers/type/{code}/"
        drawn = shape.get("kind", "none") != "none"
        pages["map" if drawn else "statistics"] = f"/registers/type/{code}/{'map' if drawn else 'statistics'}/"
        row = RegisterObject.objects.filter(type=types[0]).order_by("code").first()
        if row:
            pages["object"] = f"/registers/object/{row.pk}/"
        pages["form"] = f"/registers/type/{code}/new/"
    packs[pack.code] = pages
print(json.dumps({"cookie": settings.SESSION_COOKIE_NAME, "session": session.session_key, "packs": packs}))
"""


@dataclass
class Sheet:
    """The pictures of one width and theme: by pack and page, already small."""

    width: int
    theme: str
    pictures: dict[str, list[Any]] = field(default_factory=dict)

    def drawn(self) -> Any:
        """The sheet as one picture: packs in columns, each with its name above a row of its pages."""
        from PIL import Image, ImageDraw

        high, wide = WIDTHS[self.width]
        tall, most = round(wide * high / self.width), max(map(len, self.pictures.values()), default=1)
        block = (most * (wide + 4) + 8, tall + LABEL + 6)
        rows = -(-len(self.pictures) // COLUMNS)
        sheet = Image.new("RGB", (COLUMNS * block[0], max(rows, 1) * block[1]), "#ffffff")
        pen = ImageDraw.Draw(sheet)
        for number, (pack, pictures) in enumerate(self.pictures.items()):
            left, top = number % COLUMNS * block[0] + 4, number // COLUMNS * block[1] + 2
            pen.text((left, top + 3), pack, fill="#14322a")
            for place, picture in enumerate(pictures):
                sheet.paste(picture, (left + place * (wide + 4), top + LABEL))
        return sheet


def served(home: Path, port: int) -> subprocess.Popen:
    """The installation served without the processes of rooms; returns when it answers."""
    log = (home / "contact-sheet.log").open("w")
    command = [sys.executable, "-m", "ecocloud.cli", "up", "--alone", "--workers", "2", "--port", str(port)]
    server = subprocess.Popen(command, env=_environment(home), cwd=home, stdout=log, stderr=log)
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/", timeout=2):
                return server
        except OSError:
            time.sleep(0.2)
    server.terminate()
    raise SystemExit(f"{home} does not answer; see contact-sheet.log there")


def _environment(home: Path) -> dict[str, str]:
    return os.environ | {"ECOCLOUD_HOME": str(home), "PYTHONPATH": str(ROOT),
                         "DJANGO_SETTINGS_MODULE": "ecocloud.web.settings"}  # fmt: skip


def told(home: Path) -> dict[str, Any]:
    """The session and the pages of every pack in the installation."""
    command = [sys.executable, "-c", PAGES]
    done = subprocess.run(command, env=_environment(home), cwd=home, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr[-1500:])
    return json.loads(done.stdout.strip().splitlines()[-1])


def visited(browser: Any, url: str, site: dict[str, Any], sheets: dict[tuple, Sheet]) -> Iterator[dict[str, Any]]:
    """Open every page at every width, put its pictures on the sheets, and say what is wrong with it."""
    for width, (height, small) in WIDTHS.items():
        context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
        context.add_cookies([{"name": site["cookie"], "value": site["session"], "url": url}])
        page, errors = context.new_page(), []
        page.on("pageerror", lambda error, errors=errors: errors.append(str(error)))
        page.on("console", lambda said, errors=errors: errors.append(said.text) if said.type == "error" else None)
        for pack, pages in site["packs"].items():
            for name, path in pages.items():
                errors.clear()
                answer = page.goto(url + path, wait_until="load")
                found = page.evaluate(LOOK)
                for theme in THEMES:
                    page.evaluate(DARK, theme == "dark")
                    picture = _small(page.screenshot(type="jpeg", quality=80), small)
                    sheets[width, theme].pictures.setdefault(pack, []).append(picture)
                problems = [f"scrolls sideways by {found['wide']} px"] if found["wide"] > 0 else []
                problems += [f"text under 12 px: {text}" for text in found["small"]]
                problems += [f"error: {text[:160]}" for text in errors]
                problems += [f"answers {answer.status}"] if answer is None or answer.status >= 400 else []
                yield {"width": width, "pack": pack, "page": name, "path": path, "problems": problems}
        context.close()


def _small(content: bytes, width: int) -> Any:
    from PIL import Image

    picture = Image.open(io.BytesIO(content)).convert("RGB")
    return picture.resize((width, round(width * picture.height / picture.width)), Image.Resampling.BOX)


def written(sheets: dict[tuple, Sheet], folder: Path) -> list[Path]:
    """The sheets as files, of as high a quality as 6 MB for all of them allow."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = {key: sheet.drawn() for key, sheet in sheets.items()}
    for quality in (75, 60, 45, 30, 20):
        content = {}
        for key, picture in drawn.items():
            stream = io.BytesIO()
            picture.save(stream, "JPEG", quality=quality, optimize=True)
            content[key] = stream.getvalue()
        if sum(map(len, content.values())) < MOST_BYTES:
            break
    made = []
    for (width, theme), one in content.items():
        made.append(folder / f"packs-{width}-{theme}.jpg")
        made[-1].write_bytes(one)
    return made


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main() -> int:
    """Serve, visit, draw, say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, help="a sample site that is there (default: a new one)")
    parser.add_argument("--packs", nargs="*", help="only these packs")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "screenshots" / "packs")
    parser.add_argument("--json", action="store_true", help="what was found as JSON")
    args = parser.parse_args()
    path = shutil.which("chromium")
    if not path:
        raise SystemExit("chromium is missing: apt install chromium")
    from playwright.sync_api import sync_playwright

    home = args.home or Path(tempfile.mkdtemp(prefix="contact-sheet-"))
    if args.home is None:
        command = [sys.executable, "-m", "ecocloud.cli", "demo", "--no-serve"]
        subprocess.run(command, env=_environment(home), cwd=home, check=True, stdout=subprocess.DEVNULL)
    port = _port()
    sheets = {(width, theme): Sheet(width, theme) for width in WIDTHS for theme in THEMES}
    server = served(home, port)
    try:
        site, begun = told(home), time.monotonic()
        site["packs"] = {code: pages for code, pages in site["packs"].items() if not args.packs or code in args.packs}
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
            pages = list(visited(browser, f"http://127.0.0.1:{port}", site, sheets))
            browser.close()
    finally:
        server.terminate()
        server.wait(timeout=30)
        if args.home is None:
            shutil.rmtree(home, ignore_errors=True)
    made, wrong = written(sheets, args.out), [one for one in pages if one["problems"]]
    seconds = time.monotonic() - begun
    if args.json:
        print(json.dumps({"pages": len(pages), "seconds": seconds, "wrong": wrong}, ensure_ascii=False))
        return 1 if wrong else 0
    for one in wrong:
        print(f"{one['width']} {one['pack']} {one['page']} {one['path']}: {'; '.join(one['problems'])}")
    size = sum(file.stat().st_size for file in made) / 1e6
    each = seconds / max(len(pages), 1)
    print(f"{len(site['packs'])} packs, {len(pages)} pages in {seconds:.0f} s ({each:.2f} s each), "
          f"{len(wrong)} with something wrong; {len(made)} sheets of {size:.1f} MB in {args.out}")  # fmt: skip
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
