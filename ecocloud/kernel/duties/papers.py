"""通报, 督办函 and 调度表 from a filtered list: .docx after GB/T 9704 and .xlsx.

Every count is counted from the rows of the list, so it equals what the list shows; every item names its source in the
appendix.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import prefetch_related_objects
from django.utils import timezone

from ecocloud.base.officedocs import DOCX_TYPE, GbDocument, Run, Source
from ecocloud.base.pages.exports import XLSX_TYPE
from ecocloud.kernel.duties import lights, queries, round_page, showing, workbooks
from ecocloud.kernel.duties.models import Round, WorkItem
from ecocloud.kernel.regions.models import User

ORDER = (lights.RED, lights.YELLOW, lights.GREEN, lights.NONE, lights.CLOSED)
WORDS = {
    lights.RED: "红灯（逾期、滞后）",
    lights.YELLOW: "黄灯（临期、偏慢）",
    lights.GREEN: "绿灯（正常）",
    lights.NONE: "无完成期限",
    lights.CLOSED: "已办结",
}
_BAD_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')


@dataclass(frozen=True)
class Paper:
    """A made file: its bytes, name, type and the number of items in it."""

    content: bytes
    name: str
    kind: str
    rows: int


@dataclass(frozen=True)
class Matter:
    """What a paper is made from: the items in their order, the filter in words, who makes it, on which day."""

    items: Sequence[WorkItem]
    filters: tuple[tuple[str, str], ...]
    user: User
    day: date

    @property
    def issuer(self) -> str:
        """The unit that signs."""
        return self.user.department.name if self.user.department_id else self.user.name

    @property
    def filter_text(self) -> str:
        """The filter as one phrase."""
        return "；".join(f"{name}：{value}" for name, value in self.filters) or "全部任务"

    @property
    def ledger(self) -> Source:
        """The source of the counts: the ledger with its filter and day."""
        return Source("督办任务台账", f"条件：{self.filter_text}；数据时间 {self.day:%Y-%m-%d}", "duties:ledger")


def file_name(text: str) -> str:
    """A name that every file system takes."""
    return _BAD_IN_NAMES.sub("_", text).strip(" .")[:120] or "file"


def source_of(item: WorkItem) -> Source:
    """Document and place an item comes from; items written by hand say so."""
    if item.source_title or item.source_ref:
        return Source(item.source_title or item.source_doc, item.source_place, item.source_ref or item.ref)
    return Source(f"督办任务台账 {item.code}", f"手工立项 {timezone.localtime(item.created_at):%Y-%m-%d}", item.ref)


def matter_of(user: User, items: Iterable[WorkItem], filters: Sequence[tuple[str, str]]) -> Matter:
    """The matter of a paper; loads the cooperating units in one query."""
    rows = list(items)
    prefetch_related_objects(rows, "units__department")
    return Matter(rows, tuple(filters), user, timezone.localdate())


def day_zh(day: date | None) -> str:
    """2026年9月30日; — without a day."""
    return f"{day.year}年{day.month}月{day.day}日" if day else "—"


def light_counts(items: Iterable[WorkItem]) -> Counter[str]:
    """Items by light."""
    return Counter(item.light for item in items)


def _percent(item: WorkItem) -> str:
    return f"{item.shown.progress_text}%"


def circular(matter: Matter) -> Paper:
    """通报: totals by light, a table of lead units, what is late, all with sources."""
    lit = light_counts(matter.items)
    doc = GbDocument("关于督办任务进展情况的通报", author=matter.issuer)
    doc.paragraph(
        [
            f"截至{day_zh(matter.day)}，纳入本次通报的督办任务共",
            Run(f"{len(matter.items)}项", source=matter.ledger),
            f"（{matter.filter_text}）。现将进展情况通报如下。",
        ]
    )
    doc.heading("总体情况", 1)
    told = "，".join(f"{WORDS[light]}{lit[light]}项" for light in ORDER if lit[light])
    doc.paragraph(f"按亮灯规则统计：{told or '没有任务'}。" + _closing_share(matter.items))
    doc.heading("各牵头单位任务情况", 1)
    heads = ["序号", "牵头单位", "任务数", "红灯", "黄灯", "绿灯", "无期限", "已办结"]
    doc.table(heads, _unit_rows(matter.items), widths=[8, 44, 14, 12, 12, 12, 14, 14], caption="表1 牵头单位任务情况")
    number = 2
    for light, title in ((lights.RED, "逾期和滞后任务"), (lights.YELLOW, "临期和偏慢任务")):
        chosen = [item for item in matter.items if item.light == light]
        doc.heading(title, 1)
        if not chosen:
            doc.paragraph("没有此类任务。")
            continue
        doc.table(
            ["序号", "任务", "牵头单位", "期限", "进度", "情况"],
            [
                [str(n), Run(item.title, source=source_of(item)), item.lead_department.label,
                 item.deadline.isoformat() if item.deadline else "—", _percent(item), item.light_words]
                for n, item in enumerate(chosen, 1)
            ],
            widths=[8, 56, 26, 20, 13, 40], caption=f"表{number} {title}（{len(chosen)}项）",
        )  # fmt: skip
        number += 1
    doc.heading("有关要求", 1)
    doc.paragraph("请红灯、黄灯任务的牵头单位逐项核对进展，明确完成时间，按反馈周期报送办理情况。")
    doc.signature(matter.issuer, matter.day)
    return Paper(doc.to_bytes(), f"督办任务通报-{matter.day:%Y%m%d}.docx", DOCX_TYPE, len(matter.items))


def _closing_share(items: Sequence[WorkItem]) -> str:
    done = sum(item.light == lights.CLOSED for item in items)
    return f"已办结占{100 * done / len(items):.1f}%。" if items and done else ""


def _unit_rows(items: Sequence[WorkItem]) -> list[list[str]]:
    units: dict[int, tuple[tuple[int, int], str, Counter[str]]] = {}
    for item in items:
        lead = item.lead_department
        place = units.setdefault(lead.pk, ((lead.order, lead.pk), lead.label, Counter()))
        place[2][item.light] += 1
    rows = []
    whole: Counter[str] = Counter()
    for n, (_order, name, lit) in enumerate(sorted(units.values(), key=lambda unit: unit[0]), 1):
        rows.append([str(n), name, str(sum(lit.values())), *(str(lit[light]) for light in ORDER)])
        whole.update(lit)
    rows.append(["", "合计", str(sum(whole.values())), *(str(whole[light]) for light in ORDER)])
    return rows


def letter(matter: Matter, items: Sequence[WorkItem]) -> bytes:
    """督办函 to the lead unit of ``items``."""
    lead = items[0].lead_department
    lit = light_counts(items)
    doc = GbDocument("关于加快办理有关督办任务的函", author=matter.issuer)
    doc.addressee(lead.name)
    told = "，".join(f"{WORDS[light]}{lit[light]}项" for light in ORDER if lit[light])
    doc.paragraph(
        [
            f"截至{day_zh(matter.day)}，由你单位牵头的督办任务中，现就以下",
            Run(f"{len(items)}项", source=matter.ledger),
            f"函告你单位（{told}）。",
        ]
    )
    for item in items:
        doc.heading(f"{item.title}（{item.code}）", 2)
        due = f"完成期限{day_zh(item.deadline)}" if item.deadline else "没有完成期限"
        asked = f"。要求：{item.body.rstrip('。')}" if item.body else ""
        doc.paragraph([Run(f"{due}，当前环节“{item.state_zh}”，{item.light_words}{asked}。", source=source_of(item))])
    doc.paragraph("请抓紧办理，并通过系统反馈办理情况；确需延期的，说明理由并报批。")
    doc.signature(matter.issuer, matter.day)
    return doc.to_bytes()


def letters(matter: Matter) -> Paper:
    """督办函, one for each lead unit; several come in one archive."""
    units: dict[int, list[WorkItem]] = {}
    for item in matter.items:
        units.setdefault(item.lead_department_id, []).append(item)
    day = f"{matter.day:%Y%m%d}"
    if not units:
        raise NothingToWrite()
    if len(units) == 1:
        items = next(iter(units.values()))
        return Paper(
            letter(matter, items), f"督办函-{items[0].lead_department.label}-{day}.docx", DOCX_TYPE, len(items)
        )
    buffer = io.BytesIO()
    names: Counter[str] = Counter()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for items in units.values():
            name = file_name(f"督办函-{items[0].lead_department.label}")
            names[name] += 1
            suffix = f"-{names[name]}" if names[name] > 1 else ""
            archive.writestr(f"{name}{suffix}.docx", letter(matter, items))
    return Paper(buffer.getvalue(), f"督办函-{day}.zip", "application/zip", len(matter.items))


class NothingToWrite(round_page.Invalid):
    """The list is empty."""

    code = "duties.nothing"

    def __init__(self) -> None:
        super().__init__("当前条件下没有任务，没有生成文件。", "the list is empty", remedy_zh="请放宽条件后再生成。")


def schedule(matter: Matter, form: str, *, title: str = "督办任务调度表", reports: dict | None = None) -> Paper:
    """调度表: wide .docx with repeated head, or .xlsx."""
    rows = workbooks.schedule_rows(matter.items, reports)
    name = f"{title}-{matter.day:%Y%m%d}.{form}"
    if form == "xlsx":
        note = f"数据时间 {matter.day:%Y-%m-%d}"
        content = workbooks.schedule_workbook(rows, matter.user.name, matter.filters, note)
        return Paper(content, name, XLSX_TYPE, len(rows))
    doc = GbDocument(title, landscape=True, author=matter.issuer)
    lit = light_counts(matter.items)
    told = "，".join(f"{WORDS[light]}{lit[light]}项" for light in ORDER if lit[light])
    doc.paragraph([f"截至{day_zh(matter.day)}，共", Run(f"{len(rows)}项", source=matter.ledger), f"：{told or '无'}。"])
    heads = ["序号", "编号", "任务", "牵头单位", "配合单位", "期限", "进度", "序时", "亮灯"]
    widths: list[float] = [9, 22, 62, 26, 32, 20, 13, 13, 14]
    if reports is not None:
        heads, widths = [*heads, "进展情况"], [*widths, 50]
    table = []
    for n, (item, row) in enumerate(zip(matter.items, rows, strict=True), 1):
        due = item.deadline.isoformat() if item.deadline else "—"
        planned = f"{item.shown.planned_text}%" if item.shown.planned_text else "—"
        cells = [str(n), item.code, Run(item.title, source=source_of(item)), row["lead"], row["units"] or "—", due,
                 f"{showing.percent(row['progress'])}%", planned, row["light"]]  # fmt: skip
        table.append([*cells, row["text"] or "—"] if reports is not None else cells)
    doc.table(heads, table, widths=widths)
    doc.signature(matter.issuer, matter.day, sealed=False)
    return Paper(doc.to_bytes(), name, DOCX_TYPE, len(rows))


def round_schedule(user: User, row: Round, form: str) -> Paper:
    """The 调度表 of a round, with what was reported."""
    found = queries.reports(user, row).select_related("item", "item__lead_department", "department")
    reports = list(found.order_by("department__order", "department_id", "item_id"))
    items = showing.show(report.item for report in reports)
    matter = matter_of(user, items, [("调度", row.title)])
    return schedule(matter, form, title=row.title, reports={report.item_id: report for report in reports})


def make(kind: str, form: str, matter: Matter) -> Paper:
    """The paper named ``kind``: circular, letter or schedule."""
    if not matter.items:
        raise NothingToWrite()
    if kind == "list":
        content = workbooks.ledger_workbook(matter.user, matter.items, matter.filters)
        return Paper(content, f"任务清单-{matter.day:%Y%m%d}.xlsx", XLSX_TYPE, len(matter.items))
    if kind == "circular":
        return circular(matter)
    return letters(matter) if kind == "letter" else schedule(matter, form)
