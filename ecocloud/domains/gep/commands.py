"""``ecocloud gep``: a raster account checked, run and compared. Any error ends with a code that is not zero."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from tqdm import tqdm


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``check``, ``run`` and ``compare``."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, told in (("check", "检查配置和全部文件，不计算"), ("run", "检查后核算，写出表格和栅格")):
        action = actions.add_parser(name, help=told)
        action.add_argument("config", type=Path, help="CONFIG.yaml")
    compare = actions.add_parser("compare", help="比较两次核算的结果，逐分区逐项列出差异")
    compare.add_argument("first", type=Path, help="结果文件夹或 CONFIG.yaml")
    compare.add_argument("second", type=Path, help="结果文件夹或 CONFIG.yaml")
    compare.add_argument("--tolerance", type=float, default=0.0, help="相对差异不超过此值算相同（默认 0）")
    for action in actions.choices.values():
        action.add_argument("--json", action="store_true", help="输出 JSON")


def run(args: argparse.Namespace) -> int:
    """Do it; 1 when results differ. Errors are raised and printed by the command."""
    return {"check": _check, "run": _run, "compare": _compare}[args.action](args)


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
        lines.append(f"  沿用上次的 {'、'.join(made.reused)}")
    _say(args, told, lines)
    return 0


def _sums(path: Path) -> dict[tuple[str, ...], float]:
    """The sums of a result by service, zone, code and column."""
    import csv

    from ecocloud.domains.gep.errors import GepError
    from ecocloud.domains.gep.raster import config

    folder = config.read(path).output if path.suffix in (".yaml", ".yml") else path
    if not (folder / "result.json").exists():
        raise GepError(f"{folder} 里没有完整的结果。", f"no result in {folder}", value=str(folder),
                       remedy_zh="请先运行 ecocloud gep run。")  # fmt: skip
    with (folder / "sums.csv").open(encoding="utf-8", newline="") as stream:
        return {
            (row["service"], row["zone"], row["lucode"], row["column"]): float(row["sum"])
            for row in csv.DictReader(stream)
        }


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
