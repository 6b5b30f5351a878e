"""``ecocloud move-to-postgres URL``: copy this installation's SQLite database into an empty PostgreSQL database."""

from __future__ import annotations

import sys


def add_arguments(parser) -> None:
    """The target's address."""
    parser.add_argument("url", help="postgresql://user:password@host:port/database (must be empty)")
    parser.add_argument("--chunk", type=int, default=2000, help="rows copied at a time")


def run(args) -> int:
    """Copy, compare counts, verify the journal on the target; the source is only read."""
    from ecocloud.web import moving

    report = moving.move(args.url, chunk=args.chunk, progress=sys.stderr.isatty())
    print(f"已复制 {report.tables} 张表、{report.rows} 行；{report.journal}")
    print("请设置环境变量 DATABASE_URL 指向新库，然后运行 ecocloud up。")
    return 0
