"""Anchors: signed heads in a file outside the database.

The file is append-only, one JSON line for each anchor. A second file (another disk or host mount) can be configured
with ``ECOCLOUD_JOURNAL_ANCHOR_2``.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import time
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

from ecocloud.kernel.journal import chain
from ecocloud.kernel.journal.models import Head

log = logging.getLogger(__name__)
# At most one anchor a second and process while people work; the last write of a busy second is anchored by the next
# one or by the worker's minute job.
_INTERVAL_SECONDS = 1.0
_last_written = 0.0


@dataclass(frozen=True)
class Anchor:
    """A head as it was at ``at``: link number, entries so far and digest, with its signature."""

    number: int
    total: int
    digest: str
    at: str
    signature: str


def key() -> str:
    """The signing key, from a file outside the database; made on first use."""
    path = Path(settings.JOURNAL_KEY_FILE)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Written aside and linked into place: a second process never reads a key that is only half there.
        temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(os.urandom(48).hex())
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    return path.read_text(encoding="ascii").strip()


def sign_head(head: Head) -> str:
    """The signature of a head row."""
    return chain.sign(key(), chain.canonical([head.number, head.total, head.digest, head.at]))


def _files() -> list[Path]:
    second = os.environ.get("ECOCLOUD_JOURNAL_ANCHOR_2", "")
    return [Path(settings.JOURNAL_ANCHOR_FILE)] + ([Path(second)] if second else [])


def _sign_anchor(number: int, total: int, digest: str, at: str) -> str:
    return chain.sign(key(), chain.canonical(["anchor", number, total, digest, at]))


def write_anchor() -> Anchor | None:
    """Append the present head to the anchor file(s), fsynced. ``None`` when nothing was ever written."""
    head = Head.objects.get(pk=1)
    if head.number == 0:
        return None
    at = head.at.isoformat()
    anchor = Anchor(head.number, head.total, head.digest, at, _sign_anchor(head.number, head.total, head.digest, at))
    for path in _files():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            # A line broken off by a power cut is closed first, so that it does not spoil this one.
            end = stream.seek(0, os.SEEK_END)
            whole = end == 0 or (stream.seek(end - 1) and stream.read(1) == b"\n")
            stream.write((b"" if whole else b"\n") + json.dumps(asdict(anchor)).encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
    return anchor


def write_anchor_if_moved(number: int) -> Anchor | None:
    """Write an anchor unless the head is still at link ``number``."""
    return write_anchor() if Head.objects.get(pk=1).number != number else None


def after_commit(number: int) -> None:
    """Anchor the head after a commit, at most once a second in this process.

    The change is committed by now: an anchor that cannot be written is logged, never reported as a failed change. The
    worker's minute job tries again and fails visibly.
    """
    global _last_written
    if not getattr(settings, "JOURNAL_ANCHOR_ON_COMMIT", True):
        return
    now = time.monotonic()
    if now - _last_written >= _INTERVAL_SECONDS:
        _last_written = now
        try:
            write_anchor()
        except Exception:
            log.exception("anchor of link %s not written", number)


def read_anchors() -> tuple[list[Anchor], list[chain.Finding]]:
    """All anchors whose signature holds, oldest first, and a finding for each line that does not.

    A line without its end (broken off by a power cut) is passed over, as if it had not been written.
    """
    anchors: dict[tuple[int, str], Anchor] = {}
    findings = []
    for path in _files():
        if not path.exists():
            continue
        with path.open(encoding="utf-8", errors="replace") as stream:
            for line_number, line in enumerate(stream, 1):
                if not line.rstrip().endswith("}"):
                    continue
                try:
                    anchor = Anchor(**json.loads(line))
                    good = anchor.signature == _sign_anchor(anchor.number, anchor.total, anchor.digest, anchor.at)
                except (ValueError, TypeError):
                    good = False
                if good:
                    anchors[anchor.number, anchor.digest] = anchor
                else:
                    findings.append(
                        chain.Finding(
                            "unsigned",
                            f"{path.name}:{line_number}",
                            f"锚文件 {path.name} 第 {line_number} 行签名不符。",
                            f"anchor file {path.name} line {line_number}: signature does not hold",
                        )
                    )
    return sorted(anchors.values(), key=lambda anchor: anchor.number), findings
