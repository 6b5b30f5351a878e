"""Compile ``.po`` to ``.mo`` with Babel; no gettext tools needed on the machine."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

from ecocloud.base.errors import EcoError

PACKAGE = Path(__file__).resolve().parents[2]
_LINE = re.compile(r'((msgid|msgid_plural|msgctxt|msgstr(\[\d\])?)\s+)?"(\\.|[^"\\])*"')
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sdf]|\{(\w*)[^{}]*\}|%%|%[sd]")


class CatalogueError(EcoError):
    """A catalogue cannot be compiled; ``where`` has the file and the line."""

    code = "i18n.catalogue"


def locale_paths(package: Path = PACKAGE) -> list[Path]:
    """Every ``locale`` folder inside ``package``, deeper rooms after their floor, for Django's LOCALE_PATHS."""
    found = []
    for folder, names, _files in os.walk(package):
        names[:] = [name for name in names if name not in ("static", "__pycache__", "node_modules")]
        if "locale" in names:
            names.remove("locale")
            found.append(Path(folder, "locale"))
    return sorted(found)


def catalogue_files(package: Path = PACKAGE) -> list[Path]:
    """Every ``.po`` file of the package."""
    return sorted(file for folder in locale_paths(package) for file in folder.glob("*/LC_MESSAGES/*.po"))


def read_catalogue(path: Path) -> Catalog:
    """A checked catalogue. Raises :class:`CatalogueError` for a syntax error or placeholders that do not match."""
    _check_lines(path)
    try:
        with path.open("rb") as source:
            catalogue = read_po(source, locale=path.parent.parent.name, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError, ValueError) as fault:
        line = getattr(fault, "lineno", None)
        where = {"file": str(path)} | ({"line": line + 1} if line is not None else {})
        raise CatalogueError("译文文件有误。", f"bad catalogue: {fault}", where=where) from fault
    for message in catalogue:
        if not message.id or message.fuzzy:
            continue
        # translators may leave out the number in a singular, so plural forms are checked against the plural text
        ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
        texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
        wanted = _placeholders(ids[-1])
        for text in filter(None, texts):
            if _placeholders(text) != wanted and not (len(ids) > 1 and _placeholders(text) <= wanted):
                raise CatalogueError(
                    f"译文“{text}”的占位符与原文“{ids[-1]}”不一致。",
                    f"placeholders differ: {ids[-1]!r} -> {text!r}",
                    where={"file": str(path), "line": message.lineno},
                    value=text,
                    remedy_zh=f"应含 {'、'.join(sorted(wanted)) or '无占位符'}。",
                )
    return catalogue


def _check_lines(path: Path) -> None:
    """Babel reads a line without its closing quote and drops a letter; refuse it."""
    for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#") and not _LINE.fullmatch(line.strip()):
            raise CatalogueError(
                "译文文件有一行写法不对。",
                "not a .po line",
                where={"file": str(path), "line": number},
                value=line.strip(),
            )


def _placeholders(text: str) -> set[str]:
    return {match[0] for match in _PLACEHOLDER.finditer(text) if match[0] != "%%"}


def compile_catalogs(package: Path = PACKAGE, *, force: bool = False) -> list[Path]:
    """Compile every ``.po`` newer than its ``.mo`` (all with ``force``); returns the ``.mo`` files written.

    Empty translations and fuzzy entries are left out, so that Django falls back to the Chinese text. Raises
    :class:`CatalogueError` for the first wrong catalogue; files written before it stay, its old ``.mo`` too.
    """
    written = []
    for source in catalogue_files(package):
        target = source.with_suffix(".mo")
        if not force and target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        catalogue = read_catalogue(source)
        handle, temporary = tempfile.mkstemp(dir=target.parent, suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as output:
                write_mo(output, catalogue)
            Path(temporary).chmod(0o644)
            os.replace(temporary, target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        written.append(target)
    return written
