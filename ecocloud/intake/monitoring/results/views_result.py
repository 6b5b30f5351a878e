"""The page of one result: what came out, the arithmetic, what it was made of, its versions. Thin."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from ecocloud.base.pages.figures import group_digits
from ecocloud.intake.monitoring.evaluation.air.hours import HOURS
from ecocloud.intake.monitoring.evaluation.air.rules import POLLUTANTS
from ecocloud.intake.monitoring.lake import schema
from ecocloud.intake.monitoring.results import emission_showing, queries, showing, sources
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.intake.monitoring.results.rules import EMISSION, SOURCE_AREA, WATER_LAKE, WATER_SOURCE, Period
from ecocloud.kernel.journal.refs import Ref


def result_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One version of one result."""
    row = queries.result_for(request.user, pk)
    return render(request, "monitoring/result.html", context(row))


def context(row: Result) -> dict[str, Any]:
    """What the page shows."""
    versions = queries.versions(row)
    for one in versions:
        one.change_label = showing.change_word(one.change)
    return {
        "row": row, "title": showing.title(row), "words": showing.value_words(row), "items": figures(row),
        "period": Period(row.span, row.start), "edition": showing.edition_word(row.kind, row.edition),
        "badge": showing.colour_class(row.kind, row.level), "level": showing.level_word(row.kind, row.level),
        "deciding": showing.items_words(row.kind, row.items), "labels": showing.labels(row.facts),
        **_of_outlet(row), "versions": versions, "newest": versions[0], "subject": showing.subject_name(row),
        "values": values(row), "parents": _parents(row), "statistics": statistics(row), "summary": summary(row),
        "water": showing.is_water(row.kind), "lake": row.kind == WATER_LAKE, "source": row.kind == WATER_SOURCE,
        "ending": sources.ending(row), "target": _target(row),
    }  # fmt: skip


def _of_outlet(row: Result) -> dict[str, Any]:
    """What the page of a result of an outlet shows beside."""
    if row.kind != EMISSION:
        return {"emission": False}
    return {"emission": True, "checks": emission_showing.checks(row) if row.span == "day" else [],
            "amounts": emission_showing.amounts(row), "captures": emission_showing.captures(row),
            "reasons": emission_showing.reasons(row)}  # fmt: skip


def _target(row: Result) -> str:
    return showing.level_word("water_section", row.target) if row.target else ""


def figures(row: Result) -> list[dict[str, Any]]:
    """The items of a day, or of a section's period: concentration, index or class, whether it exceeds."""
    found: list[dict[str, Any]] = []
    if row.kind == EMISSION:
        return found
    for item, one in row.body.get("items", {}).items():
        line: dict[str, Any] = {"name": showing.item_name(row.kind, item), "unit": showing.item_unit(row.kind, item),
                                "over": one.get("over"), "deciding": _decides(row, item)}  # fmt: skip
        if row.kind == WATER_LAKE:
            index = showing.number(one["index"], row.body["places"])
            line |= {"value": showing.plain(one["value"]), "count": one["count"], "index": index,
                     "why": "" if index is not None else showing.reason_word("missing")}  # fmt: skip
        elif row.kind == WATER_SOURCE:
            line |= {"value": showing.plain(one["value"]), "count": one["count"],
                     "limit": "～".join(str(showing.plain(limit)) for limit in one["limit"]),
                     "multiple": showing.number(one["multiple"], 2)}  # fmt: skip
        elif showing.is_water(row.kind):
            line |= {"value": showing.plain(one["value"]), "count": one["count"], "class": one["class"],
                     "badge": showing.colour_class(row.kind, one["class"]),
                     "word": showing.level_word("water_section", one["class"]),
                     "multiple": showing.number(one["multiple"], 2)}  # fmt: skip
        else:
            has = not one["reason"]
            line |= {"value": showing.number(one["units"], one["places"]) if has else None,
                     "iaqi": one["iaqi"] if has else None, "why": showing.reason_word(one["reason"]),
                     "how": _mean(one["mean"])}  # fmt: skip
        found.append(line)
    return found


def _decides(row: Result, item: str) -> bool:
    return item in row.items.split(",") or item.partition("_")[0] in row.items.split(",")


def _mean(mean: list[int] | None) -> str:
    """A mean as it was divided: ``960 ÷ 24``."""
    if not mean or mean[1] == 1:
        return ""
    return f"{group_digits(showing.plain(mean[0]))} ÷ {mean[1]}"


def values(row: Result) -> dict[str, Any] | None:
    """The values a day was made of, each with the row of the lake behind it; None for other results."""
    if row.kind == EMISSION:
        return emission_showing.values(row)
    hours, moments = row.body.get("hours"), row.body.get("values")
    if hours is None and moments is None:
        return None
    refs = sources.lake_refs(row)
    if hours is not None:
        named = [one for one in POLLUTANTS if one in hours]
        lines = [
            (f"{place:02d}:00–{place + 1:02d}:00", [_cell(hours[one][place], refs.get((one, place))) for one in named])
            for place in range(HOURS)
        ]
    else:
        named, form = sorted(moments), "%H:%M" if row.span == "day" else "%m-%d %H:%M"
        stamps = sorted({at for own in moments.values() for at, _value in own})
        by_item = {item: dict(own) for item, own in moments.items()}
        lines = [(f"{schema.moment(at).astimezone(schema.BEIJING):{form}}",
                  [_cell(by_item[one].get(at), refs.get((one, at))) for one in named]) for at in stamps]  # fmt: skip
    if row.kind == WATER_SOURCE:
        return _by_item(row, named, lines)
    heads = [{"name": showing.item_name(row.kind, one), "unit": showing.item_unit(row.kind, one)} for one in named]
    return {"heads": heads, "lines": lines}


