"""``ecocloud setup``: tables, divisions, and which place this installation serves."""

from __future__ import annotations

import json


def add_arguments(parser) -> None:
    """The division served, and the name shown in the top bar."""
    parser.add_argument("--region", default="", metavar="CODE", help="division served, e.g. 360800; needed once")
    parser.add_argument("--name", default="", help="name shown in the top bar (default: unchanged)")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args) -> int:
    """Make or update tables, divisions and catalogue, set the site; harmless to repeat, so run it after an upgrade."""
    from ecocloud.web import installation

    site = installation.set_up(args.region, args.name)
    if args.json:
        print(json.dumps({"name": site.name, "region": site.region_id}, ensure_ascii=False))
    else:
        print(f"{site.name}已就绪，服务区划 {site.region.name}（{site.region_id}）。下一步：ecocloud user create。")
    return 0
