"""Tables of grids: what stays (code, level), what a redrawing changes (versions), who owns one (terms)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from ecocloud.base.units.fields import ScaledDecimalField

_PERSON = {"on_delete": models.PROTECT, "null": True, "blank": True, "related_name": "+"}


class Grid(models.Model):
    """A grid as it is today; ``number`` is its newest version. ``department`` repeats the owner unit of today."""

    code = models.CharField(max_length=40, unique=True)
    level = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="grids")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    department = models.ForeignKey("regions.Department", **_PERSON)
    number = models.PositiveIntegerField(default=1)
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["code"]
        indexes = [
            models.Index(fields=["level", "region"], name="regions_grid_region"),
            models.Index(fields=["department", "level"], name="regions_grid_department"),
        ]
        constraints = [models.CheckConstraint(condition=Q(level__gte=1), name="regions_grid_level")]

    def __str__(self) -> str:
        return self.name

    @property
    def ref(self) -> str:
        """``grid:CODE``."""
        return f"grid:{self.code}"


class GridVersion(models.Model):
    """What a grid was from ``valid_from`` to ``valid_to`` (both included; NULL: until today).

    One of no length (ended before it began) was replaced on its first day; cases that were given it keep it.
    """

    grid = models.ForeignKey(Grid, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=80)
    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")
    parent = models.ForeignKey(Grid, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # Degrees of CGCS2000 as WKB, with its box; or a list of division codes.
    place = models.BinaryField(null=True, blank=True)
    west = models.FloatField(null=True, blank=True)
    south = models.FloatField(null=True, blank=True)
    east = models.FloatField(null=True, blank=True)
    north = models.FloatField(null=True, blank=True)
    area = ScaledDecimalField(null=True, blank=True)  # m2
    members = models.JSONField(default=list)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    basis = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, **_PERSON)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["grid", "number"]
        constraints = [
            models.UniqueConstraint(fields=["grid", "number"], name="regions_gridver_once"),
            models.UniqueConstraint(fields=["grid"], condition=Q(valid_to__isnull=True), name="regions_gridver_now"),
            models.CheckConstraint(
                condition=Q(place__isnull=True, west__isnull=True) | Q(place__isnull=False, west__isnull=False),
                name="regions_gridver_box",
            ),
        ]
        indexes = [models.Index(fields=["valid_from", "valid_to", "west", "east"], name="regions_gridver_day")]

    def __str__(self) -> str:
        return f"{self.grid_id}@{self.number}"


class GridTerm(models.Model):
    """Who owned a grid from which day to which: the unit, the post, the person."""

    grid = models.ForeignKey(Grid, on_delete=models.PROTECT, related_name="terms")
    department = models.ForeignKey("regions.Department", on_delete=models.PROTECT, related_name="+")
    post = models.CharField(max_length=60, blank=True)
    holder = models.CharField(max_length=40, blank=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, **_PERSON)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["grid", "valid_from", "id"]
        constraints = [
            models.UniqueConstraint(fields=["grid"], condition=Q(valid_to__isnull=True), name="regions_gridterm_now"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="regions_gridterm_days"
            ),
        ]
        indexes = [models.Index(fields=["person", "valid_to"], name="regions_gridterm_person")]

    def __str__(self) -> str:
        return f"{self.grid_id} {self.valid_from}"
