"""``ecocloud gep``: a raster account checked, run, compared and brought into tables. Any error ends with a code that
is not zero.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

if TYPE_CHECKING:
    from ecocloud.domains.gep.raster.giving import Found


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``check``, ``run``, ``compare`` and ``table``."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, told in (("check", "检查配置和全部文件，不计算"), ("run", "检查后核算，写出表格和栅格")):
        action = actions.add_parser(name, help=told)
        action.add_argument("config", type=Path, help="CONFIG.yaml")
    compare = actions.add_parser("compare", help="比较两次核算的结果，逐分区逐项列出差异")
    compare.add_argument("first", type=Path, help="结果文件夹或 CONFIG.yaml")
    compare.add_argument("second", type=Path, help="结果文件夹或 CONFIG.yaml")
    compare.add_argument("--tolerance", type=float, default=0.0, help="相对差异不超过此值算相同（默认 0）")
    table = actions.add_parser("table", help="把栅格结果变成核算数据项（按分区和生态系统）")
    table.add_argument("result", type=Path, help="结果文件夹或 CONFIG.yaml")
    table.add_argument("--services", default="", help="只取这些服务，用逗号分开")
    table.add_argument("--output", type=Path, help="写到 CSV 文件")
    for action in actions.choices.values():
        action.add_argument("--json", action="store_true", help="输出 JSON")


def run(args: argparse.Namespace) -> int:
    """Do it; 1 when results differ. Errors are raised and printed by the command."""
    return {"check": _check, "run": _run, "compare": _compare, "table": _table}[args.action](args)


def _say(args: argparse.Namespace, content: dict[str, Any], lines: list[str]) -> None:
    print(json.dumps(content, ensure_ascii=False) if args.json else "\n".join(lines))


def _check(args: argparse.Namespace) -> int:
    from ecocloud.domains.gep.raster import config, run

    prepared = run.prepare(config.read(args.config))
    grid = prepared.grid
    told = {"rows": grid.rows, "cols": grid.cols, "cell": grid.cell_size, "services": prepared.config.services,
            "zones": len(prepared.zones.names), "slope_length": prepared.config.method,
            "remarks": prepared.remarks}  # fmt: skip
    _say(args, told, [
        f"{prepared.config.name}：可以核算", f"  格网 {grid.rows} × {grid.cols}，像元 {grid.cell_size:g} 米",
        f"  服务 {'、'.join(prepared.config.services)}，分区 {len(prepared.zones.names)} 个",
        f"  坡长坡度 {prepared.config.method}",
        *(f"  提示：{one}" for one in prepared.remarks),
    ])  # fmt: skip
    return 0


def _run(args: argparse.Namespace) -> int:
    from ecocloud.domains.gep.raster import config, run

    prepared = run.prepare(config.read(args.config))
    with tqdm(total=100, disable=args.json, unit="%", bar_format="{desc} {percentage:3.0f}%|{bar}| {elapsed}") as bar:

        def say(text: str, share: float) -> None:
            bar.set_description(text)
            bar.n = round(100 * share)
            bar.refresh()

        made = run.run(prepared, say)
    told = {"digest": made.digest, "slope_length": made.method, "seconds": made.seconds,
            "output": str(prepared.config.output), "rasters": made.rasters, "reused": made.reused}  # fmt: skip
    lines = [f"完成：{prepared.config.output}", f"  摘要 {made.digest[:16]}，坡长坡度 {made.method}"]
    if made.reused:
        lines.append(f"  沿用上次完成的 {len(made.reused)} 个部分，其余重新计算")
    _say(args, told, lines)
    return 0


def _found(path: Path) -> Found:
    """The result in a folder, or that of a configuration."""
    from ecocloud.domains.gep.raster import config, giving

    return giving.read(config.read(path).output if path.suffix in (".yaml", ".yml") else path)


def _sums(path: Path) -> dict[tuple[str, ...], float]:
    """The sums of a result by service, zone, code and column."""
    return {
        (service, zone, str(lucode), column): value
        for service, zones in _found(path).sums.items() for zone, rows in zones.items()
        for lucode, row in rows.items() for column, value in row.items()
    }  # fmt: skip


def _table(args: argparse.Namespace) -> int:
    """The data of an account from a result, as CSV."""
    from ecocloud.domains.gep import facts
    from ecocloud.domains.gep.raster import giving

    found = _found(args.result)
    given = giving.given(found, [one for one in args.services.split(",") if one])
    known = facts.load().inputs
    rows = [
        {"zone": zone, "datum": one.datum, "zh": known[one.datum].zh, "part": one.part, "value": str(one.value),
         "unit": known[one.datum].unit, "source": one.source}
        for zone, some in given.items() for one in some
    ]  # fmt: skip
    stream = io.StringIO()
    out = csv.DictWriter(stream, ["zone", "datum", "zh", "part", "value", "unit", "source"], lineterminator="\n")
    out.writeheader()
    out.writerows(rows)
    partly = giving.covered(found)
    remarks = [f"{zone} 的 {service} 只有 {share:.1%} 的面积有数据" for (zone, service), share in partly.items()]
    if args.output:
        args.output.write_text(stream.getvalue(), "utf-8-sig")
        lines = [f"{len(rows)} 个数据项写到 {args.output}", *(f"  提示：{one}" for one in remarks)]
    else:
        lines = [stream.getvalue().rstrip()]
    _say(args, {"rows": rows, "remarks": remarks}, lines)
    return 0


def _compare(args: argparse.Namespace) -> int:
    first, second = _sums(args.first), _sums(args.second)
    rows = []
    for key in sorted({*first, *second}):
        one, other = first.get(key, 0.0), second.get(key, 0.0)
        relative = abs(one - other) / max(abs(one), abs(other)) if one != other else 0.0
        if relative > args.tolerance:
            rows.append({"service": key[0], "zone": key[1], "lucode": key[2], "column": key[3], "first": one,
                         "second": other, "relative": relative})  # fmt: skip
    lines = [
        f"{row['service']} {row['zone']} {row['lucode']} {row['column']}：{row['first']:g} → {row['second']:g}"
        f"（{row['relative']:.2e}）"
        for row in rows
    ]
    _say(args, {"differences": rows}, lines or ["两次结果相同"])
    return 1 if rows else 0
