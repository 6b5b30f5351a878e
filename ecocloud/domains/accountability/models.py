"""Files that were issued: what stood in them, with number and digest, so that paper can be checked later. Written by
``services`` only; never changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class IssuedFile(models.Model):
    """One accountability file as it was issued. ``body``: sections with lines and their proofs (entry and digest);
    ``digest``: of the canonical text of the body, journalled when it was issued."""

    number = models.CharField(max_length=20, unique=True)
    subject = models.CharField(max_length=60)
    label = models.CharField(max_length=200)
    department = models.ForeignKey("regions.Department", on_delete=models.PROTECT, related_name="+")
    first = models.DateField()
    last = models.DateField()
    body = models.JSONField()
    digest = models.CharField(max_length=80)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [models.CheckConstraint(condition=Q(last__gte=F("first")), name="accountability_days")]
        indexes = [models.Index(fields=["department", "-at"], name="accountability_unit")]

    def __str__(self) -> str:
        return f"{self.number} {self.label}"

    @property
    def ref(self) -> str:
        """``dossier:ID``."""
        return f"dossier:{self.pk}"
