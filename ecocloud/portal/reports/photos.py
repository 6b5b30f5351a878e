"""Photos come in before the report they belong to: checked, stripped, kept under a token that the form carries on.

Nothing of a photo is kept but the picture: place and time are read, then cut out. What a form loses on its way (a field
missing, a page sent twice) it does not lose the photos.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO

from django.utils import timezone

from ecocloud.base.files import errors as files
from ecocloud.base.files import pictures
from ecocloud.base.files import services as store
from ecocloud.base.files.kinds import FileKind, sniff
from ecocloud.base.files.models import StoredFile
from ecocloud.kernel.journal.services import SYSTEM, change
from ecocloud.portal.facts import limits
from ecocloud.portal.reports.models import ReportPhoto

TYPES = {"jpg": "image/jpeg", "png": "image/png"}
_KINDS = (FileKind.JPG, FileKind.PNG)


@dataclass(frozen=True)
class Problem:
    """A file that is not taken: its name, why, and what would be right."""

    name: str
    error: files.FileRefused


def keep(name: str, stream: BinaryIO) -> ReportPhoto:
    """Keep one photo without what it tells; not inside a transaction. Raises types of ``base.files.errors``."""
    most = limits().photo.max_bytes.value
    data = stream.read(most + 1)
    name = name[:80] or "photo"
    if not data:
        raise files.EmptyFile("照片是空的。", "the photo is empty", where={"照片": name}, remedy_zh="请重新选择。")
    if len(data) > most:
        raise files.FileTooBig(
            "照片过大。", f"the photo is larger than {most // 1048576} MB", where={"照片": name},
            remedy_zh=f"每张最大 {most // 1048576} MB，请缩小后再试。",
        )  # fmt: skip
    kind = sniff(data)
    if kind not in _KINDS:
        raise files.KindNotAllowed(
            "这不是 JPG 或 PNG 照片。", "not a JPG or PNG photo", where={"照片": name}, value=kind.value,
            remedy_zh="请选择手机拍摄的照片。",
        )  # fmt: skip
    told, clean = pictures.read(data), pictures.stripped(data)
    if not clean:
        raise files.DamagedFile("照片已损坏。", "the photo is damaged", where={"照片": name}, remedy_zh="请重新拍摄。")
    received = store.receive(f"photo.{kind.value}", io.BytesIO(clean), _KINDS, most)
    with change(SYSTEM):
        kept = store.record(received, "public")
        return ReportPhoto.objects.create(token=secrets.token_urlsafe(24), file=kept, lon=told.lon, lat=told.lat)


def take(uploads: Iterable, tokens: Sequence[str]) -> tuple[list[ReportPhoto], list[Problem]]:
    """The photos of a form: those it already carries by their tokens, then the new ones; and what is not taken."""
    most = limits().photo.most.value
    held = list(ReportPhoto.objects.filter(token__in=[one for one in tokens if len(one) <= 40][: 2 * most]))
    found, problems = held[:most], []
    for one in uploads:
        try:
            if len(found) >= most:
                raise files.FileRefused(
                    f"最多 {most} 张照片。", f"at most {most} photos", where={"照片": one.name[:40]}
                )
            found.append(keep(one.name, one))
        except files.FileRefused as error:
            problems.append(Problem(one.name[:80], error))
    return found, problems


def forget(now: datetime | None = None) -> int:
    """Drop the rows of photos that no form claimed in time; how many. Their bytes are no longer referred to."""
    last = (now or timezone.now()) - timedelta(hours=limits().photo.unclaimed_hours.value)
    rows = list(ReportPhoto.objects.filter(report__isnull=True, at__lt=last).order_by("pk")[:1000])
    with change(SYSTEM) as tx:
        ReportPhoto.objects.filter(pk__in=[row.pk for row in rows], report__isnull=True).delete()
        StoredFile.objects.filter(pk__in=[row.file_id for row in rows]).delete()
        if rows:
            tx.log("portal.photo.forget", f"photo:{rows[0].pk}", after={"photos": len(rows)})
    return len(rows)
