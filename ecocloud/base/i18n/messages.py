"""Find the texts of the package and those without English."""

from __future__ import annotations

import ast
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import yaml
from babel.messages.extract import extract

from ecocloud.base.i18n.catalogues import PACKAGE, catalogue_files, read_catalogue

_KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3), "npgettext_lazy": ((1, "c"), 2, 3),
}  # fmt: skip
_SKIPPED_FOLDERS = {"static", "migrations", "node_modules", "__pycache__", "locale"}


@dataclass(frozen=True, order=True)
class Message:
    """A text in the code: ``room`` (``base/units``), ``file`` relative to the package, ``line``, msgid, context."""

    room: str
    file: str
    line: int
    msgid: str
    plural: str = ""
    context: str = ""


def room_of(relative: Path) -> str:
    """The room of a file: ``base/units/x.py`` -> ``base/units``, ``web/x.py`` -> ``web``, ``cli.py`` -> ""."""
    parts = relative.parts[:-1]
    return "/".join(parts[:1] if parts[:1] == ("web",) else parts[:2])


def extract_messages(package: Path = PACKAGE) -> list[Message]:
    """Every translatable text in the Python files and templates of the package, in order of place."""
    return sorted({message for path in _sources(package) for message in _extract(path, path.relative_to(package))})


def _sources(package: Path) -> Iterator[Path]:
    for pattern in ("*.py", "*.html", "*.txt"):
        for path in package.rglob(pattern):
            inside = path.relative_to(package).parts
            if _SKIPPED_FOLDERS.intersection(inside) or (path.suffix == ".txt" and "templates" not in inside):
                continue
            yield path


def _extract(path: Path, relative: Path) -> Iterator[Message]:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        if not any(mark in text for mark in ("trans", "_(")):
            return
        from django.utils.translation.template import templatize  # needs no settings

        text = templatize(text, origin=str(relative))
    found = extract("python", io.BytesIO(text.encode("utf-8")), keywords=_KEYWORDS, options={"encoding": "utf-8"})
    for line, ids, _comments, context in found:
        texts = ids if isinstance(ids, tuple) else (ids,)
        if texts[0]:
            yield Message(
                room=room_of(relative),
                file=relative.as_posix(),
                line=line,
                msgid=texts[0],
                plural=texts[1] if len(texts) > 1 else "",
                context=context or "",
            )


def translated(package: Path = PACKAGE, language: str = "en") -> set[tuple[str, str]]:
    """(context, msgid) of everything that has a translation in some catalogue of the package."""
    known = set()
    for path in catalogue_files(package):
        if path.parent.parent.name != language:
            continue
        for message in read_catalogue(path):
            texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
            if message.id and not message.fuzzy and all(texts):
                first = message.id[0] if isinstance(message.id, tuple | list) else message.id
                known.add((message.context or "", first))
    return known


def missing_translations(
    package: Path = PACKAGE, rooms: Iterable[str] | None = None, language: str = "en"
) -> dict[str, list[Message]]:
    """Room -> texts without a translation; only ``rooms`` when given. Rooms with nothing missing are not in it."""
    wanted, known = None if rooms is None else set(rooms), translated(package, language)
    missing: dict[str, list[Message]] = {}
    for message in extract_messages(package):
        if (wanted is None or message.room in wanted) and (message.context, message.msgid) not in known:
            missing.setdefault(message.room, []).append(message)
    return missing


def complete_rooms() -> tuple[str, ...]:
    """The rooms that promise to have every text in English (``data/complete.yaml``)."""
    text = (files(__package__) / "data" / "complete.yaml").read_text(encoding="utf-8")
    return tuple(yaml.safe_load(text)["rooms"])


def unreadable_calls(package: Path = PACKAGE) -> list[tuple[str, int]]:
    """(file, line) of calls like ``_(f"…")`` or ``_(name)`` in Python files: their text cannot be extracted."""
    found = []
    for path in _sources(package):
        if path.suffix != ".py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in _KEYWORDS
                and node.args
            ):
                first = node.args[0]
                if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
                    found.append((path.relative_to(package).as_posix(), node.lineno))
    return sorted(found)


def skeleton(messages: Iterable[Message]) -> str:
    """The messages as ``.po`` entries without translations, each text once."""
    blocks, seen = [], set()
    for message in messages:
        if (message.context, message.msgid) in seen:
            continue
        seen.add((message.context, message.msgid))
        lines = [f"#: {message.file}:{message.line}"]
        if message.context:
            lines.append(f"msgctxt {_quoted(message.context)}")
        lines.append(f"msgid {_quoted(message.msgid)}")
        if message.plural:
            lines += [f"msgid_plural {_quoted(message.plural)}", 'msgstr[0] ""', 'msgstr[1] ""']
        else:
            lines.append('msgstr ""')
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + ("\n" if blocks else "")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'
