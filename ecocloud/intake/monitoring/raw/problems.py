"""What can go wrong with a raw journal."""

from __future__ import annotations

from pathlib import Path

from ecocloud.base.errors import EcoError


class CannotStore(EcoError):
    """The disk refuses: nothing of the group is stored, nothing of it may be acknowledged."""

    code = "raw.cannot_store"
    http_status = 503


class Locked(EcoError):
    """Another process writes this journal."""

    code = "raw.locked"
    http_status = 409


class BadName(EcoError):
    """A name no gateway can have."""

    code = "raw.bad_name"


class NotFound(EcoError):
    """No such record."""

    code = "raw.not_found"
    http_status = 404


class Damaged(EcoError):
    """Bytes of a stored block were changed or lost; says file and offset.

    following: sequence number from which whole blocks go on, to read on from; None when none follows.
    """

    code = "raw.damaged"
    http_status = 500

    def __init__(self, path: Path, offset: int, why: str, following: int | None = None) -> None:
        self.following = following
        super().__init__(
            "原始流水损坏。",
            f"raw journal damaged: {path} at byte {offset}: {why}",
            where={"文件": str(path), "字节": offset},
            value=why,
            remedy_zh="请从备份恢复该文件；其余文件不受影响。",
        )
