"""``ecocloud gep``: a raster account checked, run, compared and brought into tables; forms as workbooks, and an account
of a folder of filled ones. Any error ends with a code that is not zero.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

if TYPE_CHECKING:
    from ecocloud.domains.gep.from_files import Basis
    from ecocloud.domains.gep.raster.giving import Found


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``check``, ``run``, ``example``, ``compare``, ``table``, ``forms`` and ``account``."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, told in (("check", "检查配置和全部文件，不计算"), ("run", "检查后核算，写出表格和栅格")):
        action = actions.add_parser(name, help=told)
        action.add_argument("config", type=Path, help="CONFIG.yaml")
    example = actions.add_parser("example", help="写出一个虚构县的全部图层和配置（合成数据），可直接核算")
    example.add_argument("folder", type=Path, help="新的文件夹")
    compare = actions.add_parser("compare", help="比较两次核算的结果，逐分区逐项列出差异")
    compare.add_argument("first", type=Path, help="结果文件夹或 CONFIG.yaml")
    compare.add_argument("second", type=Path, help="结果文件夹或 CONFIG.yaml")
    compare.add_argument("--tolerance", type=float, default=0.0, help="相对差异不超过此值算相同（默认 0）")
    table = actions.add_parser("table", help="把栅格结果变成核算数据项（按分区和生态系统）")
    table.add_argument("result", type=Path, help="结果文件夹或 CONFIG.yaml")
    table.add_argument("--services", default="", help="只取这些服务，用逗号分开")
    table.add_argument("--output", type=Path, help="写到 CSV 文件")
    _add_table_path(actions)
    for action in actions.choices.values():
        action.add_argument("--json", action="store_true", help="输出 JSON")


def _add_table_path(actions: Any) -> None:
    forms = actions.add_parser("forms", help="列出一个核算版本的部门报表，或写成工作簿")
    forms.add_argument(
        "edition", nargs="?", default="", help="核算版本，如 ndrc-481-2022（默认：今天公式齐全的最新版本）"
    )
    forms.add_argument("--region", action="append", help="地区名称或代码；第一个是整个地区，其余是其分区")
    forms.add_argument("--region-level", choices=("county", "township"), default="county",
                       help="township：只要按分区填报的报表")  # fmt: skip
    forms.add_argument("--year", type=int, default=date.today().year - 1, help="核算年度（默认去年）")
    forms.add_argument("--output", type=Path, help="写到文件夹，每张报表一个工作簿")
    account = actions.add_parser("account", help="由一个文件夹里填好的报表（.xlsx、.csv）核算，不用数据库")
    account.add_argument("folder", type=Path, help="报表所在文件夹；prices.csv 是本地价格")
    account.add_argument("--edition", default="", help="核算版本（默认：今天公式齐全的最新版本）")
    account.add_argument("--whole", default="", help="哪个地区是其余地区的整体")
    account.add_argument("--year", type=int, default=0, help="核算年度（默认：数据中最后一年）")
    account.add_argument("--output", type=Path, help="全部表写到工作簿（.xlsx）")
    for action in (forms, account):
        action.add_argument("--method", action="append", default=[], help="服务=方法，如 recreation=tourism.revenue")


def run(args: argparse.Namespace) -> int:
    """Do it; 1 when results differ. Errors are raised and printed by the command."""
    return {"check": _check, "run": _run, "compare": _compare, "table": _table, "example": _example, "forms": _forms,
            "account": _account}[args.action](args)  # fmt: skip


def _say(args: argparse.Namespace, content: dict[str, Any], lines: list[str]) -> None:
    print(json.dumps(content, ensure_ascii=False) if args.json else "\n".join(lines))


def _check(args: argparse.Namespace) -> int:
    from ecocloud.domains.gep.raster import config, run

    prepared = run.prepare(config.read(args.config))
    grid = prepared.grid
    _say(args, prepared.told(), [
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


def _example(args: argparse.Namespace) -> int:
    """The synthetic county with its configuration."""
    import yaml

    from ecocloud.domains.gep.errors import GepError
    from ecocloud.domains.gep.raster import synthetic

    if args.folder.exists() and any(args.folder.iterdir()):
        raise GepError("文件夹不是空的，没有写入。", f"{args.folder} is not empty", value=str(args.folder),
                       remedy_zh="请另指一个新的文件夹。")  # fmt: skip
    args.folder.mkdir(parents=True, exist_ok=True)
    given = synthetic.configuration(synthetic.write(args.folder, ["甲乡", "乙镇", "丙镇"], {}))
    config = args.folder / "county.yaml"
    config.write_text("# 合成数据，非实测。\n" + yaml.safe_dump(given, allow_unicode=True, sort_keys=False), "utf-8")
    _say(args, {"config": str(config), "services": given["services"]},
         [f"合成数据写到 {args.folder}", f"  核算：ecocloud gep run {config}"])  # fmt: skip
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


def _basis(args: argparse.Namespace, folder: Path | None = None) -> Basis:
    """The edition that was asked for, else today's default, with these methods and the prices of a folder."""
    from ecocloud.domains.gep import editions, facts, from_files

    known = facts.load()
    wanted: dict[str, tuple[str, ...]] = {}
    for one in args.method:
        service, _, method = one.partition("=")
        wanted[service] = (*wanted.get(service, ()), method)
    edition = args.edition or editions.default(known, date.today()).id
    return from_files.basis(known, edition, wanted, from_files.prices_of(known, folder) if folder else ())


