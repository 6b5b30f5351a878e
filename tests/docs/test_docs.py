"""The documentation says what is there: links, commands, make targets, numbers, terms, sources, rights."""

import importlib.util
import re
import shlex
import tomllib
from pathlib import Path

import pytest
import yaml

CODE = re.compile(r"```.*?```", re.S)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def heading_anchor(heading: str) -> str:
    """A heading's anchor as GitHub makes it."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def test_every_link_resolves(root, pages):
    broken = []
    for name, text in pages.items():
        for target in LINK.findall(CODE.sub("", text)):
            if target.startswith(("http://", "https://", "mailto:")):
                continue
            file, _, anchor = target.partition("#")
            path = (root / name).parent / file if file else root / name
            if not path.exists():
                broken.append(f"{name}: {target}")
            elif anchor and path.suffix == ".md":
                headings = re.findall(r"^#+ (.*)$", path.read_text("utf-8"), re.M)
                if anchor not in {heading_anchor(heading) for heading in headings}:
                    broken.append(f"{name}: {target} (no such heading)")
    assert not broken, "\n".join(broken)


def test_every_page_of_docs_is_linked_from_another(root, pages):
    linked = set()
    for name, text in pages.items():
        for target in LINK.findall(text):
            path = ((root / name).parent / target.partition("#")[0]).resolve()
            linked |= {path} | (set(path.glob("*.md")) if path.is_dir() else set())
    lonely = [name for name in pages if name.startswith("docs/") and (root / name).resolve() not in linked]
    assert not lonely


def commands() -> set[str]:
    from ecocloud.base.rooms import all_rooms

    return {command.name for room in all_rooms() for command in room.commands}


def test_every_command_in_the_docs_exists_and_every_command_is_documented(pages):
    named = set()
    for text in pages.values():
        named |= set(re.findall(r"(?:`|\$ |bin/)ecocloud ([a-z][a-z0-9-]+)", text))
    assert named - commands() == set()
    assert commands() - named == set()


def test_every_command_line_in_the_docs_parses(pages):
    """The words after ``$ ecocloud`` are given to the real parser: options and numbers of arguments exist."""
    from ecocloud.cli import _commands, _parser

    parser = _parser(_commands())
    lines, wrong = [], []
    for name, text in pages.items():
        for block in CODE.findall(text):
            for line in re.findall(r"^\s*(?:\$ )?(?:[A-Z_]+=\S+ )*(?:\S*bin/)?ecocloud (.*)$", block, re.M):
                lines.append(line)
                words = shlex.split(re.sub(r"\[|\]", "", line), comments=True)
                if "|" in words:
                    words = words[: words.index("|")]
                try:
                    parser.parse_args(words)
                except SystemExit as end:
                    if end.code:
                        wrong.append(f"{name}: ecocloud {line}")
    assert len(lines) >= 10
    assert not wrong, "\n".join(wrong)


def test_make_targets(root, pages):
    makefile = (root / "Makefile").read_text("utf-8")
    there = set(re.findall(r"^([a-z-]+):.*##", makefile, re.M))
    named = set()
    for text in pages.values():
        named |= set(re.findall(r"(?:`|\$ )make ([a-z-]+)", text))
    assert named - there == set(), "named but not in the Makefile"
    assert there - named == set(), "in the Makefile but nowhere documented"


def test_environment_variables_are_documented(text_files, pages):
    """Every ECOCLOUD_… variable that the package reads is in docs/operations.md, and every one named there is read."""
    package = "\n".join(
        text for name, text in text_files.items() if name.startswith("ecocloud/") and name.endswith(".py")
    )
    read = set(re.findall(r"""environ(?:\.get\(|\[)\s*["'](ECOCLOUD_\w+|DATABASE_URL)["']""", package))
    told = set(re.findall(r"\b(ECOCLOUD_[A-Z_0-9]+|DATABASE_URL)\b", pages["docs/operations.md"]))
    assert read - told == set()
    assert told - read == set()


def test_nginx_lets_files_of_raster_accounts_through(pages):
    """The limit of the documented proxy for their pages is above that of one file (ECOCLOUD_RASTER_MB)."""
    from django.conf import settings
    from django.urls import reverse

    told = re.search(r"location (/\S+) \{\s+client_max_body_size (\d+)g;(.*?)\}", pages["docs/operations.md"], re.S)
    assert told and reverse("gep:raster-list").startswith(told[1])
    assert int(told[2]) * 1000 > settings.RASTER_MEGABYTES and "proxy_request_buffering off;" in told[3]


def test_the_readme_runs_within_thirty_lines(pages):
    for name in ("README.md", "README.zh.md"):
        head = pages[name].splitlines()[:30]
        assert any(re.match(r"\$ make demo\b", line) for line in head), name


def counted() -> dict[str, int]:
    """What the data files hold, counted without the code that loads them."""
    root = Path(__file__).resolve().parents[2] / "ecocloud"
    lines = []
    for path in (root / "kernel/regions/data/regions").glob("*.csv"):
        lines += [line.split(",")[0].strip('"\ufeff') for line in path.read_text("utf-8").splitlines()]
    codes = {line for line in lines if line.isdigit()}
    townships = {code for code in codes if len(code) == 9}
    cities = {code for code in codes if len(code) == 6 and code.endswith("00") and not code.endswith("0000")}
    counties = {code for code in codes if len(code) == 6 and not code.endswith("00")}
    catalogue = (root / "kernel/evidence/data/catalogue").glob("*.yaml")
    indicators = sum(len(yaml.safe_load(path.read_text("utf-8"))["indicators"]) for path in catalogue)
    provinces = {code for code in codes if len(code) == 6 and code.endswith("0000")}
    divisions = len(provinces) + len(cities) + len(counties) + len(townships)
    return {
        "cities": len(cities),
        "counties": len(counties),
        "townships": len(townships),
        "divisions": divisions,
        "indicators": indicators,
    }


def test_numbers_that_can_drift(pages):
    there, wrong, found = counted(), [], 0
    for name, text in pages.items():
        for about, number, word in re.findall(
            r"(about )?\b([\d,]{2,}) (cities|counties|townships|divisions|indicators)\b", text
        ):
            found += 1
            told = int(number.replace(",", ""))
            near = abs(told - there[word]) <= 0.05 * there[word] if about else told == there[word]
            if not near:
                wrong.append(f"{name}: {about}{number} {word}, but {there[word]}")
    assert found >= 4
    assert not wrong, "\n".join(wrong)


def test_the_python_version_is_the_same_everywhere(root, pages):
    wanted = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["requires-python"].lstrip(">=")
    told = {version for text in pages.values() for version in re.findall(r"Python >= (\d\.\d+)", text)}
    assert told == {wanted}
    assert f"Python >= {wanted}" in (root / "Makefile").read_text("utf-8")


def rooms(root: Path) -> list[Path]:
    """Folders of rooms: every package of the floors below the shell, and the shell."""
    floors = [root / "ecocloud" / floor for floor in ("base", "kernel", "intake", "domains")]
    found = [folder for floor in floors for folder in sorted(floor.iterdir()) if (folder / "__init__.py").exists()]
    return [*found, root / "ecocloud" / "portal", root / "ecocloud" / "web"]


def test_every_room_has_a_readme_and_a_page(root):
    lacking = [str(room.relative_to(root)) for room in rooms(root) if not (room / "README.md").exists()]
    lacking += [
        f"docs/rooms/{room.name}.md" for room in rooms(root) if not (root / f"docs/rooms/{room.name}.md").exists()
    ]
    assert not lacking
    # and no page about a room that is not there
    names = {room.name for room in rooms(root)} | {"README"}
    assert {path.stem for path in (root / "docs/rooms").glob("*.md")} - names == set()


# --- glossary --------------------------------------------------------------------------------------------------------


def glossary(pages) -> list[list[str]]:
    """Rows of the glossary: 中文, English, in code, meaning."""
    table = re.findall(r"^\| (.+) \|$", pages["docs/glossary.md"], re.M)
    rows = [[cell.strip() for cell in row.split("|")] for row in table]
    return [row for row in rows if len(row) == 4 and row[0] not in ("中文", "---")]


def test_glossary_gives_one_name_to_one_idea(pages):
    rows = glossary(pages)
    assert len(rows) > 30
    for column in (0, 1):
        words = [word.strip() for row in rows for word in re.split(r"、|,", row[column]) if word.strip()]
        assert sorted(words) == sorted(set(words))


def test_glossary_names_are_in_the_code(text_files, pages):
    code = "\n".join(
        text for name, text in text_files.items() if name.startswith("ecocloud/") and name.endswith((".py", ".yaml"))
    )
    names = [name for row in glossary(pages) for name in re.findall(r"`([^`]+)`", row[2])]
    assert len(names) > 20
    assert [name for name in names if not re.search(rf"\b{re.escape(name)}\b", code)] == []


@pytest.mark.parametrize(
    ("other", "instead_of"),
    [("台帐", "台账"), ("销帐", "销号"), ("牵头部门", "牵头单位"), ("主责单位", "牵头单位"), ("协办单位", "配合单位"),
     ("乡镇街道", "乡镇（街道）")],
)  # fmt: skip
def test_pages_use_the_glossary_words(text_files, other, instead_of):
    """What people read on pages; documents' own words (word lists, aliases of columns, samples) are another matter."""
    users = [
        name
        for name, text in text_files.items()
        if name.startswith("ecocloud/") and "/templates/" in name and name.endswith(".html") and other in text
    ]
    assert not users, f"{other} instead of {instead_of}"


# --- generated pages -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def generator(root):
    spec = importlib.util.spec_from_file_location("docs_generate", root / "docs/generate.py")
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["docs_generate"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["sources.md", "rights.md", "systems.csv"])
def test_generated_pages_are_up_to_date(root, generator, name):
    assert (root / "docs" / name).read_text("utf-8") == generator.PAGES[name](), "run: make docs"


def citations(node) -> list[str]:
    """Every ``citation`` anywhere in a data file."""
    if isinstance(node, list):
        return [found for child in node for found in citations(child)]
    if isinstance(node, dict):
        own = [str(node["citation"])] if node.get("citation") else []
        return own + [found for child in node.values() for found in citations(child)]
    return []


def test_every_citation_of_every_data_file_is_in_the_sources(root, pages):
    page = pages["docs/sources.md"]
    lacking, seen = [], 0
    for path in sorted((root / "ecocloud").rglob("*.yaml")):
        if "data" not in path.parts:
            continue
        name = path.relative_to(root).as_posix()
        assert f"`{name}`" in page, f"{name} is missing; run: make docs"
        section = page.partition(f"### `{name}`")[2].partition("\n### ")[0]
        for citation in citations(yaml.safe_load(path.read_text("utf-8"))):
            seen += 1
            if " ".join(citation.split()).replace("|", "\\|") not in section:
                lacking.append(f"{name}: {citation}")
    assert seen > 200
    assert not lacking, "\n".join(lacking)


def test_marks_are_known(root, generator):
    known = set(re.findall(r"`([^`]+)`", generator._HEAD.partition("|---|")[2].partition("Not in YAML")[0])) | {""}
    used = {fact.mark for path in generator.data_files() for fact in generator.facts_of(path)}
    assert used - known == set()


def test_every_right_is_in_the_matrix(pages):
    from ecocloud.base.rooms import all_rooms

    for room in all_rooms():
        for right in room.permissions:
            assert f"`{right.code}`" in pages["docs/rights.md"]


# --- what the security page promises ---------------------------------------------------------------------------------


def test_files_named_in_the_security_page_exist(root, pages):
    named = re.findall(r"`((?:ecocloud|tests)/[\w/.]+\.(?:py|yaml))(?:::(\w+))?`", pages["docs/security.md"])
    assert len(named) >= 15
    wrong = [path for path, _ in named if not (root / path).exists()]
    wrong += [
        f"{path}::{test}"
        for path, test in named
        if test and (root / path).exists() and not re.search(rf"\b{test}\b", (root / path).read_text("utf-8"))
    ]
    assert not wrong, "\n".join(wrong)
