"""任务分解表 and 目标指标表: the rows of a reading, each with its sentence and place. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ecocloud.intake.documents.stated import plain_value
from ecocloud.kernel.evidence import linking

_LEADS, _HELPS = ("牵头", "负责", "统筹协调", "督导"), ("配合",)
_DIRECTIONS = {"up": "正向", "down": "逆向", "none": "—"}
READ = "未经确认"


@dataclass(frozen=True)
class TaskRow:
    """One task: where it stands in the outline, what is to be done, by whom, until when, and its sentence."""

    number: int
    path: str
    heading: str
    title: str
    lead: str
    helpers: str
    due: str
    due_words: str
    targets: str
    sentence: str
    place: str
    ref: str
    state: str
    start: int
    end: int


@dataclass(frozen=True)
class TargetRow:
    """One target: indicator, bound, value, unit, direction, period, region, its task and its sentence."""

    number: int
    indicator: str
    code: str
    bound: str
    value: str
    unit: str
    direction: str
    period: str
    region: str
    sentence: str
    place: str
    ref: str
    state: str
    start: int
    end: int


def bound_of(tags: Iterable[str], direction: str | None = None) -> str:
    """不低于, 不高于, 下降 ..., 达到: how a value is meant."""
    found = set(tags)
    if {"change", "change_yoy"} & found and direction in ("up", "down"):
        return "上升" if direction == "up" else "下降"
    if "lower_bound" in found:
        return "不低于"
    return "不高于" if "upper_bound" in found else "达到"


def units_by_role(units: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """Lead (or responsible) units and cooperating units; where no role is written all are responsible."""
    lead = [u["name"] for u in units if u.get("role") not in _HELPS]
    marked = [u["name"] for u in units if u.get("role") == _LEADS[0]]
    helping = [u["name"] for u in units if u.get("role") in _HELPS]
    if marked:
        helping = [u["name"] for u in units if u["name"] not in marked]
        lead = marked
    return "、".join(dict.fromkeys(lead)), "、".join(dict.fromkeys(helping))


def task_rows(
    tasks: Sequence[Mapping[str, Any]], figures: Sequence[Mapping[str, Any]], place: Callable[[int, int], str]
) -> list[TaskRow]:
    """The rows of a reading: one for each task; ``place`` words a span."""
    by_id = {figure["id"]: figure for figure in figures}
    rows = []
    for number, task in enumerate(tasks, 1):
        lead, helpers = units_by_role(task.get("units") or ())
        limits = task.get("deadlines") or ()
        inside = [by_id[key] for key in task.get("targets") or () if key in by_id]
        rows.append(
            TaskRow(
                number, str(task.get("path") or ""), " / ".join((task.get("heading_titles") or [])[:-1]), task["title"],
                lead, helpers, max((str(x["date"]) for x in limits if x.get("date")), default=""),
                "；".join(dict.fromkeys(str(x.get("quote") or "") for x in limits)),
                "；".join(figure_words(f) for f in inside), task["quote"],
                task.get("place") or place(task["start"], task["end"]), f"{task['id']}#{task['start']}-{task['end']}",
                READ, task["start"], task["end"],
            )
        )  # fmt: skip
    return rows


def figure_words(figure: Mapping[str, Any]) -> str:
    """森林覆盖率不低于67.7%."""
    tags = figure.get("qualifier") or ()
    bound = bound_of(tags, figure.get("direction"))
    return f"{figure.get('indicator') or ''}{'' if bound == '达到' else bound}{amount_words(figure)}"


def amount_words(figure: Mapping[str, Any]) -> str:
    """Number and unit, or the words of the document where there is no single number."""
    if figure.get("value") is None:
        return str(figure.get("value_text") or figure.get("value_quote") or "")
    return f"{plain_value(figure['value'])}{figure.get('unit') or ''}"


def target_rows(figures: Sequence[Mapping[str, Any]], place: Callable[[int, int], str]) -> list[TargetRow]:
    """The rows of a reading: one for each figure that is a target."""
    rows = []
    for figure in figures:
        tags = figure.get("qualifier") or ()
        if "target" not in tags:
            continue
        value = plain_value(figure["value"]) if figure.get("value") is not None else amount_words(figure)
        rows.append(
            TargetRow(
                len(rows) + 1, str(figure.get("indicator") or ""), "", bound_of(tags, figure.get("direction")), value,
                str(figure.get("unit") or ""), direction_words(linking.guess_direction(str(figure.get("indicator")))),
                str(figure.get("period") or ""), str(figure.get("region") or ""), figure["quote"],
                figure.get("place") or place(figure["start"], figure["end"]),
                f"{figure['id']}#{figure['start']}-{figure['end']}", READ, figure["start"], figure["end"],
            )
        )  # fmt: skip
    return rows


def direction_words(direction: str) -> str:
    """正向, 逆向 or — ."""
    return _DIRECTIONS.get(direction, "—")
