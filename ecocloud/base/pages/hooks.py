"""Where upper floors hang what this floor may not know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Source:
    """A source as a chip shows it.

    Parameters
    ----------
    label: the place in words, for example ``第 17 段 第 3 句``.
    url: where the source opens; empty when the viewer may not open it.
    title: longer text: the title of the document or record.
    """

    label: str
    url: str = ""
    title: str = ""


RefResolver = Callable[[str, Any], "Source | None"]
_resolver: RefResolver | None = None


def set_ref_resolver(resolver: RefResolver | None) -> None:
    """Register ``resolver(ref_text, viewer) -> Source | None``; the shell calls this once at start."""
    global _resolver
    _resolver = resolver


def resolve_ref(ref: str, viewer: Any) -> Source | None:
    """The source behind ``ref`` for ``viewer``; None without a resolver or when the record is unknown."""
    if not ref or _resolver is None:
        return None
    return _resolver(ref, viewer)


KindWord = Callable[[str], str]
_kind_word: KindWord | None = None


def set_kind_word(word: KindWord | None) -> None:
    """Register ``word(kind) -> str``: what records of a kind of reference are called in the language of the page."""
    global _kind_word
    _kind_word = word


def kind_word(ref: str) -> str:
    """What the record behind ``ref`` is called (数据, 文件); the reference itself where nobody knows."""
    kind, _colon, _key = ref.partition(":")
    return (_kind_word(kind) if _kind_word else "") or ref


ExportRecorder = Callable[[Any, str, str, int, str], None]
_export_recorder: ExportRecorder | None = None


def set_export_recorder(recorder: ExportRecorder | None) -> None:
    """Register ``recorder(request, list key, form, rows, query)``: who took how many rows of which list."""
    global _export_recorder
    _export_recorder = recorder


def record_export(request: Any, key: str, form: str, rows: int, query: str) -> None:
    """Have an export recorded; without a recorder nothing may leave."""
    if _export_recorder is None:
        raise RuntimeError("no export recorder is set: lists are not given out unrecorded")
    _export_recorder(request, key, form, rows, query)


# Names of the route that opens a reference's source, as the shell may mount it.
SOURCE_ROUTES = ("web:source",)
# Names of the routes that save and delete a view, as the shell may mount `pages.urls`: at the top or inside its own.
SAVE_VIEW_ROUTES = ("pages:save-view", "web:pages:save-view")
DELETE_VIEW_ROUTES = ("pages:delete-view", "web:pages:delete-view")
