"""Values of the lake as a file for people (csv, xlsx) or programs (parquet); numbers as they were sent."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook

from ecocloud.base.sheets.guard import quote
from ecocloud.intake.monitoring.lake import schema
from ecocloud.intake.monitoring.lake.problems import LakeError
from ecocloud.intake.monitoring.lake.reading import Snapshot, Wanted

HEADINGS = {
    "mn": "设备唯一标识", "st": "系统编码", "cn": "命令编码", "factor": "因子编码", "time": "数据时间",
    "rtd": "实时值", "avg": "平均值", "min": "最小值", "max": "最大值", "cou": "累计值",
    "zs_rtd": "折算实时值", "zs_avg": "折算平均值", "zs_min": "折算最小值", "zs_max": "折算最大值",
    "flag": "数据标记", "sample_time": "采样时间", "more": "其他数据项", "rf": "补传", "version": "接收时间",
    "source": "原始报文",
}  # fmt: skip
SHEET_ROWS = 1_048_575  # of a worksheet, without the heading
_TIMES = ("time", "sample_time", "version")


def export(snapshot: Snapshot, wanted: Wanted, target: Path, *, versions: bool = False) -> int:
    """Write the current rows wanted (or all versions) to a file, by its ending; returns how many.

    Raises :class:`LakeError` for another ending, and for more rows than a worksheet holds.
    """
    write = _WAYS.get(target.suffix.lower())
    if write is None:
        raise LakeError(
            f"不能导出为“{target.suffix}”。", f"no export to {target.suffix}", value=target.name,
            remedy_zh="请用 .csv、.xlsx 或 .parquet。",
        )  # fmt: skip
    tables = [snapshot.versions(wanted)] if versions else snapshot.pieces(wanted)
    making = target.with_name(target.name + ".part")
    try:
        count = write(making, tables)
        making.replace(target)
    finally:
        making.unlink(missing_ok=True)
    return count


def cells(row: dict[str, Any]) -> list[str]:
    """A row as texts: numbers as sent, times in Beijing time, the raw record as a reference."""
    texts = schema.sent_texts(row)
    shown = {name: "" if row[name] is None else str(row[name]) for name in HEADINGS if name in row} | {
        name: row[name].astimezone(schema.BEIJING).strftime("%Y-%m-%d %H:%M:%S") for name in _TIMES if row[name]
    }
    shown |= {name: texts.get(name, "") for name in schema.NUMBER_COLUMNS}
    shown |= {"rf": "是" if row["rf"] else "", "source": f"raw:{row['gateway']}/{row['sequence']}"}
    return [shown[name] for name in HEADINGS]


def _rows(tables: Iterable[pa.Table]) -> Iterator[list[str]]:
    for table in tables:
        for batch in table.to_batches(max_chunksize=10_000):
            yield from map(cells, batch.to_pylist())


def _csv(target: Path, tables: Iterable[pa.Table]) -> int:
    count = 0
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEADINGS.values())
        for count, row in enumerate(_rows(tables), 1):  # noqa: B007
            out.writerow([_guarded(text) for text in row])
    return count


def _xlsx(target: Path, tables: Iterable[pa.Table]) -> int:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("测量值")
    sheet.append(list(HEADINGS.values()))
    count = 0
    for count, row in enumerate(_rows(tables), 1):
        if count > SHEET_ROWS:
            sheet.close()
            raise LakeError(
                "行数超过一张工作表能容纳的数量。", "too many rows for a worksheet", value=count,
                remedy_zh="请缩小范围，或导出为 .csv 或 .parquet。",
            )  # fmt: skip
        sheet.append([_guarded(text) for text in row])
    book.save(target)
    return count


def _guarded(text: str) -> str:
    """Safe for a spreadsheet; a negative number is no formula."""
    return text if text[:1] == "-" and text[1:].replace(".", "", 1).isdigit() else quote(text)


def _parquet(target: Path, tables: Iterable[pa.Table]) -> int:
    count = 0
    with pq.ParquetWriter(target, schema.SCHEMA, compression="zstd") as out:
        for table in tables:
            out.write_table(table)
            count += table.num_rows
    return count


_WAYS: dict[str, Callable[[Path, Iterable[pa.Table]], int]] = {".csv": _csv, ".xlsx": _xlsx, ".parquet": _parquet}
