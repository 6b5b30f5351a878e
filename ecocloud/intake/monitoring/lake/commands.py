"""``ecocloud lake``: take in, compact, look after and export the measurement lake.

Exit codes: 0 done; 1 something was found wrong or refused.
"""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
import threading
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import close_old_connections
from django.utils import timezone

from ecocloud.intake.monitoring.lake.manifest import Store

PAUSE = 5.0  # seconds between two looks at the raw journals: each makes a file for each partition that gets rows
_INTERVALS = ("rtd", "minute", "hour", "day", "other", "undated")
log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``ecocloud lake``."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("status", help="文件、行数、各接收网关的位置").add_argument("--json", action="store_true")
    ingest = actions.add_parser("ingest", help="把原始流水取入测量库，持续运行")
    ingest.add_argument("--once", action="store_true", help="取完现有的就结束")
    compact = actions.add_parser("compact", help="合并数据文件")
    compact.add_argument("--whole", action="store_true", help="每个分区合并成一个文件")
    check = actions.add_parser("check", help="核对清单、校验和，并与原始流水对数")
    check.add_argument("--files-only", action="store_true", help="不与原始流水对数")
    check.add_argument("--json", action="store_true")
    actions.add_parser("replay", help="由原始流水重建测量库")
    expire = actions.add_parser("expire", help="按保存期限清理（期限见设置，默认永久保存）")
    expire.add_argument("--dry-run", action="store_true", help="只看会清理什么")
    export = actions.add_parser("export", help="导出测量值：.csv、.xlsx 或 .parquet")
    export.add_argument("target", type=Path, metavar="FILE")
    export.add_argument("--interval", choices=_INTERVALS, default="hour")
    export.add_argument("--mn", action="append", help="设备唯一标识，可多次给出；不给出为全部")
    export.add_argument("--factor", action="append", help="因子编码，可多次给出；不给出为全部")
    export.add_argument("--from", dest="first", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
    export.add_argument(
        "--to", dest="last", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD", help="含当日"
    )
    export.add_argument("--versions", action="store_true", help="导出全部版本，而不只是现行值")


def run(args: argparse.Namespace) -> int:
    """Carry out the command; returns the exit code."""
    return _ACTIONS[args.action](args)


def _status(args: argparse.Namespace) -> int:
    from ecocloud.intake.monitoring.lake import schema, site
    from ecocloud.intake.monitoring.lake.health import behind
    from ecocloud.intake.monitoring.raw import Reader

    manifest, reader = site.store().newest(), Reader(site.raw_folder())
    late = behind(manifest, site.raw_folder())
    journals = {
        gateway: {"taken": manifest.taken[gateway].sequence if gateway in manifest.taken else 1,
                  "stored": reader.following(gateway),
                  "behind_since": late[gateway].isoformat() if gateway in late else None,
                  "refused": manifest.taken[gateway].refused if gateway in manifest.taken else 0}
        for gateway in reader.gateways()
    }  # fmt: skip
    kinds = {kind: sum(file.kind == kind for file in manifest.files) for kind in ("fresh", "current", "superseded")}
    facts: dict[str, Any] = {
        "manifest": manifest.number, "rows": manifest.rows, "bytes": sum(file.size for file in manifest.files),
        "files": kinds, "dropped": manifest.dropped, "deleted": manifest.deleted, "journals": journals,
        "waiting": len(manifest.waiting),
    }  # fmt: skip
    if args.json:
        print(json.dumps(facts, ensure_ascii=False))
        return 0
    print(f"清单 {facts['manifest']} 号：{facts['rows']} 行，{facts['bytes'] / 1e6:.1f} MB，"
          f"新到 {kinds['fresh']} 个文件，现行 {kinds['current']} 个，旧版本 {kinds['superseded']} 个。")  # fmt: skip
    print(f"重复略去 {facts['dropped']} 行，到期清理 {facts['deleted']} 行，{facts['waiting']} 台设备待准入。")
    for gateway, one in journals.items():
        print(f"接收网关 {gateway}：已取入到第 {one['taken'] - 1} 条，共 {one['stored'] - 1} 条，"
              f"其中解不开 {one['refused']} 条。")  # fmt: skip
        if gateway in late:
            print(f"    {late[gateway].astimezone(schema.BEIJING):%Y-%m-%d %H:%M:%S} 起收到的还没有取入。")
    return 0


def _ingest(args: argparse.Namespace) -> int:
    """Take in until a signal comes; trouble with disk or database is logged and tried again."""
    from ecocloud.intake.monitoring.lake import site
    from ecocloud.intake.monitoring.lake.problems import Held

    store = site.store()
    if args.once:
        with store.lock("ingest"):
            print(f"取入 {site.ingester(store).drain()} 行。")
        return 0
    stop = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stop.set())
    while not stop.is_set():
        try:
            with store.lock("ingest"):
                _ingest_until(stop, store)
        except Held:  # another process does it; this one stands by
            stop.wait(PAUSE)
        except Exception:  # the raw journal keeps everything; a new beginning reads it again
            log.exception("lake: not taken in, trying again")
            stop.wait(PAUSE * 2)
    return 0


