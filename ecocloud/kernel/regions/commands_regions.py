"""``ecocloud regions``: load divisions."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``load`` and ``load-villages FILE``."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    load = actions.add_parser("load", help="装入随包的省、市、县、乡镇区划")
    villages = actions.add_parser("load-villages", help="装入村级区划（csv 或 csv.gz，含 code、name 两列）")
    villages.add_argument("file", type=Path)
    for action in (load, villages):
        action.add_argument("--json", action="store_true", help="输出 JSON")


def run(args: argparse.Namespace) -> int:
    """Load and say how many rows were read."""
    from ecocloud.kernel.regions import services

    if args.action == "load":
        count = services.load_regions()
    else:
        if not args.file.is_file():
            print(f"没有文件 {args.file}。", file=sys.stderr)
            return 2
        count = services.load_villages(services.CONSOLE, args.file)
    print(json.dumps({"rows": count}) if args.json else f"已装入 {count} 个区划。")
    return 0
