"""Backup of a running installation on SQLite into one tar file, and its restore into an empty home.

An archive holds ``manifest.json`` (first), ``anchors/journal.anchor``, ``ecocloud.sqlite3``, ``files/…``, what rooms
keep in files of their own (``lake/…``, unless left out) and, on request, ``keys/…``. Order matters: anchors are read
before the database, so that the copy is never behind its own anchors; uploads and raw journals after it, so that every
row finds its bytes. Sessions and the search index are left out: people sign in again, ``ecocloud search-rebuild`` makes
the index anew.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from ecocloud import __version__
from ecocloud.base.errors import EcoError
from ecocloud.base.rooms import all_rooms, load

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "ecocloud.sqlite3"
ANCHORS = "anchors/journal.anchor"
KEYS = ("keys/django.key", "keys/journal.key")
# Folders of a home that come back as they are.
FOLDERS = ("files", "lake")
_CHUNK = 1 << 20
Held = Callable[[], AbstractContextManager[Callable[[], list[tuple[str, Path]]]]]


class BackupRefused(EcoError):
    """A backup cannot be written here, or not from this database."""

    code = "web.backup"


class RestoreRefused(EcoError):
    """The archive or the home is not what a restore needs; nothing was left behind."""

    code = "web.restore"


@dataclass(frozen=True)
class Manifest:
    """What an archive says of itself. ``files`` maps a member's name to its SHA-256; ``at`` is UTC, ISO 8601.
    ``with_lake``: measurements are in it (in archives of before they are not).
    """

    format: int
    version: str
    at: str
    links: int
    entries: int
    with_keys: bool
    files: dict[str, str] = field(default_factory=dict)
    with_lake: bool = False


@dataclass(frozen=True)
class Source:
    """Where an installation keeps its parts; ``keys`` maps names in the archive to files, ``rooms`` hold what rooms
    keep (see ``Room.kept``).
    """

    database: Path
    anchors: Path
    files: Path
    keys: dict[str, Path]
    rooms: tuple[Held, ...] = ()


def installation() -> Source:
    """The parts of this installation. Raises :class:`BackupRefused` on PostgreSQL."""
    from django.conf import settings
    from django.db import connection

    if connection.vendor != "sqlite":
        raise BackupRefused(
            "本安装使用 PostgreSQL，数据库由 pg_dump 备份。",
            "this installation is on PostgreSQL",
            remedy_zh="步骤见 docs/operations.md。",
        )
    # Rooms have keys of their own beside the two.
    keys = {f"keys/{path.name}": path for path in sorted((settings.HOME / "keys").glob("*.key"))}
    keys |= dict(zip(KEYS, (settings.HOME / "keys" / "django.key", Path(settings.JOURNAL_KEY_FILE)), strict=True))
    return Source(
        Path(settings.DATABASES["default"]["NAME"]), Path(settings.JOURNAL_ANCHOR_FILE), Path(settings.MEDIA_ROOT),
        keys, tuple(load(room.kept) for room in all_rooms() if room.kept),
    )  # fmt: skip


def write(target: Path, source: Source, *, with_keys: bool = False, with_lake: bool = True) -> Manifest:
    """Write an archive of ``source`` to ``target`` (mode 600) while people work and devices send.

    The file appears complete or not at all. Raises :class:`BackupRefused` when ``target`` exists, when its folder does
    not, or when the database is missing or damaged, and what rooms raise whose files are damaged.
    """
    if target.exists():
        raise BackupRefused("备份文件已存在，不覆盖。", "file exists", value=str(target), remedy_zh="请换一个文件名。")
    if not target.parent.is_dir():
        raise BackupRefused("备份文件夹不存在。", "no such folder", value=str(target.parent), remedy_zh="请先建立。")
    if not source.database.is_file():
        remedy = "请检查 ECOCLOUD_HOME。"
        raise BackupRefused("数据库文件不存在。", "no database", value=str(source.database), remedy_zh=remedy)
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as folder, ExitStack() as stack:
        scratch = Path(folder)
        kept = [stack.enter_context(hold()) for hold in source.rooms] if with_lake else []
        members = _collect(scratch, source, with_keys)
        members += [member for rest in kept for member in rest()]
        manifest = _manifest_of(scratch, members, with_keys, with_lake)
        part = scratch / "archive"
        _pack(part, manifest, members)
        os.link(part, target)  # fails when somebody made the file meanwhile
    _sync_folder(target.parent)
    return manifest


def _manifest_of(scratch: Path, members: list[tuple[str, Path]], with_keys: bool, with_lake: bool) -> Manifest:
    digests = {name: _digest(path) for name, path in members}
    with _connected(f"{(scratch / DATABASE).as_uri()}?mode=ro") as copy:
        links, entries = _head(copy)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return Manifest(FORMAT, __version__, at, links, entries, with_keys, digests, with_lake)


def _collect(scratch: Path, source: Source, with_keys: bool) -> list[tuple[str, Path]]:
    """Copies of what moves and places of what does not."""
    members: list[tuple[str, Path]] = []
    if source.anchors.is_file():
        shutil.copyfile(source.anchors, scratch / "anchor")
        members.append((ANCHORS, scratch / "anchor"))
    _copy_database(source.database, scratch / DATABASE)
    members.append((DATABASE, scratch / DATABASE))
    for path in sorted(source.files.rglob("*")) if source.files.is_dir() else []:
        relative = path.relative_to(source.files)
        if path.is_file() and relative.parts[0] != "tmp":
            members.append((f"files/{relative.as_posix()}", path))
    if with_keys:
        members += [(name, path) for name, path in source.keys.items() if path.is_file()]
    return members


def _copy_database(source: Path, target: Path) -> None:
    """A consistent copy by SQLite's online backup."""
    with _connected(f"{source.as_uri()}?mode=rw") as live, _connected(target.as_uri()) as copy:
        live.execute("PRAGMA busy_timeout = 30000")
        live.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, no write-ahead log beside it
        verdict = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise BackupRefused("数据库文件已损坏，未写备份。", f"quick_check: {verdict}", value=verdict)


