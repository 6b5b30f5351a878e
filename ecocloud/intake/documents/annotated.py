"""Documents that people annotated: folders of texts and ``{doc}.{kind}s.jsonl``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ecocloud.intake.documents.errors import AnnotationsUnreadable, refuse
from ecocloud.intake.documents.scoring import KINDS


@dataclass
class Annotated:
    """One document: its file, its records by people, the ranges in which these are complete, the name of its set."""

    doc: str
    path: Path
    part: str
    gold: list[dict[str, Any]] = field(default_factory=list)
    ranges: dict[str, Any] = field(default_factory=dict)


def load_set(folder: Path, texts: Iterable[Path] = ()) -> list[Annotated]:
    """The documents of an annotated folder, in order of their keys.

    Parameters
    ----------
    folder: holds the annotations (a kind without a file has no records), and the texts unless they lie in ``texts``.

    Raises :class:`AnnotationsUnreadable` for a missing file, broken JSON or a text that is not there.
    """
    try:
        ranges = json.loads((folder / "exhaustive.json").read_text("utf-8"))
        rows = _lines(folder / "documents.jsonl")
        out = {r["doc"]: Annotated(r["doc"], _text(folder, texts, r["file"]), folder.name, [], ranges.get(r["doc"], {}))
               for r in rows}  # fmt: skip
        for doc, item in sorted(out.items()):
            for kind in KINDS:
                path = folder / f"{doc}.{kind}s.jsonl"
                item.gold += _lines(path) if path.exists() else []
    except OSError as error:
        raise _unreadable(folder, str(error.filename or folder), error) from error
    except (ValueError, KeyError, TypeError) as error:
        raise _unreadable(folder, str(error), error) from error
    return [out[doc] for doc in sorted(out)]


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def _text(folder: Path, texts: Iterable[Path], name: str) -> Path:
    for place in (folder, *texts):
        if (place / name).is_file():
            return place / name
    raise _unreadable(folder, name, None)


def _unreadable(folder: Path, value: str, error: Exception | None) -> AnnotationsUnreadable:
    return refuse(
        AnnotationsUnreadable, str(folder), "标注读不出来。", f"annotations cannot be read: {error or 'no such text'}",
        value=value, remedy="标注文件夹要有 documents.jsonl、exhaustive.json、每份文件的四种 jsonl 和原文。",
    )  # fmt: skip
