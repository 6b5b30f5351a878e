"""What ``ecocloud check`` and the health route look at."""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from django.utils import timezone

# A county office: about twenty people writing at once on SQLite (docs/architecture.md, Storage).
SQLITE_ACCOUNTS = 100
SQLITE_ITEMS = 200_000


def database() -> list[str]:
    """Unapplied migrations; SQLite without write-ahead log."""
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    found = [f"有 {len(plan)} 个迁移未执行，请运行 ecocloud up。"] if plan else []
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            mode = cursor.execute("PRAGMA journal_mode").fetchone()[0]
        if mode not in ("wal", "memory"):
            found.append(f"SQLite 日志模式为 {mode}，应为 wal；数据文件须放在本地磁盘。")
    return found


def assets() -> list[str]:
    """Front-end files that are missing."""
    folder = settings.PACKAGE / "web" / "static" / "vendor"
    wanted = ("echarts.min.js", "htmx.min.js", "icons.svg", "LICENSES.md")
    missing = [name for name in wanted if not (folder / name).exists()]
    return [f"缺少前端文件 {'、'.join(missing)}，请运行 make assets。"] if missing else []


def keys() -> list[str]:
    """Key files that others may read."""
    found = []
    for path in (settings.HOME / "keys" / "django.key", settings.JOURNAL_KEY_FILE):
        if path.exists() and path.stat().st_mode & 0o077:
            found.append(f"密钥文件 {path.name} 可被他人读取，应为仅属主可读（chmod 600）。")
    return found


def calendar() -> list[str]:
    """Years ahead without published holidays."""
    from ecocloud.base.calendar import WorkCalendar

    year = timezone.localdate().year
    known = WorkCalendar.load().known(year)
    return [] if known else [f"{year} 年节假日安排未载入，工作日按周一至周五计算。"]


def files() -> list[str]:
    """Uploads whose bytes are missing or of another size (contents are not hashed here)."""
    from ecocloud.base.files.verification import verify_files

    return verify_files(rehash=False)


def journal() -> list[str]:
    """Faults of the newest part of the journal; the whole is read by ``ecocloud verify-journal``."""
    from ecocloud.kernel.journal.models import Head, Link

    head = Head.objects.filter(pk=1).first()
    last = Link.objects.order_by("-number").first()
    if head is None:
        return ["留痕链头缺失，系统拒绝写入。"]
    if head.number != (last.number if last else 0):
        return ["留痕链头与最后链节不符，请运行 ecocloud verify-journal。"]
    return []


def size() -> list[str]:
    """Whether this installation has outgrown SQLite."""
    from django.contrib.auth import get_user_model

    from ecocloud.kernel.duties.models import WorkItem

    if connection.vendor != "sqlite":
        return []
    accounts = get_user_model().objects.filter(is_active=True).count()
    items = WorkItem.objects.count()
    if accounts > SQLITE_ACCOUNTS or items > SQLITE_ITEMS:
        return [f"已有 {accounts} 个账户、{items} 项任务，建议迁移：ecocloud move-to-postgres。"]
    return []
