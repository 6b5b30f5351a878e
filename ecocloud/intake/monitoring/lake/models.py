"""The newest value of each factor, for live pages; all else of the lake is in its files."""

from django.db import models

MN_MOST, FACTOR_MOST, TEXT_MOST, FLAG_MOST = 64, 40, 64, 16


class Latest(models.Model):
    """The newest value of a factor in an interval, by the time of its data. Derived from the lake: it may be emptied
    and is built again. ``value``: the real-time value or the mean, None where it was no number; ``text`` as sent.
    """

    mn = models.CharField(max_length=MN_MOST)
    interval = models.CharField(max_length=8)
    factor = models.CharField(max_length=FACTOR_MOST)
    time = models.DateTimeField()
    value = models.FloatField(null=True)
    text = models.CharField(max_length=TEXT_MOST, null=True)
    flag = models.CharField(max_length=FLAG_MOST, null=True)
    version = models.DateTimeField()
    gateway = models.CharField(max_length=40)
    sequence = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mn", "interval", "factor"], name="monitoring_latest_once"),
        ]

    def __str__(self) -> str:
        return f"{self.mn} {self.factor} {self.interval} {self.time:%Y-%m-%d %H:%M:%S}"
