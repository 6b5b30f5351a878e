"""``ecocloud compare A B [--mode year|level] [--json] [--out DIR]``: two documents side by side.

Exit codes: 0 compared, 1 a file was refused, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from ecocloud.intake.documents import comparison, papers
from ecocloud.intake.documents.commands import OK, USAGE, read_path, writable
from ecocloud.intake.documents.comparison import Comparison
from ecocloud.intake.documents.examining import placer, stated_of
from ecocloud.intake.documents.output import cut

HELP_ZH = "比对两份政策文件：任务保留、调整、新增、取消，目标加严、放宽，上级要求的缺口"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``ecocloud compare``."""
    parser.add_argument("left", metavar="A", help="上一年度的文件，或上级文件")
    parser.add_argument("right", metavar="B", help="本年度的文件，或本级文件")
    parser.add_argument("--mode", choices=comparison.MODES, default="year", help="year 年度之间，level 上下级之间")
    parser.add_argument("--out", metavar="DIR", help="写出比对表 .xlsx 和 .docx")
    parser.add_argument("--json", action="store_true", help="在标准输出打印 JSON")


def run(args: argparse.Namespace) -> int:
    """Carry out the command; returns the exit code. A file that cannot be read is an EcoError."""
    readings = [read_path(path) for path in (args.left, args.right)]
    made = comparison.compare(*(stated_of(reading) for reading in readings), args.mode)
    places = dict(zip(("left", "right"), (placer(reading.source) for reading in readings), strict=True))
    if args.out:
        folder = Path(args.out)
        if not writable(folder):
            return USAGE
        head = papers.Head(made.right.title, " / ".join(r.name for r in readings), "机器读取，未经人工确认")
        for form in papers.FORMS:
            paper = papers.compared(form, made, places, head)
            (folder / paper.name).write_bytes(paper.content)
    if args.json:
        data = {"mode": made.mode, "left": made.left.title, "right": made.right.title, "counts": made.counts,
                "rows": papers.comparison_rows(made, places)}  # fmt: skip
        print(json.dumps(data, ensure_ascii=False, indent=1))
    else:
        print(summary(made, places))
    return OK


def summary(made: Comparison, places: dict[str, Any]) -> str:
    """Titles, counts and one line for each row."""
    out = [f"左侧 《{made.left.title}》", f"右侧 《{made.right.title}》", papers.counts_words(made)]
    for row in papers.comparison_rows(made, places):
        left, right = row["left"] or "—", row["right"] or "—"
        out.append(f"  {row['kind']} {cut(row['state'], 6)}{cut(left, 40)}  {cut(right, 40)}  {row['difference']}")
    return "\n".join(out)
