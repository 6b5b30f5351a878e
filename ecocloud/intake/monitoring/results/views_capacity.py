"""The page of a reach: its assimilative capacity, the loads on it, and what other inputs would give. Thin."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecocloud.base.pages.exports import ExportColumn, list_page
from ecocloud.base.pages.speaking import pick_words
from ecocloud.intake.monitoring.evaluation.facts import facts
from ecocloud.intake.monitoring.results import capacity, showing
from ecocloud.intake.monitoring.results.capacity import Balance, Input
from ecocloud.intake.monitoring.results.rules import rules

COLUMNS = (ExportColumn(gettext_lazy("部分"), "part"), ExportColumn(gettext_lazy("名称"), "name"),
           ExportColumn(gettext_lazy("数值"), "value"), ExportColumn(gettext_lazy("单位"), "unit"),
           ExportColumn(gettext_lazy("来源"), "source"))  # fmt: skip
UNITS = {"target": "mg/L", "coming": "mg/L", "flow": "m³/s", "outlet_flow": "m³/s", "decay": "1/d", "length": "m",
         "speed": "m/s", "share": "", "volume": "m³"}  # fmt: skip


class Line(NamedTuple):
    """A line of the file."""

    part: str
    name: str
    value: Any
    unit: str
    source: str


class Lines:
    """The page as a file: inputs, capacity, outlets, sections."""

    key, columns = "monitoring.capacity", COLUMNS

    def __init__(self, title: str, rows: list[Line], query: str) -> None:
        self.title, self.rows, self.query_text, self.total = title, rows, query, len(rows)

    def all_rows(self) -> Iterator[Line]:
        """Every line."""
        yield from self.rows


def capacity_page(request: HttpRequest) -> HttpResponseBase:
    """``?reach=`` its number, ``?item=``, ``?at=2026-03``, ``?class=`` and inputs to try by their names."""
    every = capacity.reaches(request.user)
    wanted = request.GET.get("reach", "")
    row = next((one for one in every if str(one.pk) == wanted), every[0] if every else None)
    items = capacity.items()
    item = request.GET.get("item") if request.GET.get("item") in items else next(iter(items))
    month, target = _month(request.GET.get("at", "")), _class(request.GET.get("class", ""))
    tried, faults = _tried(request)
    found = capacity.balance(request.user, row, every, str(item), month, target, tried) if row else None
    context = {
        "reaches": every, "reach": row, "item": item, "at": f"{month:%Y-%m}", "target": str(target), "faults": faults,
        "items": [(key, showing.item_name("water_section", key)) for key in items],
        "classes": [(str(n), name) for n, name in enumerate(showing.class_names()[:-1], 1)], "found": found,
        "inputs": _inputs(found, tried, faults, request) if found else [], "answers": _answers(found) if found else [],
        "passing": _passing(found) if found else [], "labels": showing.labels(found.facts) if found else [],
        "load": _rounded(found.load) if found else None, "item_name": showing.item_name("water_section", str(item)),
    }  # fmt: skip
    given = request.GET.copy()
    given["export"] = "xlsx"
    context["export_url"] = f"?{given.urlencode()}"
    title = _("纳污能力")
    lines = Lines(f"{title} {row.name}" if row else title, _lines(context, found) if found else [], str(request.GET))
    if request.GET.get("export"):
        return list_page(request, lines, "monitoring/capacity.html", context)  # type: ignore[arg-type]
    return render(request, "monitoring/capacity.html", context)


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return (timezone.localdate().replace(day=1) - timedelta(days=1)).replace(day=1)


def _class(text: str) -> int:
    return int(text) if text in ("1", "2", "3", "4", "5") else rules().capacity.target_class


def _tried(request: HttpRequest) -> tuple[dict[str, float], dict[str, str]]:
    """What is tried, and what cannot be read; an empty field is not tried."""
    found, faults = {}, {}
    for name in capacity.INPUTS:
        text = request.GET.get(name, "").strip()
        number = capacity.number_of(text) if text else None
        if text and (number is None or number < 0 or number > 1e12):
            faults[name] = _("请填写不小于 0 的数。")
        elif number is not None:
            found[name] = number
    return found, faults


def _names() -> dict[str, str]:
    return {"target": _("目标浓度"), "coming": _("来水浓度"), "flow": _("设计流量"), "outlet_flow": _("排口流量合计"),
            "decay": _("降解系数 K"), "length": _("河段长度"), "speed": _("流速"), "share": _("不均匀系数"),
            "volume": _("库容")}  # fmt: skip


def _source(one: Input) -> tuple[str, str]:
    """Where an input comes from in words, and its reference."""
    words = {"tried": _("试算"), "standard": _("GB 3838 限值"), "outlets": _("名录中排口的排放量合计"),
             "default": _("默认，均匀分布"), "": _("没有数据，请填写")}  # fmt: skip
    return (words[one.source], "") if one.source in words else ("", one.source)


def _inputs(found: Balance, tried: dict[str, float], faults: dict[str, str], request: HttpRequest
            ) -> list[dict[str, Any]]:  # fmt: skip
    needed = {name for key in found.answers for name in capacity.NEEDED[key.name.rpartition(".")[2]]} | {"flow"}
    rows = []
    for name, one in found.inputs.items():
        if name in needed:
            words, ref = _source(one)
            rows.append({"key": name, "name": _names()[name], "unit": UNITS[name], "value": _rounded(one.value),
                         "words": words, "ref": ref, "typed": request.GET.get(name, ""),
                         "fault": faults.get(name, "")})  # fmt: skip
    return rows


def _rounded(value: float | None) -> Decimal | None:
    """To six significant figures: what is computed with floats is not shown to more."""
    return None if value is None else showing.trimmed(Decimal(f"{value:.6g}"))


def _answers(found: Balance) -> list[dict[str, Any]]:
    rows = []
    for one in found.answers:
        fact = facts("water").versions(one.name)[-1]
        left = None if one.tonnes is None or found.load is None or one.grams is None else one.tonnes - found.load
        rows.append({"name": pick_words(fact.zh, fact.en), "formula": fact.text(), "citation": fact.citation,
                     "grams": _rounded(one.grams), "tonnes": _rounded(one.tonnes), "left": _rounded(left),
                     "over": left is not None and left < 0, "at_once": one.grams is None and one.tonnes is not None,
                     "lacking": showing.joined(_names()[name] for name in one.lacking)})  # fmt: skip
    return rows


def _passing(found: Balance) -> list[dict[str, Any]]:
    return [{"name": one.row.device.name, "row": one.row, "concentration": showing.plain(one.concentration),
             "tonnes": None if one.tonnes is None else _rounded(float(one.tonnes))}
            for one in found.passing]  # fmt: skip


def _lines(context: dict[str, Any], found: Balance) -> list[Line]:
    lines = [Line(_("输入"), one["name"], one["value"], one["unit"], one["words"] or one["ref"])
             for one in context["inputs"]]  # fmt: skip
    for one in context["answers"]:
        lines.append(Line(_("纳污能力"), one["name"], one["grams"], "g/s", one["citation"]))
        lines.append(Line(_("纳污能力"), one["name"], one["tonnes"], "t" if one["at_once"] else "t/a", one["formula"]))
    lines += [Line(_("排口"), one.name, _rounded(one.kilograms), "kg/d", one.ref) for one in found.outlets]
    lines += [Line(_("断面通量"), one["name"], one["tonnes"], "t", one["row"].ref) for one in context["passing"]]
    return lines
