"""The installation itself."""

from django.db import models


class Site(models.Model):
    """What this installation is called and which division it serves; exactly one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    name = models.CharField(max_length=60)
    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, null=True, blank=True)
    is_sample = models.BooleanField(default=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="web_site_single")]

    def __str__(self) -> str:
        return self.name
