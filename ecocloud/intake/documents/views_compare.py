"""Pages of 任务分解表, 目标指标表 and the comparison of two documents, and the same as files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.intake.documents import comparison, decided, finding_queries, papers, queries, services
from ecocloud.intake.documents.comparison import Comparison
from ecocloud.intake.documents.models import Document
from ecocloud.intake.documents.views import english


def _download(made: papers.Paper) -> HttpResponse:
    response = HttpResponse(made.content, content_type=made.kind)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(made.name)}"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _scope(everything: bool) -> str:
    return "全部记录" if everything else "已接受的记录"


def _head(request: HttpRequest, title: str, source: str, scope: str) -> papers.Head:
    return papers.Head(title, source, scope, request.user.name, timezone.localtime())


def tables(request: HttpRequest, pk: int) -> HttpResponse:
    """任务分解表 and 目标指标表 of a document: accepted records, or all of them by choice."""
    document = queries.document_for(request.user, pk, text=False)
    everything = request.GET.get("all") == "1"
    rows = decided.table_rows(document, everything=everything)
    context = {"document": document, "all": everything, "tasks": rows["tasks"], "targets": rows["targets"],
               "forms": papers.FORMS}  # fmt: skip
    return render(request, "documents/tables.html", context)


def table_file(request: HttpRequest, pk: int, which: str, form: str) -> HttpResponse:
    """One of the tables as .xlsx or .docx; taking it is recorded."""
    if which not in papers.SPECS or form not in papers.FORMS:
        raise Http404
    document = queries.document_for(request.user, pk, text=False)
    everything = request.GET.get("all") == "1"
    rows = decided.table_rows(document, everything=everything)[which]
    source = f"{document.number or document.file.name}（{document.ref}）"
    made = papers.table(which, form, rows, _head(request, document.title, source, _scope(everything)))
    services.note_export(request.user, document.ref, f"{which}.{form}", made.rows, all=everything)
    return _download(made)


def _chosen(request: HttpRequest, name: str) -> Document | None:
    text = request.GET.get(name, "")
    return queries.document_for(request.user, int(text)) if text.isdigit() and len(text) < 10 else None


def _mode(request: HttpRequest) -> comparison.Mode:
    return "level" if request.GET.get("mode") == "level" else "year"


def compare(request: HttpRequest) -> HttpResponse:
    """Two documents side by side; the choice stands in the address."""
    left, right, mode = _chosen(request, "a"), _chosen(request, "b"), _mode(request)
    choices = [(row.pk, row.title) for row in finding_queries.comparable(request.user)[:300]]
    context: dict[str, Any] = {"left": left, "right": right, "mode": mode, "choices": choices, "forms": papers.FORMS,
                               "same": left is not None and left == right}  # fmt: skip
    if left is not None and right is not None and left != right:
        made = finding_queries.compared(left, right, mode)
        context |= _shown(made, left, right, request.GET.get("only", ""))
    elif right is not None:
        context["suggested"] = finding_queries.suggested(request.user, right)
    return render(request, "documents/compare.html", context)


_TONES = {"dropped": "bad", "gap": "bad", "lowered": "bad", "changed": "warn", "changed_value": "warn", "new": "act",
          "raised": "ok"}  # fmt: skip


_ORDER = ("gap", "dropped", "lowered", "raised", "changed", "changed_value", "new", "kept", "same")


def _shown(made: Comparison, left: Document, right: Document, only: str) -> dict[str, Any]:
    """What the template prints: rows with labels, spans, tones; counts in words."""
    sides = {"left": (left, finding_queries.placer(left)), "right": (right, finding_queries.placer(right))}

    def side(name: str, start: int, end: int, words: str, quote: str) -> dict[str, Any]:
        document, place = sides[name]
        return {"pk": document.pk, "at": f"{start}-{end}", "place": place(start, end), "words": words, "quote": quote}

    tasks, targets = [], []
    for pair in _wanted(made.tasks, "tasks", only):
        row = {name: side(name, task["start"], task["end"], task["title"], task["quote"]) if task else None
               for name, task in (("left", pair.left), ("right", pair.right))}  # fmt: skip
        state = "gap" if pair.state == "dropped" and made.mode == "level" else pair.state
        near_side = "right" if pair.right is None else "left"
        near = pair.near and side(near_side, pair.near["start"], pair.near["end"], pair.near["title"], "")
        words = "、".join(_difference(one) for one in pair.differences)
        tasks.append(row | {"state": state, "label": _label(state, made.mode), "tone": _TONES.get(state, ""),
                            "difference": words, "near": near})  # fmt: skip
    for pair in _wanted(made.targets, "targets", only):
        row = {name: side(name, one.first, one.last, papers.target_words(one), one.words) if one else None
               for name, one in (("left", pair.left), ("right", pair.right))}  # fmt: skip
        label, tone = _label(pair.state, made.mode), _TONES.get(pair.state, "")
        targets.append(row | {"state": pair.state, "label": label, "tone": tone, "difference": pair.difference,
                              "good": pair.good})  # fmt: skip
    # Below a higher plan what it asks for comes first, the office's own tasks last.
    tasks.sort(key=lambda row: (made.mode == "level" and row["state"] == "new", _ORDER.index(row["state"])))
    targets.sort(key=lambda row: (not (row["left"] and row["right"]), _ORDER.index(row["state"])))
    return {"tasks": tasks, "targets": targets, "made": made, "only": only, "tiles": _tiles(made, only)}


def _wanted(pairs: Sequence[Any], kind: str, only: str) -> list[Any]:
    """The rows of the tile that was chosen, all without one."""
    return [pair for pair in pairs if only in ("", f"{kind}_{pair.state}")]


def _label(state: str, mode: str) -> str:
    return papers.state_words(state, mode, english=english())


def _difference(word: str) -> str:
    return {"文字": _("文字"), "数字": _("数字"), "期限": _("期限"), "单位": _("责任单位")}[word]


def _tiles(made: Comparison, only: str) -> list[dict[str, Any]]:
    """The counts above the tables; each shows only its rows, the one that is chosen shows all again."""
    level = made.mode == "level"
    states = [("tasks", s) for s in ("dropped", "changed", "new", "kept") if not (level and s == "changed")]
    states += [("targets", s) for s in ("lowered", "raised", "same")]
    tiles = []
    for kind, state in states:
        label = _label("gap" if level and (kind, state) == ("tasks", "dropped") else state, made.mode)
        name = f"{kind}_{state}"
        tiles.append({"what": _("任务") if kind == "tasks" else _("目标"), "label": label, "n": made.counts[name],
                      "only": None if only == name else name, "current": only == name})  # fmt: skip
    return tiles


def compare_file(request: HttpRequest, form: str) -> HttpResponse:
    """The comparison of the address as .xlsx or .docx; taking it is recorded."""
    left, right = _chosen(request, "a"), _chosen(request, "b")
    if form not in papers.FORMS or left is None or right is None or left == right:
        raise Http404
    made = finding_queries.compared(left, right, _mode(request))
    places = {"left": finding_queries.placer(left), "right": finding_queries.placer(right)}
    source = f"左侧 {left.title}（{left.ref}）；右侧 {right.title}（{right.ref}）"
    paper = papers.compared(form, made, places, _head(request, right.title, source, "未被不采纳的记录"))
    services.note_export(request.user, right.ref, f"comparison.{form}", paper.rows, left=left.ref, mode=made.mode)
    return _download(paper)
