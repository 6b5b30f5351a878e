"""Papers about one item: the close-out package (.docx or .zip) and one sheet with everything for an inspection day."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from ecocloud.base.files import services as files
from ecocloud.base.officedocs import DOCX_TYPE, GbDocument, Run
from ecocloud.kernel.duties import case_page, item_page, papers, showing
from ecocloud.kernel.duties.models import ItemFile, WorkItem
from ecocloud.kernel.regions.models import User

PICTURES = (".jpg", ".jpeg", ".png")
MOST_PICTURES = 12
_WIDTH_MM = 120
_FOLDERS = {"plan": "1整改方案", "before": "2整改前", "after": "3整改后", "form": "4验收表", "": "5其他佐证"}


class Dossier:
    """Everything about one item that its viewer may see, read once."""

    def __init__(self, viewer: User, pk: int) -> None:
        self.viewer = viewer
        self.page = item_page.context(viewer, pk)
        self.item: WorkItem = self.page["item"]
        self.case = item_page.case_part(self.item)
        self.files: list[ItemFile] = self.page["files"]
        self.lines = case_page.case_lines(self.item, self.case)

    def of_use(self, *uses: str) -> list[ItemFile]:
        """The files that show this."""
        return [row for row in self.files if row.use in uses]

    def facts(self) -> list[tuple[str, str]]:
        """Label and value of what everybody asks first."""
        item = self.item
        told = [
            ("编号", item.code), ("类型", showing.kind_label(item.kind)), ("牵头单位", item.lead_department.name),
            ("交办单位", item.office_department.name), ("期限", papers.day_zh(item.deadline)),
            ("环节", item.state_zh), ("亮灯", item.light_words),
        ]  # fmt: skip
        return told + [(line.label, line.value) for line in self.lines]


def _facts_table(doc: GbDocument, dossier: Dossier) -> None:
    rows = [[label, value] for label, value in dossier.facts()]
    doc.table(["项目", "内容"], rows, widths=[28, 128], align=["left", "left"])
    if dossier.item.body:
        doc.heading("问题描述", 1)
        doc.paragraph([Run(dossier.item.body, source=papers.source_of(dossier.item))])


def _levels(doc: GbDocument, dossier: Dossier) -> None:
    rows = [
        [
            row["label"],
            row["unit"],
            row["text"] or "—",
            row["who"] or "—",
            f"{row['at']:%Y-%m-%d}" if row["at"] else "—",
        ]
        for row in dossier.page["level_lines"]
    ]
    if rows:
        doc.table(
            ["层级", "验收单位", "意见", "验收人", "日期"], rows, widths=[22, 40, 54, 20, 22], caption="层级验收意见"
        )


def _objections(doc: GbDocument, dossier: Dossier) -> None:
    case = dossier.case
    if case is not None and case.notice_until:
        doc.paragraph(f"公示期：{papers.day_zh(case.notice_from)}至{papers.day_zh(case.notice_until)}。")
    rows = [
        [row.by or "—", row.text, row.get_answer_display() or "未处理", row.reason or "—"]
        for row in dossier.page["objections"]
    ]
    if rows:
        doc.table(["提出人", "异议", "处理", "理由"], rows, widths=[26, 60, 20, 50], caption="公示异议")


def _timeline(doc: GbDocument, entries: Sequence[dict[str, Any]]) -> None:
    rows = [
        [f"{timezone.localtime(e['at']):%Y-%m-%d %H:%M}", e["unit"], e["who"], e["title"],
         "；".join(part for part in (e["text"], e["detail"]) if part) or "—"]
        for e in reversed(entries)
    ]  # fmt: skip
    doc.table(["时间", "单位", "人员", "办理", "意见和说明"], rows, widths=[30, 30, 18, 20, 58], caption="流程记录")


def _photos(doc: GbDocument, rows: Iterable[ItemFile]) -> None:
    for n, row in enumerate(rows):
        name = row.label or row.file.name
        shown = n < MOST_PICTURES and row.file.name.lower().endswith(PICTURES)
        if shown:
            with files.open_stored(row.file) as stream:
                shown = doc.picture(stream.read(), name, width_mm=_WIDTH_MM)
        if not shown:
            doc.paragraph(f"{name}（{row.file.sha256[:12]}）")


def acceptance_form(dossier: Dossier) -> bytes:
    """销号验收表: facts, plan, result, what each level says."""
    item, values = dossier.item, dossier.case.values if dossier.case else {}
    doc = GbDocument(f"{item.table.label_zh}销号验收表", author=dossier.viewer.name)
    _facts_table(doc, dossier)
    result = next((e["text"] for e in dossier.page["entries"] if e["title"] in ("反馈", "Report result")), "")
    for label, text in (("整改目标", values.get("goal")), ("整改措施", values.get("measures")), ("整改结果", result)):
        doc.heading(label, 1)
        doc.paragraph(text or "无")
    doc.heading("公示与验收", 1)
    _objections(doc, dossier)
    _levels(doc, dossier)
    doc.signature(item.office_department.name, timezone.localdate(), sealed=False)
    return doc.to_bytes()


def package_docx(dossier: Dossier) -> bytes:
    """销号材料 in one paper: facts, plan, photographs before and after, public notice, levels, steps."""
    item, values = dossier.item, dossier.case.values if dossier.case else {}
    doc = GbDocument(f"{item.title}销号材料", author=dossier.viewer.name)
    doc.heading("基本情况", 1)
    _facts_table(doc, dossier)
    doc.heading("整改方案", 1)
    for label in ("goal", "measures"):
        doc.paragraph(values.get(label) or ("未填写整改目标。" if label == "goal" else "未填写整改措施。"))
    for title, use in (("整改前", ItemFile.Use.BEFORE), ("整改后", ItemFile.Use.AFTER)):
        doc.heading(title, 1)
        rows = dossier.of_use(use)
        _photos(doc, rows) if rows else doc.paragraph("没有照片。")
    doc.heading("公示与验收", 1)
    _objections(doc, dossier)
    _levels(doc, dossier)
    doc.heading("办理过程", 1)
    _timeline(doc, dossier.page["entries"])
    names = [row.label or row.file.name for row in dossier.files if row.use not in ("before", "after")]
    doc.attachments(names)
    doc.signature(item.office_department.name, timezone.localdate(), sealed=False)
    return doc.to_bytes()


def package_zip(dossier: Dossier) -> bytes:
    """销号材料 as an archive: the paper, the acceptance form and every file in a folder of its use."""
    papers_of = {"销号材料.docx": package_docx(dossier), "4验收表/销号验收表.docx": acceptance_form(dossier)}
    return _archive(dossier, papers_of)


def _archive(dossier: Dossier, made: Mapping[str, bytes]) -> bytes:
    buffer, names = io.BytesIO(), Counter[str]()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in made.items():
            archive.writestr(path, content)
        for row in dossier.files:
            name = papers.file_name(row.file.name)
            stem, dot, ending = name.rpartition(".")
            path = f"{_FOLDERS[row.use]}/{name}"
            names[path] += 1
            if names[path] > 1:
                path = (
                    f"{_FOLDERS[row.use]}/{stem or ending}-{names[path]}{dot if stem else ''}{ending if stem else ''}"
                )
            with files.open_stored(row.file) as stream:
                archive.writestr(path, stream.read())
    return buffer.getvalue()


@dataclass(frozen=True)
class Section:
    """A table of what hangs on the item."""

    title: str
    head: tuple[str, ...]
    widths: tuple[int, ...]
    rows: list[tuple[str, ...]]


def _day(value: Any) -> str:
    return f"{value:%Y-%m-%d}" if value else "—"


def sections(page: Mapping[str, Any]) -> list[Section]:
    """Nodes, sub-tasks (also checks of similar places), co-signatures, extensions, instructions, if there are any."""
    found = [
        Section("节点", ("节点", "责任单位", "期限", "完成日期"), (66, 40, 25, 25), [
            (n.title, n.department.name if n.department else "—", _day(n.due), _day(n.done_at)) for n in page["nodes"]
        ]),
        Section("子任务", ("编号", "事项", "牵头单位", "环节", "亮灯"), (30, 50, 30, 18, 28), [
            (c.code, c.title, c.lead_department.name, c.state_zh, c.light_words) for c in page["children"]
        ]),
        Section("会签意见", ("单位", "态度", "意见", "日期"), (40, 24, 67, 25), [
            (o.department.name, o.get_stance_display() if o.stance else "未答复", o.text or "—", _day(o.given_at))
            for o in page["opinions"]
        ]),
        Section("延期申请", ("申请人", "原期限", "申请期限", "结果", "理由"), (22, 25, 25, 20, 64), [
            (e.requested_by.name, _day(e.old_deadline), _day(e.new_deadline), e.get_state_display(), e.reason)
            for e in page["extensions"]
        ]),
        Section("领导批示", ("批示人", "日期", "批示", "回复"), (22, 25, 55, 54), [
            (i.leader.name, _day(i.at), i.text, i.reply or "未回复") for i in page["instructions"]
        ]),
    ]  # fmt: skip
    return [section for section in found if section.rows]


def inspection_docx(dossier: Dossier) -> bytes:
    """现场检查单: everything on one problem, for the day of an inspection."""
    doc = GbDocument(f"{dossier.item.title}情况一览", author=dossier.viewer.name)
    _facts_table(doc, dossier)
    _objections(doc, dossier)
    _levels(doc, dossier)
    for one in sections(dossier.page):
        doc.table(list(one.head), [list(row) for row in one.rows], widths=list(one.widths), caption=one.title)
    _timeline(doc, dossier.page["entries"])
    photos = dossier.of_use(ItemFile.Use.BEFORE, ItemFile.Use.AFTER)
    if photos:
        doc.heading("整改前后照片", 1)
        _photos(doc, photos)
    names = [f"{row.get_use_display() or '佐证'}：{row.label or row.file.name}" for row in dossier.files]
    doc.attachments(names)
    return doc.to_bytes()


def inspection_zip(dossier: Dossier) -> bytes:
    """情况一览 as an archive: the paper and every file, for a day without a network."""
    return _archive(dossier, {"情况一览.docx": inspection_docx(dossier)})


def make(viewer: User, pk: int, what: str, form: str) -> papers.Paper:
    """The paper named ``what`` (package, form, inspection) about item ``pk``; raises NotVisible."""
    dossier = Dossier(viewer, pk)
    day = f"{timezone.localdate():%Y%m%d}"
    if form == "zip":
        packed, name = {"package": (package_zip, "销号材料"), "inspection": (inspection_zip, "情况一览")}[what]
        return papers.Paper(packed(dossier), f"{name}-{dossier.item.code}-{day}.zip", "application/zip", 1)
    content = {"package": package_docx, "form": acceptance_form, "inspection": inspection_docx}[what](dossier)
    label = {"package": "销号材料", "form": "销号验收表", "inspection": "情况一览"}[what]
    return papers.Paper(content, f"{label}-{dossier.item.code}-{day}.docx", DOCX_TYPE, 1)
