"""``ecocloud packs``: check, load, compare and begin packs."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecocloud.kernel.registers.errors import DefinitionError
    from ecocloud.kernel.registers.pack_definition import PackFolder
    from ecocloud.kernel.registers.pack_demands import Alike


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``check``, ``load``, ``diff`` and ``new``."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("check", help="检查包：逐处列出错误的文件、行、字段、值和改法")
    check.add_argument("packs", nargs="*", help="包的代码或文件夹；不写则检查随产品的全部包")
    check.add_argument("--english", action="store_true", help="用英文说明 / say it in English")
    load = actions.add_parser("load", help="装入或升级包（一个事务；有冲突则列出并拒绝）")
    load.add_argument("pack", help="包的代码或文件夹")
    load.add_argument("--replace", action="store_true", help="较旧的版本、同号而内容不同的版本也装入（记入操作记录）")
    diff = actions.add_parser("diff", help="预览装入会改变什么，不写入")
    diff.add_argument("pack", help="包的代码或文件夹")
    new = actions.add_parser("new", help="新建一个可通过检查的空包")
    new.add_argument("id", help="包的代码：小写字母、数字和连字符")
    new.add_argument("--folder", type=Path, default=Path("."), help="放在哪个文件夹里")
    for action in (check, load, diff, new):
        action.add_argument("--json", action="store_true", help="输出 JSON")


def run(args: argparse.Namespace) -> int:
    """Do it; 1 when something is wrong or refused."""
    return {"check": _check, "load": _load, "diff": _diff, "new": _new}[args.action](args)


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
    alike = _alike(list(folders.values()))
    for word, folder in folders.items():
        own, made = pack.is_own(folder), None
        faults = list(alike[folder]) if own else []
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
        told = [] if own else _hints(made, alike[folder])
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


def _alike(folders: list[Path]) -> dict[Path, list[Alike]]:
    """What is too alike in each folder: with the others, and with every pack of the product."""
    from ecocloud.kernel.registers import pack, pack_demands

    own = [pack.own_folder() / name for name in pack.own_packs()]
    profiles = {one.resolve(): pack_demands.profiles(one) for one in [*own, *folders]}
    return {
        one: pack_demands.alike(
            profiles[one.resolve()],
            [each for there, several in profiles.items() if there != one.resolve() for each in several],
        )
        for one in folders
    }


def _hints(made: PackFolder, alike: list[Alike]) -> list[DefinitionError]:
    """What an office may want to know of its own pack, which is right without it."""
    from ecocloud.kernel.registers import pack_demands

    return [*(one.hint() for one in pack_demands.unmet(made)), *alike]


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


def _new(args: argparse.Namespace) -> int:
    from ecocloud.kernel.registers import scaffold

    folder = scaffold.begin(args.id, args.folder)
    _say(args, {"folder": str(folder)}, [f"已新建 {folder}，请修改后运行 ecocloud packs check {folder}"])
    return 0
