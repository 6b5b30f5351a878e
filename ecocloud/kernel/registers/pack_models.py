"""Tables of what an installation does with its packs: which the cockpit shows, whose indicators the clock feeds."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class ShownPack(models.Model):
    """That the cockpit of a division (and of those below it without a choice of their own) shows a pack."""

    region = models.ForeignKey("regions.Region", on_delete=models.CASCADE, related_name="+")
    pack = models.ForeignKey("registers.Pack", on_delete=models.CASCADE, related_name="shown")
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["region", "order", "id"]
        constraints = [models.UniqueConstraint(fields=["region", "pack"], name="registers_shown_once")]

    def __str__(self) -> str:
        return f"{self.region_id} {self.pack_id}"


class PackFeed(models.Model):
    """That the indicators of a pack are handed in for a division every month, in the name of ``by``."""

    pack = models.ForeignKey("registers.Pack", on_delete=models.CASCADE, related_name="feeds")
    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey("regions.User", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(default=timezone.now)
    stopped_at = models.DateTimeField(null=True)
    # What the last run by the clock could not do, in words; empty when all went well.
    trouble = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pack", "region"], name="registers_feed_once")]

    def __str__(self) -> str:
        return f"{self.pack_id} {self.region_id}"
