"""The jobs of large imports: thin, the work is in ``services`` and ``long_imports``."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.urls import reverse

from ecocloud.base.jobs import job
from ecocloud.base.sheets import long_imports, services
from ecocloud.base.sheets.models import ImportBatch


def _given(context: Any) -> tuple[Any, ImportBatch, dict[str, Any]]:
    batch = ImportBatch.objects.select_related("file").get(pk=context.payload["batch"])
    user = get_user_model().objects.get(pk=context.payload["user"])
    return user, batch, {"url": reverse("sheets:preview", kwargs={"pk": batch.pk}), "page": True}


@job(long_imports.STAGE_JOB, max_attempts=3, label_zh="校验导入文件")
def stage(context: Any) -> dict[str, Any]:
    """Read and check the rows of a batch."""
    user, batch, where = _given(context)

    def step(done: int) -> None:
        context.check()
        context.progress(done, max(batch.size, done), "逐行校验")

    services.stage(user, batch, step)
    return where


@job(long_imports.COMMIT_JOB, max_attempts=20, backoff=2, label_zh="写入导入数据")
def commit(context: Any) -> dict[str, Any]:
    """Write the rows of a batch; goes on behind the last chunk that was written."""
    user, batch, where = _given(context)
    if batch.status != ImportBatch.Status.COMMITTING:
        return where
    rows = batch.rows.filter(outcome__in=("new", "changed"))
    total, done = rows.count(), rows.filter(number__lte=batch.written).count()

    def step(count: int, last: int) -> None:
        nonlocal done
        done += count
        context.progress(done, total, "分批写入")
        context.save({"row": last})

    long_imports.write_on(user, batch, step, context.check)
    return where