def _forms(args: argparse.Namespace) -> int:
    """The forms of an edition, listed or written."""
    from ecocloud.domains.gep import from_files

    made_by = _basis(args)
    rows, lines = [], [f"{made_by.edition}：{made_by.facts.editions[made_by.edition].zh}"]
    if args.output:
        args.output.mkdir(parents=True, exist_ok=True)
    for one, name, content in from_files.form_files(made_by, args.region or ["本地区"], args.year, args.region_level):
        if args.output:
            (args.output / name).write_bytes(content)
        data = [{"datum": fact.code, "zh": fact.zh, "unit": fact.unit, "needed": fact.code in one.needed}
                for fact in one.data]  # fmt: skip
        rows.append({"form": one.form.code, "zh": one.form.zh, "function": one.form.function, "by": one.form.by,
                     "data": data} | ({"file": name} if args.output else {}))  # fmt: skip
        lines.append(f"{one.form.code} {one.form.zh}（{one.form.function}）")
        lines += [f"    {fact['datum']}  {fact['zh']}（{fact['unit']}）{'' if fact['needed'] else '  选填'}"
                  for fact in data]  # fmt: skip
    if args.output:
        lines = [*lines[:1], f"{len(rows)} 张报表写到 {args.output}", *(f"  {one['file']}" for one in rows)]
    _say(args, {"edition": made_by.edition, "forms": rows}, lines)
    return 0


def _account(args: argparse.Namespace) -> int:
    """The account of a folder of forms: services, gaps, what is not plausible."""
    from ecocloud.domains.gep import from_files
    from ecocloud.domains.gep.errors import GepError
    from ecocloud.domains.gep.results import cards, tables, workbook
    from ecocloud.domains.gep.results.tables import Speech

    made_by = _basis(args, args.folder)
    given = from_files.read(args.folder)
    hard, soft = from_files.findings(made_by, given)
    if hard:
        raise GepError(f"有 {len(hard)} 处须更正：{'；'.join(hard[:5])}。", f"{len(hard)} findings", value=hard[0])
    found, speech = from_files.outcome(made_by, given, args.whole, args.year), Speech()
    services, points = tables.services(found, speech), tables.open_points(found, speech)
    edition = found.facts.editions[made_by.edition]
    count = sum(map(len, given.values()))
    notes = [("核算版本", f"{edition.number}《{edition.zh}》"), ("年度", str(found.year)),
             ("输入数据", f"{count}项，未经复核审定"), *(("提示", one) for one in soft)]  # fmt: skip
    if args.output:
        methods = workbook.of_methods(cards.methods(found.facts, found.accounts, speech), speech)
        every = [*tables.of_values(found, speech), points, tables.lines(found, speech), methods]
        args.output.write_bytes(workbook.write(every, notes, speech))
    gdp = found.ratios(found.total, found.regions, found.year).gdp
    lines = [f"{found.year} 年 GEP {found.total} 万元" + (f"，为 GDP 的 {gdp} 倍" if gdp is not None else ""),
             *(f"  {row.cells[0]}  {row.cells[2]} 万元" for row in services.rows),
             *(f"  未核算：{row.cells[0]} {row.cells[1]} {row.cells[2]} {row.cells[3]}" for row in points.rows),
             *(f"  提示：{one}" for one in soft)]  # fmt: skip
    told = {"edition": made_by.edition, "year": found.year, "total": str(found.total),
            "gdp": None if gdp is None else str(gdp),
            "services": {row.key[0]: str(row.cells[2]) for row in services.rows},
            "gaps": [list(row.cells) for row in points.rows], "remarks": soft}  # fmt: skip
    _say(args, told, lines)
    return 0
