"""The office's own estimates of forms. Written by ``services`` only."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class FormEstimate(models.Model):
    """What the office says of one form instead of the product's estimate: times a year and minutes each time."""

    code = models.CharField(max_length=24, unique=True)
    a_year = models.PositiveIntegerField()
    minutes = models.PositiveIntegerField()
    note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(a_year__lte=9999, minutes__lte=1440), name="burden_estimate_range")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.a_year} x {self.minutes}"

    @property
    def ref(self) -> str:
        """``burden:CODE``."""
        return f"burden:{self.code}"
