"""A file on paper: .docx in the house style (GB/T 9704) and .xlsx. Every line carries its entries and digests."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from openpyxl import Workbook

from ecocloud.base.officedocs import GbDocument
from ecocloud.base.pages.exports import safe_text
from ecocloud.domains.accountability.models import IssuedFile
from ecocloud.kernel.journal.proofs import Proof

HEADS = ("事项", "日期", "情况", "留痕记录号")


def printed_digest(row: IssuedFile) -> str:
    """The first 32 digits of the file's digest, as they stand on paper."""
    return row.digest.rpartition(":")[2][:32]


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _proofs(line: dict[str, Any]) -> str:
    return "\n".join(Proof(pk, digest).printed for pk, digest in line["proofs"]) or "无"


def document(row: IssuedFile) -> bytes:
    """The file as .docx."""
    doc = GbDocument(f"{row.label}\n责任档案")
    doc.paragraph(
        f"档案编号{row.number}，任期{_day(row.first)}至{_day(row.last)}。本档案按单位和岗位记载承担的任务及办理情况，"
        "不对个人排名。每项后注明留痕记录号及摘要前16位，可据以核验。"
    )
    doc.table(["项目", "数量"], [[section["label"], str(section["count"])] for section in row.body["sections"]],
              widths=[3, 1], caption="汇总")  # fmt: skip
    for section in row.body["sections"]:
        doc.heading(section["label"], 1)
        if not section["lines"]:
            doc.paragraph("无。")
            continue
        lines = [[line["title"], line["day"] or "—", line["words"], _proofs(line)] for line in section["lines"]]
        doc.table(list(HEADS), lines, widths=[5, 2, 4, 4])
    doc.heading("核验", 1)
    doc.paragraph(
        f"档案摘要（前32位）：{printed_digest(row)}。核验方法：在“责任档案—核验”中填写编号和摘要，或运行 "
        f"ecocloud check-file {row.number} --digest {printed_digest(row)}。"
    )
    doc.signature(row.department.name, row.at.date())
    return doc.to_bytes()


def workbook(row: IssuedFile) -> bytes:
    """The file as .xlsx: a sheet of counts, a sheet of lines with whole digests."""
    book = Workbook(write_only=True)
    head = book.create_sheet("汇总")
    for line in (["编号", row.number], ["对象", row.label], ["任期", f"{row.first} 至 {row.last}"],
                 ["摘要", row.digest], [], ["项目", "数量"]):  # fmt: skip
        head.append([safe_text(cell) for cell in line])
    for section in row.body["sections"]:
        head.append([section["label"], section["count"]])
    sheet = book.create_sheet("明细")
    sheet.append(["项目", *HEADS[:3], "引用", "留痕记录号", "摘要"])
    for section in row.body["sections"]:
        for line in section["lines"]:
            for pk, digest in line["proofs"] or [["", ""]]:
                sheet.append([safe_text(cell) if isinstance(cell, str) else cell for cell in (
                    section["label"], line["title"], line["day"], line["words"], line["ref"], pk, digest)])  # fmt: skip
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
