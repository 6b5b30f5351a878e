"""``ecocloud check-file``: does a printed accountability file still hold?"""

from __future__ import annotations

import json


def add_arguments(parser) -> None:
    """The file's number with its digest, or single entries as they are printed."""
    parser.add_argument("number", nargs="?", default="", help="编号，如 ZR2026-0001")
    parser.add_argument("--digest", default="", help="纸面上的档案摘要")
    parser.add_argument("--entry", action="append", default=[], help="纸面上的留痕记录号，可多次")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args) -> int:
    """Exit code 0 when everything holds, 1 when something does not or there is no such file, 2 without anything to
    check."""
    from ecocloud.base.errors import EcoError
    from ecocloud.domains.accountability import services
    from ecocloud.domains.accountability.models import IssuedFile

    if not args.number and not args.entry:
        print("请给出档案编号，或用 --entry 给出留痕记录号。")
        return 2
    try:
        if args.number:
            row = IssuedFile.objects.filter(number=args.number.strip().upper()).first()
            if row is None:
                print(f"没有编号为 {args.number} 的档案。")
                return 1
            verdict = services.check(row, args.digest)
        else:
            verdict = services.check_printed(args.entry)
    except EcoError as error:
        print(error.sentence_zh())
        return 2
    faults = [*verdict.faults, *(one.fault for one in verdict.broken)]
    if args.json:
        print(json.dumps({"holds": verdict.holds, "entries": len(verdict.checked), "faults": faults},
                         ensure_ascii=False))  # fmt: skip
    else:
        print(f"{len(verdict.checked)} 条留痕记录均与签发时一致。" if verdict.holds else f"有 {len(faults)} 处不一致：")
        for fault in faults:
            print(f"  {fault}")
    return 0 if verdict.holds else 1
