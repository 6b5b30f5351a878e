"""Handovers of posts and what went with each. Written by ``handing.services`` only; never changed afterwards."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

_PERSON = {"on_delete": models.PROTECT, "related_name": "+"}


class PostHandover(models.Model):
    """That one person left a post and another took over all that was open, on one day and in one transaction."""

    giver = models.ForeignKey(settings.AUTH_USER_MODEL, **_PERSON)
    taker = models.ForeignKey(settings.AUTH_USER_MODEL, **_PERSON)
    department = models.ForeignKey("regions.Department", **_PERSON)
    post = models.ForeignKey("regions.Post", null=True, blank=True, **_PERSON)
    on = models.DateField()
    reason = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, **_PERSON)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [models.CheckConstraint(condition=~Q(giver=F("taker")), name="regions_handover_two")]
        indexes = [
            models.Index(fields=["taker", "-on"], name="regions_handover_taker"),
            models.Index(fields=["department", "post", "on"], name="regions_handover_post"),
        ]

    def __str__(self) -> str:
        return f"{self.giver_id} > {self.taker_id} {self.on}"


class HandedThing(models.Model):
    """One thing that went over: what kind, its reference and title as they were."""

    handover = models.ForeignKey(PostHandover, on_delete=models.PROTECT, related_name="things")
    kind = models.CharField(max_length=40)
    ref = models.CharField(max_length=140)
    title = models.CharField(max_length=300)
    url = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["ref"], name="regions_handed_ref")]

    def __str__(self) -> str:
        return f"{self.handover_id} {self.kind} {self.ref}"
