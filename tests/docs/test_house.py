"""House rules that a machine can check: sizes, docstrings, identifiers, floors, what must not stand in a text file."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

MODULE_LINES, FUNCTION_LINES, IDENTIFIER = 600, 60, 30
# Reasoned exceptions: "path" or "path::function" -> why.
EXCEPTIONS: dict[str, str] = {}


@pytest.fixture(scope="session")
def modules(text_files) -> dict[str, ast.Module]:
    """Every module of the package without migrations."""
    return {
        name: ast.parse(text)
        for name, text in text_files.items()
        if name.startswith("ecocloud/") and name.endswith(".py") and "/migrations/" not in name
    }


def functions(tree: ast.AST):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_modules_have_at_most_600_lines(modules, text_files):
    long = {name: len(text_files[name].splitlines()) for name in modules}
    assert {name: n for name, n in long.items() if n > MODULE_LINES and name not in EXCEPTIONS} == {}


def test_functions_have_at_most_60_lines(modules):
    long = [
        f"{name}::{node.name} ({node.end_lineno - node.lineno + 1})"
        for name, tree in modules.items()
        for node in functions(tree)
        if node.end_lineno - node.lineno + 1 > FUNCTION_LINES and f"{name}::{node.name}" not in EXCEPTIONS
    ]
    assert not long, "\n".join(long)


def test_no_exception_is_left_over(modules, text_files):
    for key in EXCEPTIONS:
        name, _, function = key.partition("::")
        assert name in modules
        if function:
            lengths = [n.end_lineno - n.lineno + 1 for n in functions(modules[name]) if n.name == function]
            assert max(lengths) > FUNCTION_LINES
        else:
            assert len(text_files[name].splitlines()) > MODULE_LINES


def is_thin(name: str) -> bool:
    """Views, forms, descriptors and the like are named by their routes, labels and help texts."""
    return re.search(r"/(views\w*|forms|urls|apps|admin|route_samples|samples|sample\w*)\.py$", name) is not None


def test_public_functions_say_what_they_do(modules):
    silent = [
        f"{name}::{node.name}"
        for name, tree in modules.items()
        if not is_thin(name)
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert not silent, "\n".join(silent)


def test_every_module_says_what_it_is_for(modules):
    silent = [name for name, tree in modules.items() if tree.body and not ast.get_docstring(tree)]
    assert not silent, "\n".join(silent)


def test_no_module_is_named_utils(modules):
    assert [name for name in modules if re.search(r"/(utils?|helpers?|misc|common)(\.py|/)", name)] == []


def test_database_identifiers_fit_thirty_characters():
    """Some PostgreSQL-derived databases cut longer names; tables, columns, indexes, constraints, m2m tables."""
    from django.apps import apps

    found = {}
    for model in apps.get_models(include_auto_created=True):
        if not model.__module__.startswith("ecocloud"):
            continue
        meta = model._meta
        names = [meta.db_table, *(field.column for field in meta.local_fields)]
        names += [part.name for part in (*meta.indexes, *meta.constraints)]
        names += [field.m2m_db_table() for field in meta.local_many_to_many]
        found[meta.label] = [name for name in names if name]
        # Django names what it makes itself (keys, indexes of foreign keys, join tables) as short as a backend asks.
        assert meta.auto_created or not meta.unique_together, f"{meta.label}: name the constraint"
    assert len(found) > 20
    assert [f"{label}: {name}" for label, names in found.items() for name in names if len(name) > IDENTIFIER] == []


def test_floors_look_down_only(root):
    """The contracts of pyproject.toml, without an ignore list."""
    configuration = (root / "pyproject.toml").read_text("utf-8")
    assert "ignore_imports" not in configuration
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert re.search(r"Contracts: \d+ kept, 0 broken", done.stdout)


def test_the_reading_engine_needs_no_django(root):
    """``ecocloud read`` works without a database: what ``read.py`` imports, imports no Django."""
    code = "import sys, ecocloud.intake.documents.read; print([m for m in sys.modules if m.split('.')[0] == 'django'])"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr[-500:]


# Written so that this file does not find itself.
MACHINE_PATH = re.compile(r"(?<![\w.:/-])/(?:home|root|work|Users|mnt|srv)/\w")
UNFINISHED = re.compile(r"\b(?:TO{}|FIX{}|XX{})\b".format("DO", "ME", "X"))
REGISTRY = re.compile(r"(?:index-url|extra-index-url|_authToken|registry\s*=\s*http|trusted-host)", re.I)


@pytest.mark.parametrize(("what", "pattern"), [("a machine's path", MACHINE_PATH), ("an unfinished note", UNFINISHED)])
def test_text_files_hold_no(text_files, what, pattern):
    found = [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {match.group()}"
        for name, text in text_files.items()
        for match in pattern.finditer(text)
        if not name.endswith("package-lock.json")
    ]
    assert not found, f"{what}: " + "\n".join(found)


def test_text_files_name_no_package_registry(text_files):
    own = "tests/docs/test_house.py"
    found = [name for name, text in text_files.items() if name != own and REGISTRY.search(text)]
    assert [name for name in found if name != "docs/operations.md"] == []
    lock = text_files["assets/package-lock.json"]
    hosts = set(re.findall(r'"resolved": "https?://([^/"]+)', lock))
    assert hosts <= {"registry.npmjs.org"}
