"""Sources that are no record of another room: the demonstration workbook and the published report of the sample site.

What a source is comes from ``data/sample.yaml``; which values were taken from it is read from the tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from ecocloud.kernel.evidence import queries, sample
from ecocloud.kernel.evidence.models import Observation, Target
from ecocloud.kernel.journal.refs import Ref

DEMO, PUBLIC = "demo", "public"


@dataclass(frozen=True)
class SourceCard:
    """What a source is.

    ``facts`` are pairs of label and text; ``place`` names the row or figure a reference points at; ``is_demo`` tells
    made-up values from published ones.
    """

    kind: str
    key: str
    title: str
    is_demo: bool
    note: str
    facts: tuple[tuple[str, str], ...]
    place: str = ""

    @property
    def prefix(self) -> str:
        """The beginning of the references into this source."""
        return f"{self.kind}:{self.key}#"


def place_words(fragment: str) -> str:
    """``row-12`` as 第 12 行, ``figure-3`` as 第 3 个数据, ``target-2`` as 第 2 个目标; '' for anything else."""
    what, _dash, number = fragment.partition("-")
    words = {"row": _("第 %(n)s 行"), "figure": _("第 %(n)s 个数据"), "target": _("第 %(n)s 个目标")}
    return words[what] % {"n": int(number)} if what in words and number.isdecimal() else ""


def card(kind: str, key: str, fragment: str = "") -> SourceCard | None:
    """What ``kind:key`` is; None when the sample site has no such source."""
    if kind == DEMO:
        return _workbook(key, fragment)
    return _publication(key, fragment) if kind == PUBLIC else None


def _workbook(key: str, fragment: str) -> SourceCard | None:
    book = sample.sample_file().demo
    sheet = next((sheet for sheet in book.sheets if sheet.key == key), None)
    if sheet is None:
        return None
    place = place_words(fragment)
    facts = [(_("工作簿"), book.title), (_("工作表"), sheet.name)]
    if place:
        facts.append((_("位置"), place))
    return SourceCard(DEMO, key, book.title, True, book.note, tuple(facts), place)


def _publication(key: str, fragment: str) -> SourceCard | None:
    report = sample.sample_file().public
    if report.key != key:
        return None
    place = place_words(fragment)
    facts = [(_("题名"), report.title), (_("发布单位"), report.publisher), (_("发布日期"), str(report.published)),
             (_("引用格式"), report.citation)]  # fmt: skip
    if place:
        facts.append((_("位置"), place))
    note = _("数字摘自公开报告，原文以发布单位为准。")
    return SourceCard(PUBLIC, key, report.title, False, note, tuple(facts), place)


def url(ref: Ref) -> str:
    """The page of a source, with the place in it."""
    address = reverse("evidence:source", args=[ref.kind, ref.key])
    return f"{address}?{urlencode({'place': ref.fragment})}" if ref.fragment else address


def values_from(viewer: Any, source: SourceCard) -> QuerySet[Observation]:
    """The values taken from a source, as far as the person may see them."""
    return queries.observations(viewer).filter(source__startswith=source.prefix)


def targets_from(viewer: Any, source: SourceCard) -> QuerySet[Target]:
    """The targets taken from a source, as far as the person may see them."""
    return queries.targets(viewer).filter(document__startswith=source.prefix)
