"""Values of all forms of an accounting as a workbook: what a unit owes, read back with its faults by cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from ecocloud.base.errors import EcoError
from ecocloud.base.sheets import Choice, PreviewRow, SheetSpec
from ecocloud.base.sheets.registry import Candidate, ImportTarget, Judge, Problem, RowsRefused
from ecocloud.domains.gep import datasheet, formreading, formset, queries, steps
from ecocloud.domains.gep.access import FILL
from ecocloud.domains.gep.datasheet import ALL
from ecocloud.domains.gep.errors import GepError
from ecocloud.domains.gep.facts import InputFact
from ecocloud.domains.gep.models import Accounting, Datum, Form
from ecocloud.domains.gep.services import reporting

PREFIX = "gep-data-"


def key_of(accounting: int) -> str:
    """The key of the import target of an accounting."""
    return f"{PREFIX}{accounting}"


def keys() -> list[str]:
    """All accountings."""
    return [str(pk) for pk in Accounting.objects.values_list("pk", flat=True)]


def spec(row: Accounting) -> SheetSpec:
    """The workbook of an accounting."""
    regions = [Choice(one.code, one.name) for one in [row.region, *row.parts.order_by("code")]]
    asked = [fact for one in formreading.asked_by(row).values() for fact in one.data]
    return datasheet.spec(key_of(row.pk), regions, (row.first_year, row.last_year), asked)


def _forms(user: Any, row: Accounting) -> dict[tuple[str, int, str], Form]:
    """The forms of an accounting that a person may fill in, by region, year and datum."""
    forms = queries.forms(user, FILL).filter(accounting=row)
    return {
        (form.region_id, form.year, code): form for form in forms for code in formset.forms()[form.code].data
    }  # fmt: skip


def rows_of(user: Any, row: Accounting, form: int | None = None) -> list[dict[str, Any]]:
    """What a person owes, with the values there are: of all his forms or of one."""
    forms = list(queries.forms(user, FILL).filter(accounting=row, **({"pk": form} if form else {})))
    values: dict[int, list[Datum]] = defaultdict(list)
    for datum in Datum.objects.filter(form__in=forms):
        values[datum.form_id].append(datum)
    asked = formreading.asked_by(row)
    found = []
    for one in sorted(forms, key=lambda each: (each.region_id, each.year, each.code)):
        for fact in asked[one.code].data:
            there = [datum for datum in values[one.pk] if datum.code == fact.code]
            found += [_row(one, fact, datum) for datum in there] or [_row(one, fact, None)]
    return [one for one in found if one["part"]]


def _row(form: Form, fact: InputFact, datum: Datum | None) -> dict[str, Any]:
    empty = datasheet.blank(form.region_id, form.year, fact)
    if datum is None:
        return empty
    return empty | {"part": datum.part or ALL, "value": datum.value, "source": datum.source or None,
                    "note": datum.note or None}  # fmt: skip


def _existing(user: Any, row: Accounting) -> dict[tuple, dict[str, Any]]:
    target = spec(row)
    return {target.key_of(one): one for one in rows_of(user, row) if one["value"] is not None}


def problems(form: Form | None, fact: InputFact, values: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with one row."""
    if form is None:
        return [Problem("datum", values["datum"], "该地区、年度没有由您填报的这项数据", "请只填本单位的报表")]
    if values.get("value") is None:
        return []
    if form.state not in steps.STEPS["save"].ways:
        return [Problem("datum", values["datum"], f"报表“{formreading.state_zh(form.state)}”", "请先撤回或退回")]
    right = datasheet.should_be(fact, datasheet.part_of(str(values["part"])))
    if right:
        return [Problem("part", values["part"], "与数据项不符", f"应为{right}")]
    try:
        datasheet.in_unit(values["value"], str(values.get("unit") or ""), fact, {})
    except GepError as error:
        return [Problem("unit", values.get("unit"), error.message_zh.rstrip("。"), error.remedy_zh)]
    return []


def _judge(user: Any, row: Accounting) -> Judge:
    forms, known = _forms(user, row), datasheet.known()

    def judge(candidates: Sequence[Candidate]) -> list[list[Problem]]:
        return [
            problems(forms.get((one.values["region"], one.values["year"], one.values["datum"])),
                     known[str(one.values["datum"])], one.values)
            for one in candidates
        ]  # fmt: skip

    return judge


def _apply(user: Any, row: Accounting, rows: Sequence[PreviewRow]) -> dict[str, int]:
    forms, known = _forms(user, row), datasheet.known()
    wrong: dict[int, list[Problem]] = {}
    by_form: dict[int, list[PreviewRow]] = defaultdict(list)
    for one in rows:
        given = one.values
        form = forms.get((given["region"], given["year"], given["datum"]))
        told = problems(form, known[str(given["datum"])], given)
        if told:
            wrong[one.number] = told
        elif form is not None and given.get("value") is not None:
            by_form[form.pk].append(one)
    for key, group in by_form.items():
        try:
            reporting.save(user, key, [_entered(one.values) for one in group])
        except EcoError as error:
            problem = Problem("value", None, error.message_zh.rstrip("。"), error.remedy_zh)
            wrong |= {one.number: [problem] for one in group}
    if wrong:
        raise RowsRefused(wrong)
    return {"forms": len(by_form), "values": sum(len(group) for group in by_form.values())}


def _entered(values: Mapping[str, Any]) -> reporting.Entered:
    part = datasheet.part_of(str(values["part"]))
    return reporting.Entered(str(values["datum"]), part, values["value"], str(values.get("unit") or ""),
                             str(values.get("source") or ""), str(values.get("note") or ""))  # fmt: skip


def target(key: str) -> ImportTarget:
    """The import target of an accounting."""
    row = Accounting.objects.select_related("region").get(pk=int(key))
    return ImportTarget(
        key=key_of(row.pk), title=row.title, permission=FILL, spec=lambda user: spec(row),
        existing=lambda user: _existing(user, row), apply=lambda user, rows: _apply(user, row, rows),
        list_route="gep:forms", check=lambda user: _judge(user, row), mapping_key=f"{PREFIX}all",
    )  # fmt: skip
