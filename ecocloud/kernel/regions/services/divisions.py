"""Loading of administrative divisions in bulk."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ecocloud.base import typed
from ecocloud.base.errors import EcoError
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import codes, naming
from ecocloud.kernel.regions.facts import FOLDER
from ecocloud.kernel.regions.models import Region
from ecocloud.kernel.regions.services.console import CONSOLE, check

_FIELDS = ["name", "short_name", "level", "parent_id"]


class RegionFileError(EcoError):
    """A file of divisions cannot be loaded; nothing of it was taken."""

    code = "regions.file"


def _rows(data: bytes, name: str) -> list[tuple[int, str, str]]:
    """``(line, full code, name)`` of a csv with at least the columns code and name."""
    try:
        text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8-sig")
    except (UnicodeDecodeError, OSError, EOFError) as error:
        raise RegionFileError(
            "区划文件读不出来。",
            f"cannot read {name}: {error}",
            where={"文件": name},
            remedy_zh="应为 UTF-8 的 csv（可 gzip 压缩）。",
        ) from error
    reader = csv.DictReader(io.StringIO(text))
    if not {"code", "name"} <= set(reader.fieldnames or ()):
        raise RegionFileError(
            "区划文件缺列。",
            f"{name} lacks a column code or name",
            where={"文件": name},
            value=",".join(reader.fieldnames or ()),
            remedy_zh="首行应有 code 和 name 两列。",
        )
    found = []
    for number, row in enumerate(reader, start=2):
        try:
            code = codes.normalise(row["code"] or "")
        except codes.RegionCodeError as error:
            error.where = {"文件": name, "行": number}
            raise
        label = typed.words(row["name"] or "")
        if not label:
            raise RegionFileError(
                "区划没有名称。",
                f"{name} line {number}: empty name",
                where={"文件": name, "行": number},
                value=row["code"],
                remedy_zh="请补上名称。",
            )
        found.append((number, code, label))
    return found


def _store(rows: Iterable[tuple[int, str, str]], name: str) -> int:
    """Insert or update in one statement for each level, upper levels first; parents must exist."""
    by_level: dict[str, list[Region]] = {level: [] for level in codes.LEVELS}
    known = set(Region.objects.order_by().values_list("code", flat=True))
    given = {code for _, code, _ in rows}
    for number, code, label in rows:
        parent = codes.parent_of(code)
        if parent is not None and parent not in known and parent not in given:
            raise RegionFileError(
                "上级区划不存在。",
                f"{name} line {number}: no parent {parent} for {code}",
                where={"文件": name, "行": number},
                value=code,
                remedy_zh=f"请先装入 {parent}。",
            )
        level = codes.level_of(code)
        by_level[level].append(
            Region(code=code, name=label, short_name=naming.short_region(label), level=level, parent_id=parent)
        )
    for regions in by_level.values():
        Region.objects.bulk_create(
            regions, batch_size=150, update_conflicts=True, unique_fields=["code"], update_fields=_FIELDS
        )
    return sum(len(regions) for regions in by_level.values())


def load_regions(user: Any = CONSOLE, files: Iterable[Path] | None = None) -> int:
    """Load the divisions of the package's data folder (or ``files``); returns how many rows they hold.

    Loading again is harmless: names are brought up to date, nothing is removed.
    """
    check(user, "regions.region.load")
    total = 0
    for path in sorted(FOLDER.joinpath("regions").glob("*.csv")) if files is None else files:
        rows = _rows(Path(path).read_bytes(), Path(path).name)
        if not rows:
            raise RegionFileError("区划文件是空的。", f"{path} is empty", where={"文件": Path(path).name})
        with change(user.actor()) as tx:
            count = _store(rows, Path(path).name)
            tx.log("regions.region.load", Ref("region", rows[0][1]), after={"file": Path(path).name, "rows": count})
        total += count
    return total


def load_villages(user: Any, path: Path | str) -> int:
    """Load villages (12 digits; columns code and name; csv or csv.gz); returns how many."""
    rows = _rows(Path(path).read_bytes(), Path(path).name)
    wrong = next((row for row in rows if codes.level_of(row[1]) != "village"), None)
    if wrong:
        raise RegionFileError(
            "这不是村级代码。",
            f"{path} line {wrong[0]}: not a village code",
            where={"文件": Path(path).name, "行": wrong[0]},
            value=wrong[1],
            remedy_zh="村（社区）代码为 12 位。",
        )
    return load_regions(user, [Path(path)])
