"""``ecocloud packs``: check, preview, load, compare and begin packs."""

from __future__ import annotations

import argparse
import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecocloud.kernel.registers.errors import DefinitionError
    from ecocloud.kernel.registers.pack_definition import PackFolder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``check``, ``preview``, ``load``, ``diff`` and ``new``."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("check", help="检查包：逐处列出错误的文件、行、字段、值和改法")
    check.add_argument("packs", nargs="*", help="包的代码或文件夹；不写则检查随产品的全部包")
    check.add_argument("--english", action="store_true", help="用英文说明 / say it in English")
    load = actions.add_parser("load", help="装入或升级包（一个事务；有冲突则列出并拒绝）")
    load.add_argument("pack", help="包的代码或文件夹")
    load.add_argument("--replace", action="store_true", help="较旧的版本、同号而内容不同的版本也装入（记入操作记录）")
    diff = actions.add_parser("diff", help="预览装入会改变什么，不写入")
    diff.add_argument("pack", help="包的代码或文件夹")
    preview = actions.add_parser("preview", help="把包的表单、名单、流转、计算和报告做成一个网页文件，装入前先看")
    preview.add_argument("pack", help="包的代码或文件夹")
    preview.add_argument("--out", type=Path, help="写到哪个文件（默认：包的代码-preview.html）")
    preview.add_argument("--english", action="store_true", help="英文的网页 / in English")
    preview.add_argument("--day", type=date.fromisoformat, help="计算的日期，如 2026-06-30（默认今天）")
    new = actions.add_parser("new", help="新建一个可通过检查的空包")
    new.add_argument("id", help="包的代码：小写字母、数字和连字符")
    new.add_argument("--folder", type=Path, default=Path("."), help="放在哪个文件夹里")
    for action in (check, preview, load, diff, new):
        action.add_argument("--json", action="store_true", help="输出 JSON")


def run(args: argparse.Namespace) -> int:
    """Do it; 1 when something is wrong or refused."""
    return {"check": _check, "preview": _preview, "load": _load, "diff": _diff, "new": _new}[args.action](args)


def _say(args: argparse.Namespace, content: dict[str, Any], lines: list[str]) -> None:
    print(json.dumps(content, ensure_ascii=False) if args.json else "\n".join(lines))


def _check(args: argparse.Namespace) -> int:
    from ecocloud.base.pages import icons
    from ecocloud.kernel.registers import pack
    from ecocloud.kernel.registers.errors import DefinitionFaults

    known = icons.names()
    wrong: dict[str, list[dict]] = {}
    hints: dict[str, list[dict]] = {}
    lines: list[str] = []
    folders = {word: pack.folder_of(word) for word in args.packs or pack.own_packs()}
    beside = _beside(list(folders.values()))
    for word, folder in folders.items():
        own, made = pack.is_own(folder), None
        faults = beside[folder] if own else []
        try:
            made = pack.read(folder, known)
        except DefinitionFaults as error:
            faults = [*error.faults, *faults]
        if faults:
            wrong[word] = [fault.as_dict() for fault in faults]
            lines.append(f"{word}: {len(faults)} mistakes" if args.english else f"{word}：{len(faults)} 处错误")
            lines += [f"  {one.sentence_en() if args.english else one.sentence_zh()}" for one in faults]
            continue
        lines.append(_right(word, made, args.english))
        told = [] if own else _hints(made, beside[folder])
        if told:
            hints[word] = [one.as_dict() for one in told]
        lines += [f"  hint: {one.sentence_en()}" if args.english else f"  提示：{one.sentence_zh()}" for one in told]
    _say(args, {"faults": wrong, "hints": hints}, lines)
    return 1 if wrong else 0


def _right(word: str, made: PackFolder, english: bool) -> str:
    """What is said of a pack without a mistake."""
    types, figures, rows = len(made.types), len(made.definition.figures), sum(len(one.rows) for one in made.samples)
    if english:
        return f"{word}: correct ({types} registers, {figures} figures, {rows} rows of samples)"
    return f"{word}：正确（{types} 个名录，{figures} 项指标计算，{rows} 行样例）"


def _beside(folders: list[Path]) -> dict[Path, list[DefinitionError]]:
    """What is wrong with each folder beside the others and every pack of the product: too alike, or the same codes."""
    from ecocloud.kernel.registers import pack, pack_clashes, pack_demands

    own = [pack.own_folder() / name for name in pack.own_packs()]
    there = list(dict.fromkeys(one.resolve() for one in [*own, *folders]))
    profiles = {one: pack_demands.profiles(one) for one in there}
    claims = {one: pack_clashes.claims(one, profiles[one]) for one in there}
    taken = pack_clashes.of_catalogue()
    found: dict[Path, list[DefinitionError]] = {}
    for folder in folders:
        mine = folder.resolve()
        rest = [one for one in there if one != mine]
        found[folder] = [
            *pack_demands.alike(profiles[mine], [each for one in rest for each in profiles[one]]),
            *pack_clashes.clashes(claims[mine], [each for one in rest for each in claims[one]], taken),
        ]
    return found


def _hints(made: PackFolder, beside: list[DefinitionError]) -> list[DefinitionError]:
    """What an office may want to know of its own pack, which is right without it."""
    from ecocloud.kernel.registers import pack_demands

    return [*(one.hint() for one in pack_demands.unmet(made)), *beside]


def _load(args: argparse.Namespace) -> int:
    from ecocloud.kernel.regions.services import CONSOLE
    from ecocloud.kernel.registers import pack
    from ecocloud.kernel.registers.services import packs

    made = pack.read(pack.folder_of(args.pack))
    plan = packs.load(CONSOLE, made, replace=args.replace)
    _say(args, {"pack": made.definition.id, "version": made.definition.version, "changes": plan.lines()},
         [f"已装入 {made.definition.zh} {made.definition.version}", *plan.lines()])  # fmt: skip
    return 0


def _diff(args: argparse.Namespace) -> int:
    from ecocloud.kernel.registers import pack
    from ecocloud.kernel.registers.services import packs

    plan = packs.diff(pack.read(pack.folder_of(args.pack)))
    conflicts = [f"冲突：{sentence}" for sentence in plan.conflicts]
    refused = plan.refusal
    version = [] if refused is None else [f"版本：{refused.sentence_zh()}"]
    content = {"changes": plan.lines(), "conflicts": plan.conflicts, "held": plan.held, "version": plan.version}
    _say(args, content | {"refused": refused and refused.as_dict()}, plan.lines() + conflicts + version)
    return 1 if conflicts or version else 0


def _preview(args: argparse.Namespace) -> int:
    from ecocloud.kernel.registers import pack, pack_preview

    made = pack.read(pack.folder_of(args.pack))
    path = args.out or Path(f"{made.definition.id}-preview.html")
    path.write_text(pack_preview.html(made, args.day or date.today(), "en" if args.english else "zh-hans"), "utf-8")
    _say(args, {"file": str(path)}, [f"written: {path}" if args.english else f"已写到 {path}，请用浏览器打开"])
    return 0


def _new(args: argparse.Namespace) -> int:
    from ecocloud.kernel.registers import scaffold

    folder = scaffold.begin(args.id, args.folder)
    _say(args, {"folder": str(folder)}, [f"已新建 {folder}，请修改后运行 ecocloud packs check {folder}"])
    return 0
