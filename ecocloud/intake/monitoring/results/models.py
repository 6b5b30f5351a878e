"""Results of evaluation by version, and how far the lake has been evaluated."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

_PLAIN = {"on_delete": models.PROTECT, "related_name": "+"}


class Result(models.Model):
    """One version of the evaluation of one subject for one period.

    ``subject``: ``device:ID`` or ``region:CODE``. ``asked``: the edition it was asked for, '' for that of the day.
    ``value``: AQI or class; ``level``: category or class; ``items``: primary pollutants or deciding items, joined by
    commas. ``reason``: why there is no value. ``final``: its period is over; until then it is made anew in its place.
    ``digest``, ``outcome``: of what went in and what came out. ``change``: why this version was made.
    ``sources``: the rows of the lake (``lake``) or the results (``results``: pairs of id and version) it was made of.
    """

    class Change(models.TextChoices):
        """Why a version was made."""

        FIRST = "first", "首次评价"
        LATE = "late", "补传数据"
        VALUES = "values", "数据更正或审核"
        RULE = "rule", "评价依据变化"

    kind = models.CharField(max_length=16)
    span = models.CharField(max_length=8)
    start = models.DateField()
    subject = models.CharField(max_length=40)
    asked = models.CharField(max_length=40, blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    current = models.BooleanField(default=True)
    final = models.BooleanField(default=False)
    device = models.ForeignKey("monitoring.Device", null=True, blank=True, **_PLAIN)
    region = models.ForeignKey("regions.Region", **_PLAIN)
    department = models.ForeignKey("regions.Department", null=True, blank=True, **_PLAIN)
    edition = models.CharField(max_length=80)
    value = models.IntegerField(null=True, blank=True)
    level = models.PositiveSmallIntegerField(null=True, blank=True)
    items = models.CharField(max_length=200, blank=True)
    target = models.PositiveSmallIntegerField(null=True, blank=True)
    meets = models.BooleanField(null=True, blank=True)
    reason = models.CharField(max_length=24, blank=True)
    body = models.JSONField()
    facts = models.JSONField(default=list)
    sources = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    outcome = models.CharField(max_length=64)
    change = models.CharField(max_length=8, choices=Change)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-start", "subject", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "kind", "span", "start", "asked", "version"], name="monitoring_result_version"
            ),
            models.UniqueConstraint(
                fields=["subject", "kind", "span", "start", "asked"], condition=Q(current=True),
                name="monitoring_result_current",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["kind", "span", "start", "region"], name="monitoring_result_list"),
            models.Index(fields=["device", "span", "start"], name="monitoring_result_dev"),
            models.Index(fields=["final", "start"], name="monitoring_result_open"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.kind} {self.span} {self.start} v{self.version}"

    @property
    def ref(self) -> str:
        """The version as a reference."""
        return f"eval:{self.pk}@{self.version}"


class Evaluated(models.Model):
    """How far the lake has been evaluated: one row; ``position`` as of ``lake.changes``."""

    position = models.JSONField(null=True, blank=True)
    at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.at}"


class ResultFeed(models.Model):
    """That values of indicators of a division are handed in from its results, in the name of ``by``; ``trusted_by``:
    in whose name a rule confirms them, None while people do.
    """

    region = models.OneToOneField("regions.Region", **_PLAIN)
    by = models.ForeignKey("regions.User", **_PLAIN)
    since = models.DateTimeField(default=timezone.now)
    stopped_at = models.DateTimeField(null=True)
    trusted_by = models.ForeignKey("regions.User", null=True, blank=True, **_PLAIN)
    trusted_since = models.DateTimeField(null=True, blank=True)
    # What the last run by the clock could not do, in words; empty when all went well.
    trouble = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.region_id}"
