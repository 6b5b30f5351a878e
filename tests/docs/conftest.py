"""The repository's text files, read once."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def text_files() -> dict[str, str]:
    """Path -> text of every text file of the repository; without git (an unpacked release) of every file beside it."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode == 0:
        names = [name for name in listed.stdout.split("\0") if name]
    else:
        folders = ("ecocloud", "tests", "docs", "benchmarks", "assets")
        names = [str(p.relative_to(ROOT)) for folder in folders for p in (ROOT / folder).rglob("*") if p.is_file()]
        names += ["README.md", "README.zh.md", "Makefile", "pyproject.toml"]
    found = {}
    for name in names:
        try:
            found[name] = (ROOT / name).read_text("utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue  # pictures, documents in other encodings; files on their way out of the repository
    return found


@pytest.fixture(scope="session")
def pages(text_files) -> dict[str, str]:
    """The documentation: README files at the top and everything in docs."""
    written = {name: text for name, text in text_files.items() if name.endswith(".md")}
    own = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in (ROOT / "docs").rglob("*.md")}
    return {name: text for name, text in (written | own).items() if name.startswith(("docs/", "README"))}
