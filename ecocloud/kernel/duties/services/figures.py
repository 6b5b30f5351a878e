"""Figures of dispatch reports become observations when the report is accepted, and stop counting when it is returned.

Runs inside the transaction of the report: report, observations and journal change together or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ecocloud.base.periods import Period
from ecocloud.kernel.duties import figures as reading
from ecocloud.kernel.duties import lights
from ecocloud.kernel.duties.errors import Invalid, Refused
from ecocloud.kernel.duties.models import RoundReport
from ecocloud.kernel.evidence import guards
from ecocloud.kernel.evidence import services as evidence
from ecocloud.kernel.evidence.models import Observation
from ecocloud.kernel.journal.refs import RefError
from ecocloud.kernel.regions.models import User

_DECIMALS, _LIMIT = 6, Decimal(10) ** 12


class FigureHeld(Refused):
    """Another value of that indicator, region and period stands already, from another source."""

    code = "duties.figure_held"


def checked(report: RoundReport, figures: Mapping[str, Any], filler: User) -> dict[str, str]:
    """The figures in canonical form, blanks left out. Needs ``report`` with item, round and department.

    Raises Invalid (unknown indicator, no number, more than 6 decimals), EvidenceError (implausible), FigureHeld,
    Locked, and Forbidden when the values are outside the filler's reach.
    """
    given = {_canonical(text): str(value).strip() for text, value in figures.items() if str(value).strip()}
    meant = _meant(report, given)
    period = Period.parse(report.round.period)
    there = reading.held(meant.values(), period)
    for text, value in given.items():
        one = meant[text]
        number = _number(value, one)
        here = there.get(one.key)
        if here is not None and _same(here, number):
            continue
        if here is not None and not _own(here, report):
            raise _held(here, value)
        guards.unlocked(one.indicator, one.region, period)
        guards.within_reach(filler, evidence.FILL, one.region, report.department)
    return {text: lights.plain(_number(value, meant[text])) for text, value in given.items()}


def _canonical(text: str) -> str:
    try:
        return reading.canonical(text)
    except RefError as fault:
        raise _unknown(text) from fault


def _unknown(text: str) -> Invalid:
    return Invalid("没有这个指标。", "no such indicator", where={"字段": "本期数值"}, value=text,
                   remedy_zh="请在填报页按列出的指标填写。")  # fmt: skip


def _meant(report: RoundReport, given: Mapping[str, str], *, strict: bool = True) -> dict[str, reading.Meant]:
    known = reading.meanings(reading.readable(given))
    found: dict[str, reading.Meant] = {}
    for text in given:
        if text not in known:
            if strict:
                raise _unknown(text)
            continue
        indicator, region = known[text]
        found[text] = reading.Meant(indicator, region or report.item.region)
    return found


def _number(value: str, one: reading.Meant) -> Decimal:
    number = guards.number(value, one.indicator.zh)
    assert number is not None
    if abs(number) >= _LIMIT or -number.normalize().as_tuple().exponent > _DECIMALS:
        raise Invalid(f"“{value}”超出可记录的范围。", "number out of range", where={"指标": one.indicator.zh},
                      value=value, remedy_zh="小数不超过 6 位，绝对值小于一万亿。")  # fmt: skip
    guards.plausible(number, one.indicator, Observation.Qualifier.ACTUAL)
    return number


def _same(here: Observation, number: Decimal) -> bool:
    return here.value is not None and Decimal(here.value) == number


def _own(here: Observation, report: RoundReport) -> bool:
    return here.source == reading.source_ref(report, here.indicator)


def _held(here: Observation, value: str) -> FigureHeld:
    now = here.value_text if here.value is None else f"{lights.plain(Decimal(here.value))}{here.unit}"
    return FigureHeld(
        f"该指标本期已有{here.get_status_display()}值 {now}，与填报的 {value} 不同。",
        f"observation {here.pk} holds another value", value=value,
        where={"指标": here.indicator.zh, "时段": here.span.label_zh(), "来源": here.source},
        remedy_zh="如原值有误，请在“指标与目标”中更正并说明理由。",
    )  # fmt: skip


def take_in(checker: User, report: RoundReport) -> list[Observation]:
    """Record the figures of an accepted report and confirm them as the checker; what is held already stays.

    A value that the checker entered elsewhere stays in the queue of the reviewers.
    Returns the observations that stand for the report's figures. Raises as :func:`checked` and the evidence room do.
    """
    meant = _meant(report, report.figures)
    period = Period.parse(report.round.period)
    there = reading.held(meant.values(), period)
    kept: list[Observation] = []
    for text, one in sorted(meant.items()):
        value = report.figures[text]
        number, here = _number(value, one), there.get(one.key)
        if here is not None and not _same(here, number):
            raise _held(here, value)
        if here is None:
            here = evidence.record_observation(
                report.submitted_by, one.indicator, one.region, period, number, department=report.department,
                source=reading.source_ref(report, one.indicator), note=report.round.title, submitted=True,
            )  # fmt: skip
        if here.status == Observation.Status.SUBMITTED and here.entered_by_id != checker.pk:
            here = evidence.confirm(checker, here, opinion=report.remark)
        there[one.key] = here
        kept.append(here)
    return kept


def give_up(checker: User, report: RoundReport, reason: str) -> list[Observation]:
    """Take back what a returned report brought; a value that another accepted report states as well stays with it.

    Raises WrongState (locked, or corrected since) and Locked of the evidence room: the report cannot be returned then.
    """
    meant = _meant(report, report.figures, strict=False)
    there = reading.held(meant.values(), Period.parse(report.round.period))
    gone = [here for here in there.values() if here.is_standing and _own(here, report)]
    gone = [evidence.take_back(checker, here, reason=reason) for here in sorted(gone, key=lambda row: row.pk)]
    if gone:
        _hand_over(checker, report, {(row.indicator_id, row.region_id) for row in gone})
    return gone


def _hand_over(checker: User, report: RoundReport, keys: set[tuple[int, str]]) -> None:
    """The reports of the round whose items share a target with the returned one, and that state the same figures."""
    others = RoundReport.objects.filter(
        round=report.round, state=RoundReport.State.ACCEPTED, item__targets__target_ref__in=list(report.figures)
    ).exclude(pk=report.pk)
    for other in others.select_related("round", "item__region", "department").order_by("pk").distinct():
        meant = _meant(other, other.figures, strict=False)
        other.figures = {text: other.figures[text] for text, one in meant.items() if one.key in keys}
        if other.figures:
            take_in(checker, other)
