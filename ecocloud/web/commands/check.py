"""``ecocloud check``: is this installation well?"""

from __future__ import annotations

import json


def add_arguments(parser) -> None:
    """``--json`` for machines."""
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def run(args) -> int:
    """Run every room's health check; exit code 1 when one has something to say."""
    from ecocloud.web import state

    findings = state.examine()
    if args.json:
        print(json.dumps(findings, ensure_ascii=False))
    else:
        for key, check in state.checks().items():
            lines = findings[key]
            print(f"{'●' if not lines else '■'} {check.label_zh}：{'正常' if not lines else ''}")
            for line in lines:
                print(f"    {line}")
    return 1 if any(findings.values()) else 0
