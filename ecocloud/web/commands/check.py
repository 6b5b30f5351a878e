"""``ecocloud check``: is this installation well?"""

from __future__ import annotations

import json


def add_arguments(parser) -> None:
    """``--json`` for machines."""
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def run(args) -> int:
    """Run every room's health check; exit code 1 when one has something to say."""
    from ecocloud.base.rooms import all_rooms, load

    findings = {}
    for room in all_rooms():
        for check in room.checks:
            findings[f"{room.name}.{check.key}"] = (check.label_zh, load(check.run)())
    if args.json:
        print(json.dumps({key: lines for key, (_, lines) in findings.items()}, ensure_ascii=False))
    else:
        for label, lines in findings.values():
            print(f"{'●' if not lines else '■'} {label}：{'正常' if not lines else ''}")
            for line in lines:
                print(f"    {line}")
    return 1 if any(lines for _, lines in findings.values()) else 0
