"""Two documents side by side: tasks kept, changed, new, dropped; targets raised or lowered; gaps. Pure.

``mode`` is "year" (an earlier document on the left, a later one on the right) or "level" (the higher plan on the left,
the local one on the right: what has no match there is a gap). Whether a target got stricter follows the good direction
of the indicator: for 逆向 indicators a lower number is stricter.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from ecocloud.intake.documents import wording
from ecocloud.intake.documents.consistency import identity
from ecocloud.intake.documents.findings_facts import Thresholds, comparison_facts
from ecocloud.intake.documents.stated import Amount, Stated, plain
from ecocloud.kernel.evidence import linking

Mode = Literal["year", "level"]
MODES: tuple[Mode, ...] = ("year", "level")
TASK_STATES = ("changed", "new", "dropped", "kept")
TARGET_STATES = ("raised", "lowered", "changed_value", "new", "dropped", "same")
_UNIT_TAIL = re.compile(r"^[省市县区]")


@dataclass(frozen=True)
class TaskPair:
    """A row of the comparison of tasks: ``left`` and ``right`` are payloads (one may be None), ``alike`` 0 to 1,
    ``differences`` what changed (文字, 数字, 期限, 单位), ``near`` the closest task of the other side."""

    state: str
    left: Mapping[str, Any] | None
    right: Mapping[str, Any] | None
    alike: float = 0.0
    differences: tuple[str, ...] = ()
    near: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class TargetPair:
    """A row of the comparison of targets: the two amounts and how the right one stands to the left one."""

    state: str
    left: Amount | None
    right: Amount | None
    difference: str = ""
    good: str = "none"


@dataclass(frozen=True)
class Comparison:
    """The result; ``gaps`` are the tasks of a higher plan without a local one (only in mode "level")."""

    mode: Mode
    left: Stated
    right: Stated
    tasks: tuple[TaskPair, ...]
    targets: tuple[TargetPair, ...]
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def gaps(self) -> tuple[TaskPair, ...]:
        """缺口清单."""
        return tuple(row for row in self.tasks if row.state == "dropped") if self.mode == "level" else ()


@dataclass(frozen=True)
class _Task:
    title: Counter[str]
    words: Counter[str]
    both: Counter[str]
    units: frozenset[str]
    heads: Counter[str]


def compare(left: Stated, right: Stated, mode: Mode = "year") -> Comparison:
    """Compare two documents; see the module text for the meaning of the sides."""
    tasks = _tasks(left, right, mode)
    targets = _targets(left, right)
    counts = {f"tasks_{state}": sum(row.state == state for row in tasks) for state in TASK_STATES}
    counts |= {f"targets_{state}": sum(row.state == state for row in targets) for state in TARGET_STATES}
    return Comparison(mode, left, right, tuple(tasks), tuple(targets), counts)


# -- tasks -------------------------------------------------------------------------------------------------------------


def _tasks(left: Stated, right: Stated, mode: Mode) -> list[TaskPair]:
    limits = comparison_facts().levels if mode == "level" else comparison_facts().years
    one, two = _prepared(left, mode), _prepared(right, mode)
    scored = _scores(one, two)
    pairs = _assign(scored, float(limits.match))
    taken, best = set(pairs.values()), _best(scored)
    rows = [_matched(left.tasks[a], right.tasks[pairs[a]], scored[a, pairs[a]], mode) if a in pairs
            else TaskPair("dropped", left.tasks[a], None, near=_near(best, a, right, limits))
            for a in range(len(left.tasks))]  # fmt: skip
    back = _best({(b, a): score for (a, b), score in scored.items()})
    rows += [TaskPair("new", None, right.tasks[b], near=_near(back, b, left, limits))
             for b in range(len(right.tasks)) if b not in taken]  # fmt: skip
    return rows


def _prepared(stated: Stated, mode: Mode) -> list[_Task]:
    facts = comparison_facts()
    words = facts.levels_words if mode == "level" else ()
    year = _year(stated)
    made = []
    for task in stated.tasks:
        title = wording.pairs(wording.tidy(str(task.get("title") or ""), words, year))
        text = wording.tidy(_body(task), words, year)[: facts.compared_characters]
        heads = [str(head) for head in (task.get("heading_titles") or [])[:-1]]
        names = frozenset(_unit_name(unit["name"], mode) for unit in task.get("units") or ())
        bag = wording.pairs(text)
        made.append(_Task(title, bag, title + bag, names, wording.pairs(wording.tidy("".join(heads), words, year))))
    return made


def _body(task: Mapping[str, Any]) -> str:
    """The text of a task without its list of units, which is compared by itself."""
    text, start = str(task.get("quote") or ""), int(task.get("start") or 0)
    for unit in sorted(task.get("units") or (), key=lambda u: -u["start"]):
        text = text[: max(0, unit["start"] - start)] + text[max(0, unit["end"] - start) :]
    return text


def _unit_name(name: str, mode: Mode) -> str:
    return _UNIT_TAIL.sub("", name) if mode == "level" else name


def _year(stated: Stated) -> int | None:
    found = re.fullmatch(r"\d{4}", str(stated.document.get("plan_year") or ""))
    return int(found.group()) if found else None


def _scores(one: Sequence[_Task], two: Sequence[_Task]) -> dict[tuple[int, int], float]:
    weights = comparison_facts().weights
    title, words, units, path = (float(w) for w in (weights.title, weights.words, weights.units, weights.path))
    scores = {}
    for a, near in enumerate(wording.candidates([t.both for t in one], [t.both for t in two])):
        for b in near:
            x, y = one[a], two[b]
            named = len(x.units & y.units) / len(x.units | y.units) if x.units or y.units else 0.0
            scores[a, b] = (
                title * wording.likeness(x.title, y.title) + words * wording.likeness(x.words, y.words)
                + units * named + path * wording.likeness(x.heads, y.heads)
            )  # fmt: skip
    return scores


def _assign(scores: Mapping[tuple[int, int], float], least: float) -> dict[int, int]:
    """Each task at most once, the most alike first."""
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for (a, b), score in sorted(scores.items(), key=lambda item: (-item[1], item[0])):
        if score >= least and a not in pairs and b not in taken:
            pairs[a] = b
            taken.add(b)
    return pairs


def _best(scores: Mapping[tuple[int, int], float]) -> dict[int, tuple[float, int]]:
    """For each task the most alike one of the other side."""
    found: dict[int, tuple[float, int]] = {}
    for (a, b), score in scores.items():
        found[a] = max(found.get(a, (0.0, -1)), (score, b))
    return found


def _near(best: Mapping[int, tuple[float, int]], at: int, other: Stated, limits: Thresholds) -> Any:
    score, found = best.get(at, (0.0, -1))
    return other.tasks[found] if score >= float(limits.near) else None


def _matched(left: Mapping[str, Any], right: Mapping[str, Any], alike: float, mode: Mode) -> TaskPair:
    return _covered(left, right, alike) if mode == "level" else _pair(left, right, alike, comparison_facts().years)


def _pair(left: Mapping[str, Any], right: Mapping[str, Any], alike: float, limits: Thresholds) -> TaskPair:
    differences = []
    if wording.numbers(_body(left)) != wording.numbers(_body(right)):
        differences.append("数字")
    if _month_days(left) != _month_days(right):
        differences.append("期限")
    if {u["name"] for u in left.get("units") or ()} != {u["name"] for u in right.get("units") or ()}:
        differences.append("单位")
    same = wording.likeness(*(wording.pairs(wording.tidy(_body(task))) for task in (left, right)))
    if same < float(limits.kept):
        differences.insert(0, "文字")
    return TaskPair("changed" if differences else "kept", left, right, alike, tuple(differences))


def _covered(left: Mapping[str, Any], right: Mapping[str, Any], alike: float) -> TaskPair:
    """A clause of a higher plan with its local task: only a later or missing time limit is a difference."""
    asked = max((str(x.get("date") or "") for x in left.get("deadlines") or ()), default="")
    given = max((str(x.get("date") or "") for x in right.get("deadlines") or ()), default="")
    late = bool(asked) and (not given or given > asked)
    return TaskPair("kept", left, right, alike, ("期限",) if late else ())


def _month_days(task: Mapping[str, Any]) -> set[str]:
    """The time limits without their year: the end of September stays the end of September a year later."""
    return {str(limit.get("date"))[5:] for limit in task.get("deadlines") or () if limit.get("date")}


# -- targets -----------------------------------------------------------------------------------------------------------


def _targets(left: Stated, right: Stated) -> list[TargetPair]:
    one, two = _stated_targets(left), _stated_targets(right)
    rows, taken = [], set()
    for amount in one:
        at = _partner(amount, two, taken)
        if at is None:
            rows.append(TargetPair("dropped", amount, None, good=amount.good))
            continue
        taken.add(at)
        rows.append(_target_pair(amount, two[at]))
    return rows + [TargetPair("new", None, a, good=a.good) for at, a in enumerate(two) if at not in taken]


def _stated_targets(stated: Stated) -> list[Amount]:
    """Each target of the document once (changes like 下降2.8% are targets of their own)."""
    off = {"rank", "definition", "spec", "scope_size", "difference"}
    found: dict[tuple, Amount] = {}
    for one in stated.amounts:
        if one.is_target and not off & one.tags and one.name and one.unit:
            found.setdefault((identity(one), _is_change(one), one.dimension, one.region), one)
    return list(found.values())


def _is_change(amount: Amount) -> bool:
    return bool({"change", "change_yoy"} & amount.tags)


def _partner(amount: Amount, rows: Sequence[Amount], taken: set[int]) -> int | None:
    least = float(comparison_facts().figure_near)
    best, found = 0.0, None
    for at, other in enumerate(rows):
        if at in taken or other.dimension != amount.dimension or _is_change(amount) != _is_change(other):
            continue
        if amount.code and other.code:
            alike = 1.0 if amount.code == other.code else 0.0
        else:
            alike = linking.similarity(amount.name, other.name)
        if alike >= least and alike > best:
            best, found = alike, at
    return found


def _target_pair(left: Amount, right: Amount) -> TargetPair:
    good = left.good if left.good != "none" else right.good
    if _is_change(left) and "down" in (str(left.comparison.get("direction")), str(right.comparison.get("direction"))):
        good = "up"  # 下降2.8%: a greater fall is stricter
    gap = right.size - left.size
    scale = right.size / right.value if right.value else Decimal(1)
    sign = "+" if gap > 0 else ""
    unit = "个百分点" if right.unit == "%" else right.unit
    words = f"{sign}{plain((gap / scale).normalize())}{unit}" if gap else ""
    if gap == 0:
        return TargetPair("same", left, right, "", good)
    if good == "none":
        # More of a task (trees planted, sites repaired) asks for more; only the bound tells when there is one.
        good = "down" if "upper_bound" in right.tags else "up" if {"lower_bound", "count_of"} & right.tags else "none"
    if good == "none":
        return TargetPair("changed_value", left, right, words, good)
    return TargetPair("raised" if (gap > 0) == (good == "up") else "lowered", left, right, words, good)
