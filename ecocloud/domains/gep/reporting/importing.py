"""Values of all forms of an accounting as a workbook: what a unit owes, read back with its faults by cell."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from openpyxl import Workbook

from ecocloud.base.errors import EcoError
from ecocloud.base.sheets import Choice, Column, PreviewRow, SheetSpec
from ecocloud.base.sheets.registry import Candidate, ImportTarget, Judge, Problem, RowsRefused
from ecocloud.domains.gep import checking, facts, formreading, formset, gathering, queries, steps
from ecocloud.domains.gep.access import FILL
from ecocloud.domains.gep.errors import GepError
from ecocloud.domains.gep.facts import InputFact
from ecocloud.domains.gep.models import Accounting, Datum, Form
from ecocloud.domains.gep.services import reporting

PREFIX, ALL = "gep-data-", "全部"
_MOST_BYTES = 5 * 2**20
_PARTS = {"region": "全部", "ecosystem": "生态系统类型代码，如 11", "object": "湖泊、水库或客源地名称"}


def key_of(accounting: int) -> str:
    """The key of the import target of an accounting."""
    return f"{PREFIX}{accounting}"


def keys() -> list[str]:
    """All accountings."""
    return [str(pk) for pk in Accounting.objects.values_list("pk", flat=True)]


def _facts() -> dict[str, InputFact]:
    return {**facts.load().inputs, **facts.load().statistics}


def _part(text: str) -> list[Choice]:
    """A part as written: a class by code or name, all, or the name of a thing."""
    known = facts.load().classes
    plain = "".join(text.split())
    for code, one in known.items():
        if plain in (code, one.zh, f"{code}{one.zh}"):
            return [Choice(code, one.zh)]
    return [Choice(plain)] if plain and not any(sign in "、，,；;'" for sign in plain) else []


def _part_label(code: str) -> str:
    found = facts.load().classes.get(code)
    return found.zh if found else ""


def spec(row: Accounting) -> SheetSpec:
    """The workbook of an accounting."""
    regions = tuple(Choice(one.code, one.name) for one in [row.region, *row.parts.order_by("code")])
    asked = [fact for one in formreading.asked_by(row).values() for fact in one.data]
    data = tuple(Choice(fact.code, f"{fact.zh}（{fact.unit}）", (fact.zh,)) for fact in asked)
    return SheetSpec(
        name=key_of(row.pk), title="核算数据",
        columns=(
            Column("region", "地区", kind="choice", choices=regions, width=18),
            Column("year", "年度", kind="int", minimum=row.first_year, maximum=row.last_year, width=8),
            Column("datum", "数据项", kind="choice", choices=data, width=36),
            Column("part", "部分", kind="ref", lookup=_part, label_of=_part_label, width=16,
                   help="生态系统类型代码或名称；湖泊、水库、客源地名称；按地区填的写“全部”。",
                   synonyms=("生态系统类型", "名称")),
            Column("value", "数值", kind="decimal", max_decimals=12, width=16),
            Column("unit", "单位", width=12, max_len=30, help="不填按数据项的单位；填其他单位自动换算。"),
            Column("source", "数据来源", width=30, max_len=200, one_line=True),
            Column("note", "说明", width=30, max_len=300, one_line=True, help="超出常见范围或变化较大时写明原因。"),
        ),
        key_columns=("region", "year", "datum", "part"),
        note_lines=("没有填数值的行不导入；已报送的报表须先撤回或退回才能导入。",), blank_means="keep",
    )  # fmt: skip


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
    whole = fact.scope == "region" or (fact.scope == "ecosystem" and not gathering.is_amount(fact))
    empty = ALL if whole else ("11" if fact.scope == "ecosystem" else "（填写名称）")
    return {
        "region": form.region_id, "year": form.year, "datum": fact.code,
        "part": (datum.part or ALL) if datum else empty, "value": datum.value if datum else None, "unit": fact.unit,
        "source": datum.source or None if datum else None, "note": datum.note or None if datum else None,
    }  # fmt: skip


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
    part = "" if values["part"] == ALL else str(values["part"])
    if not checking.fits(facts.load(), fact, part):
        right = {"region": "全部", "ecosystem": "生态系统类型代码，如 11", "object": "湖泊、水库或客源地名称"}[
            fact.scope
        ]
        return [Problem("part", values["part"], "与数据项不符", f"应为{right}")]
    try:
        reporting.in_unit(values["value"], str(values.get("unit") or ""), fact, {})
    except GepError as error:
        return [Problem("unit", values.get("unit"), error.message_zh.rstrip("。"), error.remedy_zh)]
    return []


def _judge(user: Any, row: Accounting) -> Judge:
    forms, known = _forms(user, row), _facts()

    def judge(candidates: Sequence[Candidate]) -> list[list[Problem]]:
        return [
            problems(forms.get((one.values["region"], one.values["year"], one.values["datum"])),
                     known[str(one.values["datum"])], one.values)
            for one in candidates
        ]  # fmt: skip

    return judge


def _apply(user: Any, row: Accounting, rows: Sequence[PreviewRow]) -> dict[str, int]:
    forms, known = _forms(user, row), _facts()
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
    part = "" if values["part"] == ALL else str(values["part"])
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


def workbook_of_csv(content: bytes) -> io.BytesIO:
    """A CSV file in UTF-8 or GB18030 as a workbook of texts, which the import reads like any other.

    Raises :class:`GepError` for another encoding or no table.
    """
    if len(content) > _MOST_BYTES:
        raise GepError("文件太大。", f"{len(content)} bytes", remedy_zh=f"CSV 文件不超过 {_MOST_BYTES // 2**20} MB。")
    text = _decoded(content, "utf-8-sig") or _decoded(content, "gb18030")
    if not text or "\x00" in text:
        raise GepError("看不出文件的编码。", "neither UTF-8 nor GB18030", where={"字段": "文件"},
                       remedy_zh="请另存为 UTF-8 或 GB18030（ANSI）编码的 CSV，或使用 Excel 模板。")  # fmt: skip
    book = Workbook(write_only=True)
    sheet = book.create_sheet("数据")
    _copy(csv.reader(io.StringIO(text)), sheet)
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    return stream


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return ""


def _copy(rows: Iterable[list[str]], sheet: Any) -> None:
    for row in rows:
        sheet.append([one.strip() for one in row])
