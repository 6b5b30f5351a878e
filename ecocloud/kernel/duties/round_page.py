"""What the pages of a dispatch round show: states, units, the rows of the fill form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Max

from ecocloud.base.errors import EcoError
from ecocloud.kernel.duties import figures, queries, showing
from ecocloud.kernel.duties.errors import Invalid
from ecocloud.kernel.duties.models import Round, RoundReport
from ecocloud.kernel.duties.services.drafts import FILLABLE, Entry
from ecocloud.kernel.regions.models import Department, User

State = RoundReport.State
OWING = (State.OWED, State.RETURNED)


def state_words() -> list[tuple[str, str]]:
    """The states of a report with their names."""
    return [(value, showing.said(label)) for value, label in State.choices]


class NoUnit(EcoError):
    """The person belongs to no unit and named none."""

    code = "duties.no_unit"
    http_status = 422

    def __init__(self) -> None:
        super().__init__(
            "您的账号未挂单位，不能填报。", "the person has no department", remedy_zh="请联系系统管理员维护您的单位。"
        )


def no_file() -> Invalid:
    """Nothing was uploaded."""
    return Invalid("没有选择文件。", "no file", where={"字段": "文件"}, remedy_zh="请选择填好的 .xlsx 填报表。")


@dataclass
class UnitLine:
    """One unit in a round: how many of its reports stand where."""

    department_id: int
    name: str
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(State.values, 0))
    reminded_at: Any = None

    @property
    def all(self) -> int:
        """All reports of the unit."""
        return sum(self.counts.values())

    @property
    def owing(self) -> int:
        """Reports not sent or returned."""
        return self.counts[State.OWED] + self.counts[State.RETURNED]

    @property
    def sent(self) -> int:
        """Reports that wait for the check."""
        return self.counts[State.SUBMITTED]

    @property
    def accepted(self) -> int:
        """Reports accepted or locked."""
        return self.counts[State.ACCEPTED] + self.counts[State.LOCKED]


def unit_lines(viewer: User, row: Round) -> list[UnitLine]:
    """The units of a round in the order of units (no ranking), as far as the viewer sees them: one query."""
    rows = queries.reports(viewer, row).select_related(None).order_by()
    rows = rows.values_list("department_id", "department__name", "department__order", "state")
    table: dict[int, tuple[int, UnitLine]] = {}
    for unit, name, order, state, n, reminded in rows.annotate(n=Count("pk"), told=Max("reminded_at")):
        place = table.setdefault(unit, (order, UnitLine(unit, name)))[1]
        place.counts[state] = n
        if reminded and (place.reminded_at is None or reminded > place.reminded_at):
            place.reminded_at = reminded
    return [line for _order, line in sorted(table.values(), key=lambda pair: (pair[0], pair[1].department_id))]


def totals(lines: Sequence[UnitLine]) -> dict[str, int]:
    """Reports of a round by state."""
    return {state: sum(line.counts[state] for line in lines) for state in State.values}


def counts_of(viewer: User, rows: Sequence[Round]) -> dict[int, dict[str, int]]:
    """For each round its reports by state, as far as the viewer sees them: one query."""
    view = queries.view_of(viewer)
    found = RoundReport.objects.filter(round__in=[row.pk for row in rows])
    if not view.everything:
        found = found.filter(department_id__in=view.departments)
    table: dict[int, dict[str, int]] = {row.pk: dict.fromkeys(State.values, 0) for row in rows}
    for round_id, state, n in found.order_by().values_list("round_id", "state").annotate(n=Count("pk")):
        table[round_id][state] = n
    return table


@dataclass
class FillRow:
    """One row of the fill form, with what was typed and what is wrong with it."""

    report: RoundReport
    progress: str
    text: str
    problem: str
    figures: list[dict[str, Any]]
    error: str = ""

    @property
    def editable(self) -> bool:
        """Whether the row may still be changed."""
        return self.report.state in FILLABLE

    @property
    def state_label(self) -> str:
        """The report's state."""
        return showing.said(State(self.report.state).label)


def unit_reports(viewer: User, row: Round, unit: Department) -> list[RoundReport]:
    """The reports of one unit in a round with their items."""
    rows = queries.reports(viewer, row).filter(department=unit).select_related("item", "department", "round")
    found = list(rows.order_by("item__due", "item_id"))
    showing.show([report.item for report in found])
    return found


def fill_rows(viewer: User, reports: Sequence[RoundReport], period: str) -> list[FillRow]:
    """The rows prefilled with what was kept, else with the item's progress and the values held already."""
    asked = figures.asked(viewer, reports, period)
    rows = []
    for report in reports:
        progress = report.item.progress if report.progress is None else report.progress
        boxes = [_box(report, one) for one in asked[report.pk]]
        rows.append(FillRow(report, showing.percent(progress), report.text, report.problem, boxes))
    return rows


def _box(report: RoundReport, one: figures.Asked) -> dict[str, Any]:
    """An input of the form; what is held already is shown with its source instead of asked again."""
    held = one.held is not None
    return {
        "name": f"figure-{report.pk}-{one.ref}", "ref": one.ref, "label": one.label, "unit": one.unit, "held": held,
        "value": one.held_text if held else str(report.figures.get(one.ref, "")), "source": one.source if held else "",
        "state": showing.said(one.held.get_status_display()) if held else "",
    }  # fmt: skip


def told_figures(viewer: User, reports: Sequence[RoundReport], period: str) -> None:
    """Give each report ``told``: its figures with label, unit and, once they stand, their source."""
    asked = figures.asked(viewer, reports, period, told_only=True)
    for report in reports:
        report.told = [
            {"label": one.label, "value": report.figures[one.ref], "unit": one.unit, "source": one.source}
            for one in asked[report.pk]
            if one.ref in report.figures
        ]


def typed(rows: Sequence[FillRow], data: Mapping[str, str]) -> list[Entry]:
    """What a post of the fill form says, for the rows that may be changed; the rows keep it for showing again."""
    entries = []
    for row in rows:
        pk = row.report.pk
        if not row.editable or f"version-{pk}" not in data:
            continue
        row.progress = data.get(f"progress-{pk}", "").strip().rstrip("%％")
        row.text, row.problem = data.get(f"text-{pk}", "").strip(), data.get(f"problem-{pk}", "").strip()
        open_boxes = [box for box in row.figures if not box["held"]]
        for box in open_boxes:
            box["value"] = data.get(box["name"], "").strip()
        version = data[f"version-{pk}"]
        told = {box["ref"]: box["value"] for box in open_boxes if box["value"]}
        number = int(version) if version.isdigit() else row.report.version
        entries.append(Entry(row.report, number, row.progress or None, row.text, row.problem, told))
    return entries
