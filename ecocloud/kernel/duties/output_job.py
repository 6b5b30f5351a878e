"""The job that makes a file of a long list."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.urls import reverse

from ecocloud.base.jobs.registry import job
from ecocloud.kernel.duties import papers
from ecocloud.kernel.duties.lists import ItemListing
from ecocloud.kernel.duties.services import outputs
from ecocloud.kernel.regions import permissions
from ecocloud.kernel.regions.models import User


@job(outputs.JOB, max_attempts=2, label_zh="生成文件")
def make_output(context: Any) -> dict[str, Any]:
    """Make the paper (payload: user, kind, form, list, query) and keep it; the result names its address."""
    wanted = context.payload
    user = User.objects.get(pk=wanted["user"])
    permissions.require(user, outputs.EXPORT)
    listing = ItemListing(QueryDict(wanted["query"]), user, wanted["list"])
    total = listing.total
    context.progress(0, total, "读取台账")
    matter = papers.matter_of(user, listing.every(), listing.filter_words())
    context.check()
    context.progress(len(matter.items) // 2, total, "生成文件")
    made = papers.make(wanted["kind"], wanted["form"], matter)
    kept = outputs.keep(user, made.name, made.content)
    context.progress(total, total, "完成")
    return {
        "rows": made.rows,
        "file": kept.pk,
        "url": reverse("duties:output-file", args=[kept.pk]),
        "label": made.name,
    }
