"""Reading and checking a ledger, beside plain iteration over the same file with openpyxl.

Run: ``python -m benchmarks.sheets [rows ...]`` (default 100 5000 20000). Goals: 100 rows within 3 s, 5,000 rows
within 10 s. Prints seconds and ratios; asserts nothing.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import openpyxl

from ecocloud.base.sheets import (
    Choice,
    Column,
    SheetSpec,
    compare,
    error_workbook,
    export_workbook,
    guess_workbook,
    read_rows,
)

UNITS = tuple(Choice(f"36{number:04}", f"单位{number}") for number in range(200))
SPEC = SheetSpec(
    "ledger",
    "任务台账",
    (
        Column("code", "编号", required=True),
        Column("title", "任务名称", required=True),
        Column("unit", "牵头单位", kind="ref", choices=UNITS),
        Column("helpers", "配合单位", kind="ref", choices=UNITS, multiple=True),
        Column("due", "完成时限", kind="date"),
        Column("money", "投资", kind="decimal", unit="万元"),
        Column("done", "完成率", kind="percent"),
        Column("count", "数量", kind="int"),
        Column("period", "时段", kind="period"),
        Column("state", "状态", kind="choice", choices=(Choice("open", "推进"), Choice("closed", "销号"))),
        Column("progress", "进展情况"),
        Column("note", "备注"),
    ),
    ("code",),
)


def sample(number: int) -> dict:
    """One made-up row."""
    return {
        "code": f"RW-{number:06}",
        "title": f"第 {number} 项重点任务的名称与要求",
        "unit": UNITS[number % 200].code,
        "helpers": (UNITS[(number + 1) % 200].code, UNITS[(number + 7) % 200].code),
        "due": date(2022, 1, 1) + timedelta(days=number % 365),
        "money": Decimal(number * 37 % 100000) / 100,
        "done": Decimal(number % 1001) / 10,
        "count": number % 500,
        "period": f"2022-{number % 12 + 1:02}",
        "state": "open" if number % 3 else "closed",
        "progress": "已完成现场排查并形成问题清单，正在按方案推进整治。" * 2,
        "note": f"备注 {number}",
    }


def timed(work: Callable[[], object]) -> tuple[float, object]:
    """Seconds of the best of three runs, and the result."""
    best, result = float("inf"), None
    for _ in range(3):
        start = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - start)
    return best, result


def plain(data: bytes) -> int:
    """What is compared with: openpyxl read-only, values looked at once."""
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    return sum(len(row) for row in book.worksheets[0].iter_rows(values_only=True))


def checked(data: bytes, existing: dict):
    """The whole import up to the preview."""
    return compare(read_rows(data, SPEC, guess_workbook(data, SPEC)), existing, SPEC)


def main(sizes: list[int]) -> None:
    """Print a line for each size."""
    for size in sizes:
        rows = [sample(number) for number in range(size)]
        existing = {(row["code"],): row for row in rows[: size // 2]}
        writing, data = timed(lambda rows=rows: export_workbook(SPEC, rows))
        base, _ = timed(lambda data=data: plain(data))
        full, preview = timed(lambda data=data, existing=existing: checked(data, existing))
        wrong = export_workbook(SPEC, [{**row, "title": None} if not n % 10 else row for n, row in enumerate(rows)])
        bad = checked(wrong, {})
        marking, _ = timed(lambda wrong=wrong, bad=bad: error_workbook(wrong, bad))
        print(
            f"{size:>6} rows x {len(SPEC.columns)}: plain read {base:.2f} s, import preview {full:.2f} s "
            f"(ratio {full / base:.2f}), export {writing:.2f} s, error file {marking:.2f} s, {preview.counts()}"
        )


if __name__ == "__main__":
    main([int(item) for item in sys.argv[1:]] or [100, 5000, 20000])
