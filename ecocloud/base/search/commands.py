"""``ecocloud search-rebuild``: build the search index anew from the database."""

from __future__ import annotations

import argparse
import json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``--json`` prints the count as data."""
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> int:
    """Rebuild with a progress line; 0 when done."""
    from tqdm import tqdm

    from ecocloud.base.search import services

    with tqdm(unit="条", desc="重建检索库", disable=args.json) as bar:
        count = services.rebuild(lambda done: bar.update(done - bar.n))
        bar.update(count - bar.n)
    print(json.dumps({"documents": count}) if args.json else f"检索库已重建，共 {count} 条。")
    return 0
