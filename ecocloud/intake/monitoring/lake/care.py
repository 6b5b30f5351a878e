"""Caring for a lake: verify it, build it again from the raw journals, end what has been kept long enough."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq

from ecocloud.intake.monitoring.lake import schema
from ecocloud.intake.monitoring.lake.compact import Compactor
from ecocloud.intake.monitoring.lake.files import digest
from ecocloud.intake.monitoring.lake.ingest import Ingester
from ecocloud.intake.monitoring.lake.manifest import File, Manifest, Store, sync_folder
from ecocloud.intake.monitoring.lake.problems import Damaged, LakeError
from ecocloud.intake.monitoring.raw import Reader
from ecocloud.intake.monitoring.raw.layout import FILE_HEADER, FIRST
from ecocloud.intake.monitoring.raw.scanning import files as raw_files
from ecocloud.intake.monitoring.raw.scanning import first_of


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be. place: a file or raw journal."""

    kind: str
    place: str
    sentence_zh: str


def verify(store: Store, ingester: Ingester, raw: Path, *, counts: bool = True) -> Iterator[Finding]:
    """Findings about a lake: each file is there with the bytes and rows its manifest says; no row is unaccounted for;
    with ``counts``, the raw journals decoded anew give the rows that were taken in.
    """
    try:
        manifest = store.newest()
    except Damaged as error:
        yield Finding("manifest", str(error.where.get("文件", "")), error.sentence_zh())
        return
    for file in manifest.files:
        yield from _verify_file(store, file)
    taken = sum(one.rows for one in manifest.taken.values())
    there = manifest.rows + manifest.dropped + manifest.deleted
    if taken != there:
        yield Finding("balance", "", f"取入 {taken} 行，现有、重复和到期的合计 {there} 行。")
    if counts:
        yield from _verify_counts(manifest, ingester, raw)


def _verify_file(store: Store, file: File) -> Iterator[Finding]:
    path = store.data / file.name
    if not path.is_file():
        yield Finding("missing", file.name, "文件不存在。")
    elif path.stat().st_size != file.size or digest(path) != file.sha256:
        yield Finding("changed", file.name, "文件内容与清单不符。")
    elif pq.read_metadata(path).num_rows != file.rows:
        yield Finding("rows", file.name, "行数与清单不符。")


def _verify_counts(manifest: Manifest, ingester: Ingester, raw: Path) -> Iterator[Finding]:
    incomplete = [gateway for gateway in manifest.taken if not _is_whole(raw, gateway)]
    for gateway in incomplete:
        yield Finding("raw", gateway, "原始流水不是从头保存的，无法与测量库核对。")
    whole = replace(manifest, taken={name: one for name, one in manifest.taken.items() if name not in incomplete})
    for gateway, found in ingester.counted(whole).items():
        known = manifest.taken[gateway]
        for name, one, other in (
            ("sequence", found.sequence, known.sequence), ("rows", found.rows, known.rows),
            ("refused", found.refused, known.refused),
        ):  # fmt: skip
            if one != other:
                yield Finding("raw", gateway, f"原始流水重新解码得到 {name}={one}，清单记为 {other}。")


def _is_whole(raw: Path, gateway: str) -> bool:
    """Whether a raw journal begins with its first record."""
    found = raw_files(raw / gateway)
    return bool(found) and first_of(found[0][1]) == FIRST


def replay(store: Store, raw: Path, make: Callable[[Store], Ingester], now: datetime) -> Manifest:
    """Build the lake again from the raw journals beside the present one, then put it in its place in one manifest.

    make: an ingester for a store. Hold the locks ``ingest`` and ``compact``. Raises :class:`LakeError` when a raw
    journal no longer begins with its first record: the rows from before could not be built again.
    """
    for gateway in sorted({*Reader(raw).gateways(), *store.newest().taken}):
        if not _is_whole(raw, gateway):
            raise LakeError(
                f"接收网关“{gateway}”的原始流水已不完整，不能重建测量库。", f"raw journal {gateway} is not whole",
                value=gateway, remedy_zh="请从备份恢复原始流水。",
            )  # fmt: skip
    folder = store.folder / "replay"
    shutil.rmtree(folder, ignore_errors=True)
    fresh = Store(folder)
    make(fresh).drain()
    Compactor(fresh).run(now, whole=True)
    made = fresh.newest()
    for file in made.files:
        target = store.data / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        os.rename(fresh.data / file.name, target)
        os.utime(target)  # in the lake from now on: a reader may have it when it is exchanged soon
        for one in (target.parent, target.parent.parent, store.data):
            sync_folder(one)
    after = store.commit(lambda _before: made)
    shutil.rmtree(folder)
    return after


@dataclass(frozen=True)
class Ended:
    """What a rule of retention ends: files of the lake (whole partitions) and of raw journals."""

    files: tuple[File, ...]
    raw: tuple[Path, ...]

    @property
    def rows(self) -> int:
        """Rows of the lake that end."""
        return sum(file.rows for file in self.files)


def ended(store: Store, raw: Path, now: datetime, lake_days: int, raw_days: int) -> Ended:
    """What ends by now. 0 days: nothing does. A partition ends so many days after its period; a file of a raw journal
    so many after its last record, when all of it is in the lake and no device waits for its packets.
    """
    manifest = store.newest()
    files: tuple[File, ...] = ()
    if lake_days > 0:
        before = now - timedelta(days=lake_days)
        files = tuple(one for one in manifest.files if one.period < schema.partition_of(one.interval, before).period)
    paths: list[Path] = []
    if raw_days > 0:
        oldest = schema.micro(now - timedelta(days=raw_days))
        for gateway, taken in manifest.taken.items():
            waits = [lies[gateway].first for lies in manifest.waiting.values() if gateway in lies]
            needed = min([taken.sequence, *waits])
            found, youngest = raw_files(raw / gateway), 0
            for (_number, path), (_next, after) in zip(found, found[1:], strict=False):
                following = first_of(after)
                youngest = max(youngest, *_told(path, after, schema.micro(now)))
                if following is None or following > needed or youngest >= oldest:
                    break
                paths.append(path)
    return Ended(files, tuple(paths))


def end(store: Store, what: Ended) -> Manifest:
    """Take what ended out of the lake and delete raw files. Hold the lock ``compact``."""
    names = {file.name for file in what.files}

    def change(manifest: Manifest) -> Manifest:
        after = manifest.exchanged(names, [], 0)
        return replace(after, deleted=after.deleted + what.rows)

    manifest = store.commit(change) if names else store.newest()
    for path in what.raw:
        path.unlink()
        sync_folder(path.parent)
    return manifest


def _told(path: Path, after: Path, now: int) -> list[int]:
    """How young a raw file's last record may be, µs: when the next file was begun and when this one was written last.

    Both are asked, and those of earlier files as well, since a clock that was set back while a file was begun would
    make all before it look old. Times to come tell nothing.
    """
    with after.open("rb") as source:
        begun = FILE_HEADER.unpack(source.read(FILE_HEADER.size))[1]
    return [at for at in (begun, path.stat().st_mtime_ns // 1000) if at <= now]
