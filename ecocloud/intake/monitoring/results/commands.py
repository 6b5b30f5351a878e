"""``ecocloud evaluate``: evaluate days of the lake, also under another edition. Exit codes: 0 done, 2 wrong usage."""

from __future__ import annotations

import argparse
import json
import time
from datetime import date

from django.utils import timezone

WORDS = {"first": "新评价", "versions": "新版本", "renewed": "更新（未满期）", "same": "未变"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``ecocloud evaluate``."""
    day = {"type": date.fromisoformat, "required": True, "metavar": "YYYY-MM-DD"}
    parser.add_argument("--from", dest="first", **day)
    parser.add_argument("--to", dest="last", help="含当日", **day)
    parser.add_argument("--edition", default="", metavar="NAME", help="改用这一版本的标准，结果另存，不影响正式结果")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Carry out the command; returns the exit code."""
    from ecocloud.intake.monitoring.lake import site
    from ecocloud.intake.monitoring.results.evaluating import evaluate

    begun = time.monotonic()
    found = evaluate(site.snapshot(None), args.first, args.last, timezone.now(), under=args.edition)
    if args.json:
        print(json.dumps({"from": str(args.first), "to": str(args.last), "edition": args.edition,
                          **{word: found.counts[word] for word in WORDS}}))  # fmt: skip
        return 0
    print(
        "，".join(f"{zh} {found.counts[word]} 个" for word, zh in WORDS.items())
        + f"；{time.monotonic() - begun:.1f} 秒。"
    )
    return 0
