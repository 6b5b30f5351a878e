"""CSV and JSON files as a table with one row for each time of a device. Pure.

Two layouts are known beside the plain one: a column of dates with one of hours, and a row for each factor (columns
``type`` and ``value``), which is turned into a column for each factor.
"""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from openpyxl import Workbook

from ecocloud.base.errors import EcoError

MOST_BYTES, MOST_ROWS, MOST_COLUMNS = 30 << 20, 50_000, 200
TYPES, VALUES = ("type", "因子", "factor", "项目"), ("value", "数值", "监测值")
DATES, HOURS = ("date", "日期"), ("hour", "小时")


class NotATable(EcoError):
    """The file is no table of values."""

    code = "monitoring.not-a-table"


def table_of(name: str, data: bytes) -> tuple[list[str], list[list[Any]]]:
    """Headers and rows of a ``.csv`` or ``.json`` file (a list of objects, or an object with one in ``values``).

    Raises :class:`NotATable` with the line where reading stopped.
    """
    if len(data) > MOST_BYTES:
        raise NotATable(
            "文件过大。",
            "the file is too large: split it into files of at most 30 MB",
            value=len(data),
            remedy_zh="请分成每个不超过 30 MB 的文件。",
        )
    headers, rows = _json(data) if name.lower().endswith(".json") else _csv(data)
    if not headers or not rows:
        raise NotATable(
            "文件中没有数据。",
            "there are no data in the file: its first line names the columns, each line behind it is one time",
            remedy_zh="第一行应为列名，其后每行一个时间。",
        )
    if len(headers) > MOST_COLUMNS:
        raise NotATable(
            "列数过多。", f"more than {MOST_COLUMNS} columns", value=len(headers), remedy_zh=f"最多 {MOST_COLUMNS} 列。"
        )
    headers, rows = _with_time(*_spread(headers, rows))
    if len(rows) > MOST_ROWS:
        raise NotATable(
            "行数过多。", f"more than {MOST_ROWS} rows", value=len(rows), remedy_zh=f"每个文件最多 {MOST_ROWS} 行。"
        )
    return headers, rows


def workbook_of(headers: list[str], rows: list[list[Any]]) -> bytes:
    """The table as a workbook of one sheet, so that the import of workbooks takes it from there."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("数据")
    sheet.append(headers)
    for row in rows:
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _csv(data: bytes) -> tuple[list[str], list[list[Any]]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError as error:
            wrong = error
    else:
        raise NotATable("文件的文字编码无法识别。", "the text of the file cannot be read: save it as CSV in UTF-8",
                        where={"字节": wrong.start},
                        remedy_zh="请存为 UTF-8 编码的 CSV。")  # fmt: skip
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        lines = [line for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(line)]
    except csv.Error as error:
        raise NotATable(
            "文件不是 CSV。",
            f"the file is not CSV ({error}): look at the quotation marks",
            remedy_zh="请检查引号是否成对。",
        ) from error
    headers = [cell.strip() for cell in lines[0]] if lines else []
    return headers, [[*line, *[""] * (len(headers) - len(line))][: len(headers)] for line in lines[1:]]


def _json(data: bytes) -> tuple[list[str], list[list[Any]]]:
    try:
        found = json.loads(data, parse_float=str, parse_int=str)
    except (ValueError, UnicodeDecodeError, RecursionError) as error:
        place = {"行": error.lineno} if isinstance(error, json.JSONDecodeError) else {}
        raise NotATable(
            "文件不是 JSON。", f"the file is not JSON ({error})", where=place, remedy_zh="应为对象的数组。"
        ) from error
    listed = found.get("values") if isinstance(found, dict) else found
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise NotATable("JSON 应为对象的数组。",
                        'the JSON is no list of objects like {"mn": "…", "time": "2026-03-01 08:00", "a34004": 35}',
                        remedy_zh='形如 [{"mn": "…", "time": "2026-03-01 08:00", "a34004": 35}]。')  # fmt: skip
    headers = list(dict.fromkeys(str(key) for one in listed for key in one))
    return headers, [[_cell(one.get(key)) for key in headers] for one in listed]


def _cell(value: Any) -> Any:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _place(headers: list[str], names: tuple[str, ...]) -> int:
    lowered = [one.strip().lower() for one in headers]
    return next((lowered.index(name) for name in names if name in lowered), -1)


def _spread(headers: list[str], rows: list[list[Any]]) -> tuple[list[str], list[list[Any]]]:
    """A row for each factor to a column for each; what else the rows have tells them apart."""
    kind, value = _place(headers, TYPES), _place(headers, VALUES)
    if kind < 0 or value < 0:
        return headers, rows
    kept = [place for place in range(len(headers)) if place not in (kind, value)]
    columns = list(dict.fromkeys(str(row[kind]).strip() for row in rows if str(row[kind] or "").strip()))
    if len(kept) + len(columns) > MOST_COLUMNS:
        raise NotATable(
            "列数过多。",
            f"more than {MOST_COLUMNS} columns with the factors",
            value=len(columns),
            remedy_zh=f"最多 {MOST_COLUMNS} 列。",
        )
    found: dict[tuple, dict[str, Any]] = {}
    for row in rows:
        found.setdefault(tuple(row[place] for place in kept), {})[str(row[kind]).strip()] = row[value]
    made = [[*key, *(values.get(name, "") for name in columns)] for key, values in found.items()]
    return [*(headers[place] for place in kept), *columns], made


def _with_time(headers: list[str], rows: list[list[Any]]) -> tuple[list[str], list[list[Any]]]:
    """A date and an hour to one time."""
    day, hour = _place(headers, DATES), _place(headers, HOURS)
    if day < 0 or hour < 0:
        return headers, rows
    kept = [place for place in range(len(headers)) if place not in (day, hour)]
    made = [[_moment(row[day], row[hour]), *(row[place] for place in kept)] for row in rows]
    return ["time", *(headers[place] for place in kept)], made


def _moment(day: Any, hour: Any) -> str:
    text = str(day or "").strip()
    if len(text) == 8 and text.isdigit():
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    clock = str(hour or "").strip()
    return f"{text} {clock.zfill(2)}:00" if clock.isdigit() else f"{text} {clock}"