class _connected:
    """A SQLite connection that is closed at the end of the block."""

    def __init__(self, uri: str) -> None:
        self.connection = sqlite3.connect(uri, uri=True)

    def __enter__(self) -> sqlite3.Connection:
        return self.connection

    def __exit__(self, *_: Any) -> None:
        self.connection.close()


def _head(database: sqlite3.Connection) -> tuple[int, int]:
    """The journal's head in a database as (links, entries)."""
    try:
        row = database.execute("SELECT number, total FROM journal_head").fetchone()
    except sqlite3.OperationalError:
        return 0, 0
    return (row[0], row[1]) if row else (0, 0)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _pack(part: Path, manifest: Manifest, members: list[tuple[str, Path]]) -> None:
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream, tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, path in [(MANIFEST, None), *members]:
            info = tarfile.TarInfo(name)
            info.mtime, info.mode = int(time.time()), 0o600
            info.size = len(text) if path is None else path.stat().st_size
            with io.BytesIO(text) if path is None else path.open("rb") as content:
                tar.addfile(info, content)
        tar.close()
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def restore(archive: Path, home: Path, *, journal_key: Path, anchors: Path) -> Manifest:
    """Unpack ``archive`` into ``home``, which must be empty but for ``keys/``.

    ``journal_key`` and ``anchors`` are where this installation will look for them. An anchor file that is there already
    (outside ``home``) stays: it may know more than the archive. Each member is checked against the manifest; the
    database is put in place last. Raises :class:`RestoreRefused`; then nothing was put into ``home``.
    """
    present = sorted(path.name for path in home.iterdir()) if home.is_dir() else []
    if set(present) - {"keys"}:
        raise RestoreRefused(
            "目标文件夹不是空的，不能恢复。", "home is not empty", value="、".join(present[:5]),
            remedy_zh="请把 ECOCLOUD_HOME 指向空文件夹（其中只可以有 keys）。",
        )  # fmt: skip
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=home) as folder:
        scratch = Path(folder)
        manifest = _unpack(archive, scratch)
        if not manifest.with_keys and not journal_key.is_file():
            raise RestoreRefused(
                "备份不含密钥，本机也没有留痕密钥，无法核验留痕。", "no journal key", value=str(journal_key),
                remedy_zh="请先把原来的 journal.key 放到该处，再恢复。",
            )  # fmt: skip
        brought = scratch / KEYS[1]
        if brought.is_file() and journal_key.is_file() and brought.read_bytes() != journal_key.read_bytes():
            raise RestoreRefused(
                "备份中的留痕密钥与本机已有的不同。", "journal keys differ", value=str(journal_key),
                remedy_zh="请移走其中一个再恢复。",
            )  # fmt: skip
        _place(scratch, home, {KEYS[1]: journal_key, ANCHORS: anchors})
    return manifest


def _unpack(archive: Path, scratch: Path) -> Manifest:
    """The archive's members below ``scratch``, each as the manifest says."""
    try:
        with tarfile.open(archive, mode="r:") as tar:
            manifest = _manifest(tar)
            for member in tar:
                expected = manifest.files.get(member.name)
                if member.name == MANIFEST:
                    continue
                if expected is None or not member.isreg() or not _allowed(member.name):
                    raise _damaged(archive, f"不应有 {member.name}")
                found = _write_member(tar.extractfile(member), scratch / member.name)
                if found != expected:
                    raise _damaged(archive, f"{member.name} 的校验值不符")
    except (OSError, tarfile.TarError, ValueError, TypeError) as error:
        raise _damaged(archive, str(error)) from error
    missing = [name for name in manifest.files if not (scratch / name).is_file()]
    if missing:
        raise _damaged(archive, f"缺少 {missing[0]}")
    return manifest


def _damaged(archive: Path, reason: str) -> RestoreRefused:
    sentence = f"备份文件 {archive.name} 不完整或已损坏：{reason}。"
    return RestoreRefused(sentence, f"damaged: {reason}", value=str(archive))


def _manifest(tar: tarfile.TarFile) -> Manifest:
    first = tar.next()
    if first is None or first.name != MANIFEST or not first.isreg():
        raise ValueError(f"首个成员应为 {MANIFEST}")
    manifest = Manifest(**json.load(tar.extractfile(first)))
    if manifest.format != FORMAT:
        raise ValueError(f"格式 {manifest.format} 未知，应为 {FORMAT}")
    return manifest


def _allowed(name: str) -> bool:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or str(path) != name:
        return False
    return name in (DATABASE, ANCHORS) or path.parts[0] in FOLDERS or _is_key(name)


def _is_key(name: str) -> bool:
    return name.startswith("keys/") and name.endswith(".key") and name.count("/") == 1


def _write_member(content: BinaryIO, target: Path) -> str:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
            stream.write(chunk)
        stream.flush()
        os.fsync(stream.fileno())
    return digest.hexdigest()


def _place(scratch: Path, home: Path, elsewhere: dict[str, Path]) -> None:
    """Move the unpacked members to where they belong, the database last; what is there already stays."""
    members = sorted(path.relative_to(scratch).as_posix() for path in scratch.rglob("*") if path.is_file())
    for name in sorted(members, key=lambda name: name == DATABASE):
        target = elsewhere.get(name, home / name)
        if target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if _is_key(name) else 0o777)
        shutil.move(scratch / name, target)
    _sync_folder(home)
