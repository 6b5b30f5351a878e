"""Moving an installation from SQLite to PostgreSQL: rows as they are, keys kept, counts and journal verified."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from django.apps import apps
from django.core.management.color import no_style
from django.db import connections, models, transaction
from tqdm import tqdm

from ecocloud.base.errors import EcoError
from ecocloud.web.tables import create_or_update

TARGET = "move_target"
SKIPPED = {"sessions.Session", "contenttypes.ContentType", "auth.Permission"}


class MoveRefused(EcoError):
    """The target is not an empty PostgreSQL database, or the copy differs from the source."""

    code = "web.move"


@dataclass(frozen=True)
class Report:
    """What was copied."""

    tables: int
    rows: int
    journal: str


def _models() -> list[type[models.Model]]:
    """Concrete models, those pointed at before those that point."""
    wanted = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.label not in SKIPPED
    ]
    done: list[type[models.Model]] = []

    def add(model, path=()):
        if model in done or model in path or model not in wanted:
            return
        for field in model._meta.local_fields:
            if field.remote_field and field.remote_field.model is not model:
                add(field.remote_field.model, (*path, model))
        done.append(model)

    for model in wanted:
        add(model)
    return done


def _open_target(url: str) -> None:
    from ecocloud.web.settings import _postgres

    if not url.startswith(("postgres://", "postgresql://")):
        raise MoveRefused(
            "目标地址不是 PostgreSQL。",
            value=url.split("@")[-1],
            remedy_zh="应形如 postgresql://用户:密码@主机:端口/库名。",
        )
    default = connections.databases["default"]
    connections.databases[TARGET] = {
        key: value for key, value in default.items() if key not in ("OPTIONS", "NAME", "ENGINE")
    } | _postgres(url)


def _copy(model: type[models.Model], chunk: int, bar) -> int:
    source = model._base_manager.using("default").order_by("pk")
    target = model._base_manager.using(TARGET)
    target.all()._raw_delete(TARGET)
    count, batch = 0, []
    for row in source.iterator(chunk_size=chunk):
        batch.append(row)
        if len(batch) == chunk:
            target.bulk_create(batch)
            count += len(batch)
            bar.update(len(batch))
            batch = []
    target.bulk_create(batch)
    bar.update(len(batch))
    return count + len(batch)


def move(url: str, *, chunk: int = 2000, progress: bool = False) -> Report:
    """Copy every table into the empty PostgreSQL database at ``url``, in one transaction.

    Raises :class:`MoveRefused` when the target holds accounts already or when counts differ afterwards (then nothing
    was kept).
    """
    from django.contrib.auth import get_user_model

    _open_target(url)
    create_or_update(TARGET)
    if get_user_model()._base_manager.using(TARGET).exists():
        raise MoveRefused("目标库中已有账户，不能覆盖。", remedy_zh="请给出空库。")
    ordered = _models()
    total = sum(model._base_manager.using("default").count() for model in ordered)
    rows = 0
    with tqdm(total=total, disable=not progress, unit="row", file=sys.stderr) as bar, transaction.atomic(using=TARGET):
        with connections[TARGET].cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for model in ordered:
            copied = _copy(model, chunk, bar)
            present = model._base_manager.using(TARGET).count()
            expected = model._base_manager.using("default").count()
            if not copied == present == expected:
                raise MoveRefused(
                    f"表 {model._meta.db_table} 复制后为 {present} 行，原有 {expected} 行。",
                    remedy_zh="请停止写入后重试。",
                )
            rows += copied
        with connections[TARGET].cursor() as cursor:
            for statement in connections[TARGET].ops.sequence_reset_sql(no_style(), ordered):
                cursor.execute(statement)
    return Report(len(ordered), rows, "请在新库上运行 ecocloud verify-journal。")
