"""``ecocloud evaluate``: evaluate days of the lake, also under another edition; with ``--hours`` the hours of air,
which are printed and not stored. Exit codes: 0 done, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import json
import sys
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
    parser.add_argument("--hours", action="store_true", help="算出空气站点的小时指数并打印，不保存")
    parser.add_argument("--station", default="", metavar="MN", help="只要这个站点的小时指数")
    parser.add_argument("--json", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Carry out the command; returns the exit code."""
    from ecocloud.intake.monitoring.lake import site
    from ecocloud.intake.monitoring.results.evaluating import evaluate

    if args.hours:
        return _hours(args)
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


def _hours(args: argparse.Namespace) -> int:
    """Print the hours of stations, one a line, a month at a time."""
    from ecocloud.intake.monitoring.lake import site
    from ecocloud.intake.monitoring.results.air_days import months_of
    from ecocloud.intake.monitoring.results.air_hours import evaluate_hours
    from ecocloud.intake.monitoring.results.hour_refs import words
    from ecocloud.intake.monitoring.results.sites import air_sites

    sites = [one for one in air_sites() if args.station in ("", one.mn)]
    if not sites:
        print("没有这样的空气站点。", file=sys.stderr)
        return 2
    for first, days in months_of(args.first, args.last):
        found = evaluate_hours(site.snapshot(None), sites, first, days, under=args.edition)
        for place, one in enumerate(sites):
            for line in found.lines(place):
                said = {"mn": one.mn, "hour": line.start.isoformat(), "edition": line.edition, "aqi": line.aqi,
                        "level": line.level, "primary": line.primary, "reason": line.reason,
                        "iaqi": {item: each.iaqi for item, each in line.items.items()}}  # fmt: skip
                text = f"{line.start:%Y-%m-%d %H:%M} {one.name} {words(line)}（{line.edition}）"
                print(json.dumps(said, ensure_ascii=False) if args.json else text)
    return 0
