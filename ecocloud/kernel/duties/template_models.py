"""Tables of recurring duties: which task templates of packs an office makes use of, and what was made from them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone


class TemplateUse(models.Model):
    """That an office has duties made from a task template of a pack every cycle, in the name of ``by``.

    One row for each office and template; ``stopped_at`` ends it, starting again opens the same row.
    """

    pack = models.CharField(max_length=40)
    task = models.CharField(max_length=40)
    office = models.ForeignKey("regions.Department", on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey("regions.User", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(default=timezone.now)
    stopped_at = models.DateTimeField(null=True)
    # What the last run by the clock could not do, in words; empty when all went well.
    trouble = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pack", "task", "office"]
        constraints = [models.UniqueConstraint(fields=["pack", "task", "office"], name="duties_template_use_once")]

    def __str__(self) -> str:
        return f"{self.pack}/{self.task} {self.office_id}"


class TemplateDuty(models.Model):
    """That one work item was made from a task template, for one object or unit and one period of its cycle."""

    pack = models.CharField(max_length=40)
    task = models.CharField(max_length=40)
    # obj:ID, or unit:ID where one duty stands for all objects of a unit.
    subject = models.CharField(max_length=40)
    # The period as in base/periods (2026, 2026H2, 2026Q4, 2026-11); ``once`` for a template without a cycle.
    period = models.CharField(max_length=20)
    item = models.OneToOneField("duties.WorkItem", on_delete=models.PROTECT, related_name="template_duty")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pack", "task", "period", "subject"], name="duties_template_duty_once"),
            models.CheckConstraint(
                condition=Q(subject__startswith="obj:") | Q(subject__startswith="unit:"), name="duties_template_subject"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pack}/{self.task} {self.subject} {self.period}"