def _by_item(row: Result, named: list[str], lines: list[tuple[str, list[dict[str, Any]]]]) -> dict[str, Any]:
    """The values with a line for each item: a source has many items and few samples."""
    heads = [{"name": name, "unit": ""} for name, _cells in lines]
    names = [f"{showing.item_name(row.kind, one)} {showing.item_unit(row.kind, one)}" for one in named]
    turned = [(name, [cells[place] for _at, cells in lines]) for place, name in enumerate(names)]
    return {"heads": heads, "lines": turned, "first": _("项目")}


def _cell(value: int | None, ref: Ref | None) -> dict[str, Any]:
    return {"text": "" if value is None else str(showing.plain(value)), "ref": str(ref) if ref else ""}


def statistics(row: Result) -> list[dict[str, Any]]:
    """The statistics of a month or year of air with the arithmetic behind each."""
    found = []
    for name, one in row.body.get("statistics", {}).items():
        pollutant, _dot, which = name.partition(".")
        exact = one["exact"]
        part = row.body["composite"]["parts"].get(pollutant)
        found.append({
            "name": showing.item_name(row.kind, pollutant), "unit": showing.item_unit(row.kind, pollutant),
            "which": _("平均") if which == "mean" else _("第 %(n)s 百分位") % {"n": which.removeprefix("p")},
            "value": showing.number(one["units"], one["places"]), "why": showing.reason_word(one["reason"]),
            "exact": f"{exact[0]}/{exact[1]}" if exact else "", "limit": one["limit"], "over": one["over"],
            "multiple": showing.number(one["multiple"], one["multiple_places"]), "count": one["count"],
            "part": showing.number(part["units"], part["places"]) if part and _in_composite(pollutant, which) else None,
        })  # fmt: skip
    return found


def _in_composite(pollutant: str, which: str) -> bool:
    return which == {"co": "p95", "o3": "p90"}.get(pollutant, "mean")


def summary(row: Result) -> list[tuple[str, str]]:
    """Rates and counts of a period in words."""
    body, found = row.body, []
    if row.kind == EMISSION:
        return emission_showing.summary(row)
    if "composite" in body:
        found = [(_("优良天数比例"), showing.share_words(body["good"])), (_("有结果的天数"), str(body["days"]))]
        words = [showing.level_word("air_point", level) for level in range(1, len(body["categories"]) + 1)]
        counts = [f"{word} {count}" for word, count in zip(words, body["categories"], strict=True) if count]
        found.append((_("各级天数"), showing.joined(counts)))
    if "classes" in body:
        names = [f"{name} {count}" for name, count in zip(showing.class_names(), body["classes"], strict=True) if count]
        found = [
            (_("参评断面"), str(body["sections"])), (_("各类断面"), showing.joined(names)),
            (_("Ⅰ～Ⅲ类比例"), showing.share_words(body["good"])), (_("劣Ⅴ类比例"), showing.share_words(body["worst"])),
            (_("断面达标率"), showing.share_words(body["attained"])),
            (_("定级方式"), _("按断面比例") if body["by_shares"] else _("断面不足，按各项平均浓度")),
        ]  # fmt: skip
    if row.kind == WATER_LAKE:
        words = showing.items_words(row.kind, body["missing"])
        found = [(_("水体"), body["water"]), (_("缺测项目"), words)]
        if words:
            found.append((_("按已测项目推算"), str(showing.number(body["index"], body["places"]))))
    if row.kind == WATER_SOURCE:
        found = _of_source(body, row)
    if row.kind == SOURCE_AREA:
        found = [(_("参评水源"), str(body["sources"])), (_("水源达标率"), showing.share_words(body["attained"])),
                 (_("水量达标率"), f"{showing.number(body['volume']['units'], body['volume']['places'])}%"
                  if body["volume"]["whole"] else ""),
                 (_("未能评价"), str(body["without"]))]  # fmt: skip
    if "points" in body:
        found.append((_("有数据的点位"), f"{body['points']}/{body['due']}"))
    if body.get("to_date"):
        found.append((_("截至"), body["to_date"]))
    return [(name, text) for name, text in found if text]


def _of_source(body: dict[str, Any], row: Result) -> list[tuple[str, str]]:
    intake = showing.plain(body["intake"])
    found = [(_("年取水量"), f"{intake} {_('万立方米')}" if intake is not None else _("未登记"))]
    if "months" in body:
        return [*found, (_("达标月数"), f"{body['met']}/{body['months']}")]
    return [*found, (_("缺测项目"), showing.items_words(row.kind, body["lacking"]) or _("无"))]


def _parents(row: Result) -> list[dict[str, Any]]:
    mapped = dict(row.sources.get("results", []))
    return [{"pk": one.pk, "title": showing.subject_name(one), "period": Period(one.span, one.start).text,
             "words": showing.value_words(one), "badge": showing.colour_class(one.kind, one.level),
             "level": showing.level_word(one.kind, one.level), "version": mapped[one.pk]}
            for one in sources.parents(row)]  # fmt: skip