def _ingest_until(stop: threading.Event, store: Store) -> None:
    from ecocloud.intake.monitoring.lake import site

    close_old_connections()
    ingester = site.ingester(store)
    while not stop.is_set():
        close_old_connections()
        _rows, more = ingester.step()
        if not more:
            stop.wait(PAUSE)


def _compact(args: argparse.Namespace) -> int:
    from ecocloud.intake.monitoring.lake import site
    from ecocloud.intake.monitoring.lake.compact import Compactor

    store = site.store()
    with store.lock("compact"):
        count = Compactor(store).run(timezone.now(), finish=True, whole=args.whole)
        removed = store.clean()
    print(f"合并 {count} 个文件，删除 {removed} 个不再使用的文件。")
    return 0


def _check(args: argparse.Namespace) -> int:
    from ecocloud.intake.monitoring.lake import site
    from ecocloud.intake.monitoring.lake.care import verify

    store = site.store()
    ingester = site.ingester(store, newest=False)
    found = list(verify(store, ingester, site.raw_folder(), counts=not args.files_only))
    if args.json:
        print(json.dumps([vars(one) for one in found], ensure_ascii=False))
    else:
        for one in found:
            print(f"[{one.kind}] {one.place}: {one.sentence_zh}")
        print("测量库完好。" if not found else f"发现 {len(found)} 处问题。", file=sys.stderr)
    return 1 if found else 0


def _replay(args: argparse.Namespace) -> int:
    from ecocloud.intake.monitoring.lake.services import rebuild

    begun = time.monotonic()
    after = rebuild(timezone.now())
    print(f"已由原始流水重建：{after.rows} 行，{time.monotonic() - begun:.0f} 秒。")
    return 0


def _expire(args: argparse.Namespace) -> int:
    from ecocloud.intake.monitoring.lake.services import end_retention

    what = end_retention(timezone.now(), look_only=args.dry_run)
    word = "将清理" if args.dry_run else "已清理"
    print(f"{word}测量值 {what.rows} 行（{len(what.files)} 个文件）、原始流水 {len(what.raw)} 个文件。")
    return 0


def _export(args: argparse.Namespace) -> int:
    from ecocloud.intake.monitoring.lake import schema, site
    from ecocloud.intake.monitoring.lake.exporting import export
    from ecocloud.intake.monitoring.lake.reading import Wanted
    from ecocloud.intake.monitoring.lake.services import record_export

    first, last = _midnight(args.first), _midnight(args.last + timedelta(days=1))
    wanted = Wanted(args.interval, first, last, _some(args.mn), _some(args.factor))
    snapshot = site.snapshot(None)
    with site.store().reading(snapshot.manifest):
        count = export(snapshot, wanted, args.target, versions=args.versions)
    question = {"interval": args.interval, "from": str(args.first), "to": str(args.last), "mn": args.mn,
                "factor": args.factor, "versions": args.versions}  # fmt: skip
    record_export(count, args.target.name, question)
    print(
        f"已导出 {count} 行到 {args.target}（时间为{schema.BEIJING.utcoffset(None)}时区）。"
        if count
        else "没有符合条件的测量值，文件只有表头。"
    )
    return 0


def _midnight(day: date) -> datetime:
    from ecocloud.intake.monitoring.lake import schema

    return schema.day_bounds(day)[0]


def _some(words: list[str] | None) -> tuple[str, ...] | None:
    return tuple(words) if words else None


_ACTIONS = {
    "status": _status, "ingest": _ingest, "compact": _compact, "check": _check, "replay": _replay,
    "expire": _expire, "export": _export,
}  # fmt: skip
