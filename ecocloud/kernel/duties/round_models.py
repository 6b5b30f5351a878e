"""Tables of dispatch rounds and what units report in them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from ecocloud.base.units.fields import ScaledDecimalField

_UNIT = "regions.Department"
_USER = "regions.User"


class Round(models.Model):
    """A dispatch round (调度): one period, one due day, one report for each open item."""

    class State(models.TextChoices):
        """Where the round stands; ``opening`` until every owed report is written."""

        OPENING = "opening", "生成中"
        OPEN = "open", "填报中"
        LOCKED = "locked", "已锁定"

    title = models.CharField(max_length=200)
    year = models.PositiveSmallIntegerField()
    period = models.CharField(max_length=40)
    cycle = models.CharField(max_length=12, null=True)
    due = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.OPENING)
    reached = models.BigIntegerField(default=0)
    created_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    locked_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-due", "-id"]
        constraints = [models.UniqueConstraint(fields=["period", "title"], name="duties_round_once")]

    def __str__(self) -> str:
        return self.title


class RoundReport(models.Model):
    """What one unit reports on one item in one round."""

    class State(models.TextChoices):
        """Where the report stands."""

        OWED = "owed", "未报送"
        SUBMITTED = "submitted", "已报送"
        RETURNED = "returned", "退回"
        ACCEPTED = "accepted", "已核"
        LOCKED = "locked", "已锁定"

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="reports", db_index=False)
    item = models.ForeignKey("duties.WorkItem", on_delete=models.CASCADE, related_name="reports")
    department = models.ForeignKey(_UNIT, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=State, default=State.OWED)
    progress = ScaledDecimalField(null=True)
    text = models.TextField(blank=True)
    problem = models.TextField(blank=True)
    figures = models.JSONField(default=dict, blank=True)
    submitted_by = models.ForeignKey(_USER, on_delete=models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey(_USER, on_delete=models.PROTECT, null=True, related_name="+")
    checked_at = models.DateTimeField(null=True)
    remark = models.TextField(blank=True)
    reminded_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "item"], name="duties_report_once"),
            models.CheckConstraint(
                condition=Q(progress__isnull=True) | (Q(progress__gte=0) & Q(progress__lte=100)),
                name="duties_report_progress",
            ),
        ]
        indexes = [
            models.Index(fields=["round", "department", "state", "item"], name="duties_report_unit"),
            models.Index(fields=["department", "state", "round"], name="duties_report_owed"),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.item_id} {self.state}"
