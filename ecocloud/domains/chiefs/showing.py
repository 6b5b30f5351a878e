"""Words of the room in the language of the page: kinds, levels, periods, how a patrol or an office stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from ecocloud.base.pages.exports import ExportColumn
from ecocloud.domains.chiefs.facts import Every, LevelRule, next_of, variants, words
from ecocloud.domains.chiefs.models import Helper, Office, Patrol, RuleChoice, Term
from ecocloud.domains.chiefs.owing import SHORT_TIME, SHORT_WAY, Cover
from ecocloud.kernel.regions.grids.queries import in_force
from ecocloud.kernel.regions.models import in_language


def _word(rows: Any, code: str) -> str:
    try:
        row = next_of(rows, code)
    except KeyError:
        return code
    return in_language(row.zh, row.en)


def choices(rows: Iterable[Any]) -> list[tuple[str, str]]:
    """Codes with their words."""
    return [(one.code, in_language(one.zh, one.en)) for one in rows]


def kind_word(code: str) -> str:
    """What a kind of chief is called."""
    return _word(words().kinds, code)


def level_word(code: str) -> str:
    """A level in words."""
    return _word(words().levels, code)


def nature_word(code: str) -> str:
    """Administrative, civil or of an enterprise."""
    return _word(words().natures, code)


def family_word(code: str) -> str:
    """Rivers and lakes, or forests."""
    return _word(words().families, code)


def problem_word(code: str) -> str:
    """A kind of problem in words."""
    return _word(words().problems, code)


def title(office: Office) -> str:
    """An office in one line: place, level, kind."""
    nature = "" if office.nature == "administrative" else nature_word(office.nature)
    return f"{office.place} {level_word(office.level)}{nature}{kind_word(office.kind)}"


def patrol_word(office: Office) -> str:
    """What a patrol of the office is called."""
    family = words().family_of(office.kind)
    return in_language(family.patrol, family.patrol_en)


def problems_for(office: Office | None) -> list[tuple[str, str]]:
    """The kinds of problems that fit an office; all where none is chosen."""
    family = words().kind(office.kind).family if office else None
    return choices(one for one in words().problems if family is None or one.family in ("", family))


def period_word(name: str) -> str:
    """A period of the calendar in words."""
    return {"year": _("每年"), "half": _("每半年"), "quarter": _("每季度"), "month": _("每月"), "ten_days": _("每旬"),
            "week": _("每周")}[name]  # fmt: skip


def every_word(every: Every | None) -> str:
    """How often, in words."""
    if every is None:
        return _("由当地规定")
    return _("%(period)s %(times)s 次") % {"period": period_word(every.period), "times": every.times}


def rule_lines(levels: dict[str, LevelRule]) -> list[dict[str, str]]:
    """What a rule says of each level, with its minimums."""
    found = []
    for code, rule in levels.items():
        least = rule.minimums
        said = []
        if least.minutes:
            said.append(_("不少于 %(n)s 分钟") % {"n": least.minutes})
        if least.metres:
            said.append(_("不少于 %(n)s 米") % {"n": least.metres})
        if least.hours_between:
            said.append(_("两次间隔不少于 %(n)s 小时") % {"n": least.hours_between})
        found.append({"code": code, "level": level_word(code), "every": every_word(rule.every),
                      "least": "，".join(said),
                      "effect": _("不足的不计次") if least.decides else _("不足的只提示")})  # fmt: skip
    return found


def choice_lines(choice: RuleChoice) -> list[dict[str, str]]:
    """What a chosen rule says of each level."""
    if choice.variant:
        found = variants().get(choice.variant)
        return rule_lines(dict(found.levels)) if found else []
    return rule_lines({code: LevelRule.model_validate(given) for code, given in choice.levels.items()})


def standing_words(standing: Any) -> str:
    """How an office stands in the period that goes on."""
    return _("本期应巡 %(times)s 次，已巡 %(done)s 次") % {"times": standing.slot.times, "done": standing.done}


def warning_words(warnings: Iterable[str]) -> str:
    """What is told of a patrol, in one line."""
    said = {SHORT_TIME: _("时长不足"), SHORT_WAY: _("里程不足")}
    return "，".join(said.get(one, _("与上次间隔过短")) for one in warnings)


def light_of(cover: Cover) -> tuple[str, str]:
    """How a line of the coverage stands: never more than three words."""
    if not cover.owed:
        return "none", _("未到期")
    if not cover.missing:
        return "green", _("到位")
    return "yellow", _("缺 %(n)s 次") % {"n": cover.missing}


def counts_as_word(code: str) -> str:
    """For whom a patrol was, in words."""
    return {"chief": _("本人"), "stand_in": _("代巡"), "assistant": _("助理"), "entered": _("代为录入")}[code]


def office_columns() -> tuple[ExportColumn, ...]:
    """Columns of the list of offices as a file."""
    return (
        ExportColumn(_("对象"), "place"), ExportColumn(_("类别"), lambda row: kind_word(row.kind)),
        ExportColumn(_("层级"), lambda row: level_word(row.level)),
        ExportColumn(_("性质"), lambda row: nature_word(row.nature)), ExportColumn(_("岗位"), "post"),
        ExportColumn(_("姓名"), "holder.name"), ExportColumn(_("任职日期"), "holder.valid_from"),
        ExportColumn(_("区划"), "region.name"), ExportColumn(_("责任单位"), "department.name"),
        ExportColumn(_("联系单位"), "contact.name"), ExportColumn(_("公示牌编号"), "sign"),
        ExportColumn(_("办公电话"), "phone"),
    )  # fmt: skip


def patrol_columns() -> tuple[ExportColumn, ...]:
    """Columns of the list of patrols as a file."""
    return (
        ExportColumn(_("日期"), "day"), ExportColumn(_("对象"), "office.place"),
        ExportColumn(_("岗位"), lambda row: title(row.office)), ExportColumn(_("责任单位"), "department.name"),
        ExportColumn(_("方式"), lambda row: counts_as_word(row.counts_as)), ExportColumn(_("时长（分钟）"), "minutes"),
        ExportColumn(_("里程（米）"), "metres"), ExportColumn(_("经度"), "lon"), ExportColumn(_("纬度"), "lat"),
        ExportColumn(_("网格"), "grid"), ExportColumn(_("发现问题"), "found"), ExportColumn(_("情况"), "note"),
    )  # fmt: skip


def patrol_light(row: Patrol) -> tuple[str, str]:
    """Whether something was found."""
    if not row.found:
        return "green", _("未发现问题")
    return "yellow", _("发现 %(n)s 个问题") % {"n": row.found}


def whys(viewer: Any, rows: Sequence[Office]) -> dict[int, str]:
    """Why these offices' patrols are owed by this person: as chief, or in a chief's place (two queries)."""
    today, keys = timezone.localdate(), [row.pk for row in rows]
    stands = Helper.objects.filter(in_force(today), office__in=keys, person=viewer, role=Helper.Role.STAND_IN)
    found = {
        one.office_id: _("代巡至 %(day)s（%(reason)s）") % {"day": one.valid_to, "reason": one.reason} for one in stands
    }
    for term in Term.objects.filter(in_force(today), office__in=keys, person=viewer):
        found[term.office_id] = _("您自 %(day)s 起任此岗位") % {"day": term.valid_from}
    return found
