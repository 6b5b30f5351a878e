"""Automatic flags of values, and what people decided about values."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

_PERSON = {"on_delete": models.PROTECT, "null": True, "blank": True, "related_name": "+"}


class QualityFlag(models.Model):
    """One value of the lake that breaks one rule of ``data/quality/rules.yaml``; derived, can be made anew.

    ``at``: its stamp as sent. ``values``, ``bound``: what was compared with what, as texts.
    """

    device = models.ForeignKey("monitoring.Device", on_delete=models.CASCADE, related_name="flags")
    factor = models.CharField(max_length=40)
    interval = models.CharField(max_length=8)
    at = models.DateTimeField()
    rule = models.CharField(max_length=20)
    values = models.JSONField()
    bound = models.JSONField()
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["device", "interval", "at", "factor", "rule"], name="monitoring_flag_once")
        ]
        indexes = [models.Index(fields=["-at"], name="monitoring_flag_at"),
                   models.Index(fields=["rule", "-at"], name="monitoring_flag_rule")]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.device_id} {self.factor} {self.at:%Y-%m-%d %H:%M} {self.rule}"


class QualityReview(models.Model):
    """A decision about the values of a device with stamps from ``first`` to before ``last``; factor '' for all.

    Never changed: a later one stands over it; ``cancelled_at``: taken back, with its reason in the journal.
    """

    device = models.ForeignKey("monitoring.Device", on_delete=models.PROTECT, related_name="reviews")
    factor = models.CharField(max_length=40, blank=True)
    interval = models.CharField(max_length=8)
    first = models.DateTimeField()
    last = models.DateTimeField()
    valid = models.BooleanField()
    reason = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, **_PERSON)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(last__gt=F("first")), name="monitoring_review_order"),
            models.CheckConstraint(condition=~Q(reason=""), name="monitoring_review_reason"),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True, cancelled_by__isnull=True)
                | Q(cancelled_at__isnull=False, cancelled_by__isnull=False), name="monitoring_review_taken"
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["device", "interval", "first"], name="monitoring_review_dev")]

    def __str__(self) -> str:
        return f"{self.device_id} {self.factor} {self.valid}"

    @property
    def ref(self) -> str:
        """The decision as a reference."""
        return f"review:{self.pk}"
