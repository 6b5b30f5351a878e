"""The background job that changes many objects."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.urls import reverse

from ecocloud.base.errors import EcoError
from ecocloud.base.jobs.registry import job
from ecocloud.kernel.regions.models import Department, User
from ecocloud.kernel.registers.register import open_register
from ecocloud.kernel.registers.services import bulk

BULK = "registers.bulk"
CHUNK = 100


@job(BULK, max_attempts=3, label_zh="批量修改名录")
def bulk_edit(context: Any) -> dict[str, Any]:
    """Write a previewed change in chunks; each chunk is one transaction together with its checkpoint."""
    told = context.payload
    user = User.objects.select_related("department__region").get(pk=told["user"])
    register = open_register(told["register"])
    rows = [(int(pk), int(version)) for pk, version in told["rows"]]
    kept = context.checkpoint or {"at": 0, "done": 0, "refused": []}
    department = bulk.KEEP
    if "department" in told:
        department = Department.objects.filter(code=told["department"]).first() if told["department"] else None
    while kept["at"] < len(rows):
        context.check()
        part = dict(rows[kept["at"] : kept["at"] + CHUNK])
        with transaction.atomic():
            done, refused = _chunk(user, register, part, told, department)
            kept = {"at": kept["at"] + len(part), "done": kept["done"] + done, "refused": kept["refused"] + refused}
            context.save(kept)
        context.progress(kept["at"], len(rows), "写入修改")
    url = reverse("registers:bulk-result", args=[context.job_id])
    return {"url": url, "page": True, "register": register.code, "done": kept["done"], "total": len(rows),
            "refused": kept["refused"]}  # fmt: skip


def _chunk(
    user: User, register: Any, part: dict[int, int], told: dict[str, Any], department: Any
) -> tuple[int, list[list[Any]]]:
    """How many were written, and ``[key, sentence, English sentence]`` of each that was not."""
    try:
        found = bulk.bulk_edit(user, register, list(part), told["given"], department=department, versions=part,
                               note=told["note"])  # fmt: skip
    except EcoError as error:  # a handler, or a right that was taken away meanwhile: nothing of this chunk was written
        return 0, [[pk, error.sentence_zh(), error.message_en] for pk in part]
    return len(found.done), [[pk, error.sentence_zh(), error.message_en] for pk, error in found.refused.items()]
