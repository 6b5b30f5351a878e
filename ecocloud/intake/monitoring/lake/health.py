"""Whether what gateways store reaches the lake: for ``ecocloud check`` and ``ecocloud lake status``."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

from ecocloud.intake.monitoring.lake import schema, site
from ecocloud.intake.monitoring.lake.manifest import Manifest, Taken
from ecocloud.intake.monitoring.lake.problems import LakeError
from ecocloud.intake.monitoring.raw import Damaged, Reader

# Taking in looks every few seconds, compaction every five minutes: so much is trouble, not a delay.
LATE, MOST_FRESH = timedelta(minutes=10), 3000
LEAST_FREE = 1 << 30  # bytes


def behind(manifest: Manifest, raw: Path) -> dict[str, datetime]:
    """For each gateway whose raw journal has records that are not in the lake: when the first of them was stored.

    Raises :class:`Damaged` of the raw journal where that record is damaged.
    """
    reader, found = Reader(raw), {}
    for gateway in reader.gateways():
        block = next(reader.blocks(gateway, manifest.taken.get(gateway, Taken()).sequence), None)
        if block is not None:
            found[gateway] = schema.moment(block.committed)
    return found


def check() -> list[str]:
    """What is wrong with taking in, compaction and the disk."""
    try:
        manifest = site.store().newest()
        late = {one: at for one, at in behind(manifest, site.raw_folder()).items() if timezone.now() - at > LATE}
    except (LakeError, Damaged) as error:
        return [error.sentence_zh()]
    found = [
        f"接收网关“{gateway}”自 {at.astimezone(schema.BEIJING):%Y-%m-%d %H:%M} 起收到的数据没有取入测量库，"
        "请看 lake ingest 的日志，检查磁盘空间和数据库；原始流水都在，恢复后自动补取。"
        for gateway, at in late.items()
    ]
    fresh = sum(file.kind == "fresh" for file in manifest.files)
    if fresh > MOST_FRESH:
        found.append(f"测量库有 {fresh} 个新到的数据文件没有合并，请看后台任务“合并新到的数据文件”。")
    return found + disk(site.folder())


def disk(folder: Path) -> list[str]:
    """What is wrong with the disk that raw journals and lake lie on."""
    if not folder.is_dir():
        return []
    if not os.access(folder, os.W_OK):
        return [f"{folder} 不能写入（磁盘只读或没有权限），接收网关不会应答设备。"]
    state = os.statvfs(folder)
    free = state.f_bavail * state.f_frsize
    if free < LEAST_FREE:
        return [f"{folder} 所在磁盘只剩 {free / 1e6:.0f} MB；写满后接收网关不再应答设备，设备会留存并重发。"]
    return []
