"""``ecocloud restore FILE.tar``: a backup into an empty home, then the journal verified."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ecocloud.web import backups


def add_arguments(parser) -> None:
    """The archive to read."""
    parser.add_argument("file", metavar="FILE.tar", help="written by ecocloud backup")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args) -> int:
    """Unpack, bring the tables up to date, verify the journal; exit code 1 when refused or not consistent.

    The settings are read only after unpacking: they would make keys of their own in an empty home.
    """
    if os.environ.get("DATABASE_URL"):
        raise backups.RestoreRefused(
            "环境变量 DATABASE_URL 指向 PostgreSQL，数据库由 pg_restore 恢复。", "DATABASE_URL is set",
            remedy_zh="步骤见 docs/operations.md；恢复到 SQLite 时请先取消该变量。",
        )  # fmt: skip
    home = Path(os.environ.get("ECOCLOUD_HOME") or "var").resolve()
    key = Path(os.environ.get("ECOCLOUD_JOURNAL_KEY", home / "keys" / "journal.key"))
    anchors = Path(os.environ.get("ECOCLOUD_JOURNAL_ANCHOR", home / "anchors" / "journal.anchor"))
    manifest = backups.restore(Path(args.file), home, journal_key=key, anchors=anchors)
    report = _verified()
    if args.json:
        found = {"at": manifest.at, "links": report.links, "entries": report.entries}
        findings = [finding.sentence_en for finding in report.findings]
        print(json.dumps(found | {"consistent": report.consistent, "findings": findings}, ensure_ascii=False))
    else:
        print(f"已恢复 {manifest.at[:19]}（UTC）的备份。{report.sentence_zh()}")
        for finding in report.findings:
            print(f"  [{finding.kind}] {finding.place}: {finding.sentence_zh}")
        print("请运行 ecocloud search-rebuild 重建检索库，然后运行 ecocloud up。")
    return 0 if report.consistent else 1


def _verified():
    """The journal's report. The tables are brought up to date first; nothing is journalled before it was verified."""
    import django

    django.setup()
    from django.conf import settings

    from ecocloud.kernel.journal.verification import verify
    from ecocloud.web import installation
    from ecocloud.web.tables import create_or_update

    for alias in settings.DATABASES:
        create_or_update(alias)
    report = verify()
    if report.consistent:
        installation.migrate()
    return report
