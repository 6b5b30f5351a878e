"""The page of 倒算: what the days left of a year may bring for an area's targets of air; also as a file. Thin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from ecocloud.base.pages import hooks
from ecocloud.base.pages.exports import ExportColumn, export
from ecocloud.base.pages.listing import EXPORT_FORMS
from ecocloud.base.pages.speaking import is_english
from ecocloud.intake.monitoring.evaluation.rounding import half_even
from ecocloud.intake.monitoring.results import backcasting, showing
from ecocloud.intake.monitoring.results.backcasting import GOOD, PM25, Goal, Line, Outcome
from ecocloud.intake.monitoring.results.rules import Period
from ecocloud.kernel.evidence.queries import target_words

KEY = "monitoring.backcasting"


@dataclass(frozen=True)
class Figure:
    """A line of the file: what it is, its value, how it was reckoned, the result or target it rests on."""

    name: str
    value: Any
    unit: str
    how: str
    source: str


@dataclass(frozen=True)
class Sheet:
    """The figures as a list that can be taken away."""

    rows: tuple[Figure, ...]
    query_text: str

    @property
    def total(self) -> int:
        """How many."""
        return len(self.rows)

    def all_rows(self) -> Iterator[Figure]:
        """Every figure."""
        return iter(self.rows)


def page(request: HttpRequest) -> HttpResponseBase:
    """``?region=``, ``?year=``: the newest year of the first area by default; ``?export=xlsx`` or ``csv``."""
    viewer = request.user
    areas = backcasting.known(viewer)
    region = next((one for one in areas if one.pk == request.GET.get("region")), next(iter(areas), None))
    known = areas[region] if region else []
    year = next((one for one in known if str(one) == request.GET.get("year")), known[0] if known else None)
    found = backcasting.reckon(viewer, region, year) if region and year else None
    form = request.GET.get("export", "")
    if found is not None and form in EXPORT_FORMS:
        sheet = Sheet(tuple(_figures(found)), request.GET.urlencode())
        columns = [ExportColumn(_("项目"), "name"), ExportColumn(_("数值"), "value"), ExportColumn(_("单位"), "unit"),
                   ExportColumn(_("说明"), "how"), ExportColumn(_("依据"), "source")]  # fmt: skip
        return export(sheet, columns, _("空气质量目标倒算"), form=form,  # type: ignore[arg-type]
                      record=lambda rows, query: hooks.record_export(request, KEY, form, rows, query))  # fmt: skip
    context: dict[str, Any] = {"regions": areas, "region": region, "years": known, "year": year, "found": found}
    if found is not None:
        context |= {"mean": _mean(found), "days": _days(found), "lines": [_line(one) for one in found.lines],
                    "labels": showing.labels(found.row.facts),
                    "edition": showing.edition_word(found.row.kind, found.row.edition)}  # fmt: skip
    return render(request, "monitoring/backcasting.html", context)


def outlook_word(outlook: str) -> tuple[str, str]:
    """How it looks: word and style of its tag."""
    words = {"met": (_("已完成"), "ok"), "missed": (_("未完成"), "bad"), "possible": (_("尚可完成"), "act"),
             "secure": (_("已稳达"), "ok"), "impossible": (_("已无法完成"), "bad")}  # fmt: skip
    return words[outlook]


def _goal(goal: Goal) -> dict[str, Any]:
    said = target_words(goal.row)
    return {"words": said.en if is_english() else said.zh, "document": goal.row.document, "bound": _plain(goal.bound)}


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _mean(found: Outcome) -> dict[str, Any] | None:
    """The mean the days left may have, with the arithmetic."""
    goal, left = found.goals.get(PM25), found.mean
    if goal is None or left is None:
        return None
    word, tone = outlook_word(left.outlook)
    total = half_even(found.total, 1) if found.total is not None else Decimal(0)
    how = f"({_plain(goal.bound)} × {found.done + found.left} − {_plain(total)}) ÷ {found.left}" if found.left else ""
    return _goal(goal) | {"value": left.published, "strict": left.strict, "word": word, "tone": tone, "how": how,
                          "total": total}  # fmt: skip


def _days(found: Outcome) -> dict[str, Any] | None:
    """The polluted days the rest may have, with the arithmetic."""
    goal, left = found.goals.get(GOOD), found.days
    if goal is None or left is None:
        return None
    word, tone = outlook_word(left.outlook)
    how = _("全年 %(all)s 天中至少 %(need)s 天优良，已有 %(good)s 天") % {
        "all": found.valid + found.left, "need": found.good + (left.needed or 0), "good": found.good,
    } if found.left else ""  # fmt: skip
    over = -left.published if left.published is not None and left.published < 0 else 0
    return _goal(goal) | {"value": left.published, "strict": left.strict, "needed": left.needed, "over": over,
                          "word": word, "tone": tone, "how": how}  # fmt: skip


def _line(one: Line) -> dict[str, Any]:
    stands, period = one.stands, Period(one.row.span, one.row.start)
    change = stands.yearly.percent if one.code == PM25 else stands.yearly.change
    return {
        "name": _("PM2.5 平均浓度") if one.code == PM25 else _("优良天数比例"), "period": period.text,
        "unit": "μg/m³" if one.code == PM25 else "%", "points": one.code == GOOD, "row": one.row, "stands": stands,
        "before": one.before, "then": stands.yearly.before, "change": change, "behind": one.behind,
        "goal": _goal(one.goal) if one.goal else None, "open": not one.row.final,
    }  # fmt: skip


def _figures(found: Outcome) -> Iterator[Figure]:
    mean, days = _mean(found), _days(found)
    if mean is not None:
        yield Figure(_("PM2.5 年度目标"), mean["bound"], "μg/m³", mean["words"], mean["document"])
        yield Figure(_("剩余日均值上限（按公布值）"), mean["value"], "μg/m³", mean["how"], found.row.ref)
        yield Figure(_("剩余日均值上限（按目标值）"), mean["strict"], "μg/m³", mean["word"], found.row.ref)
    if days is not None:
        yield Figure(_("优良天数比例年度目标"), days["bound"], "%", days["words"], days["document"])
        yield Figure(_("还可有的污染天数（按公布值）"), days["value"], _("天"), days["how"], found.row.ref)
        yield Figure(_("还可有的污染天数（按目标值）"), days["strict"], _("天"), days["word"], found.row.ref)
    for line in map(_line, found.lines):
        name, stands, ref = f"{line['period']} {line['name']}", line["stands"], line["row"].ref
        yield Figure(name, stands.value, line["unit"], "", ref)
        yield Figure(f"{name} {_('与目标的差')}", stands.gap, line["unit"],
                     line["goal"]["words"] if line["goal"] else "", ref)  # fmt: skip
        yield Figure(f"{name} {_('去年同期')}", line["then"], line["unit"], "",
                     line["before"].ref if line["before"] else "")  # fmt: skip
        yield Figure(f"{name} {_('名次')}", stands.rank, "", f"/{stands.of}", ref)
