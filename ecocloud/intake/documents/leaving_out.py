"""Reading a document as if it had never been seen: without the entries of the word lists that only it supports.

A word list is tuned on documents. To learn what the engine does with a document it was not tuned on, every entry that
occurs in that document and in no other one is taken out before the document is read, in an interpreter of its own
(the lists are compiled into patterns when the engine is imported).
"""

from __future__ import annotations

import multiprocessing
import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from ecocloud.intake.documents import lexicon

# Lists of the engine; the others in the folder belong to the review, the sample site and the scores.
NOT_LISTS = ("review", "sample", "scoring", "calibration")


def entries() -> set[str]:
    """All entries of the word lists of the engine: words, and patterns of rules."""
    found: set[str] = set()
    for path in sorted(resources.files("ecocloud.intake.documents").joinpath("data").iterdir(), key=lambda p: p.name):
        if path.name.endswith(".yaml") and path.name[:-5] not in NOT_LISTS:
            _collect(yaml.safe_load(path.read_text("utf-8")), found)
    return found


def _collect(node: Any, found: set[str]) -> None:
    if isinstance(node, dict):
        for value in node.values():
            _collect(value, found)
    elif isinstance(node, list):
        for item in node:
            word = lexicon.entry(item)
            if word is None or isinstance(item, dict):
                _collect(item, found)
            if word is not None:
                found.add(word)


def only_support(texts: Mapping[str, str]) -> dict[str, list[str]]:
    """By document, the entries that occur in it and in no other one (``texts``: half-width text by document)."""
    out: dict[str, list[str]] = {doc: [] for doc in texts}
    for word in sorted(entries()):
        where = [doc for doc, text in texts.items() if _occurs(word, text)]
        if len(where) == 1:
            out[where[0]].append(word)
    return out


def _occurs(word: str, text: str) -> bool:
    if word in text:
        return True
    if not set(word) & set("()[]?|\\"):
        return False
    try:
        return re.search(word, text) is not None
    except re.error:
        return False


def read_without(jobs: list[tuple[Path, list[str]]]) -> list[list[dict[str, Any]]]:
    """The document and the records of each file read without its words; a fresh interpreter per file, two at once."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(2, maxtasksperchild=1) as pool:
        return pool.starmap(_read, jobs, chunksize=1)


def _read(path: Path, words: list[str]) -> list[dict[str, Any]]:
    lexicon.leave_out(words)
    from ecocloud.intake.documents.read import read_document  # the engine compiles the lists while it is imported

    reading = read_document(path.read_bytes(), path.name)
    return [reading.document, *reading.records()]
