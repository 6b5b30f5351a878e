"""Tables of reports. Written by :mod:`ecocloud.portal.reports.services` and ``photos`` only."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ecocloud.kernel.regions.models import in_language
from ecocloud.portal.facts import categories
from ecocloud.portal.reports.states import LABELS, Standing, State

_UNIT = "regions.Department"
_USER = "regions.User"


class ReportDesk(models.Model):
    """Whether reports are taken, for which office, and in whose name cases are made of them: one row."""

    office = models.ForeignKey(_UNIT, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    is_open = models.BooleanField(default=False)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="portal_desk_once")]

    def __str__(self) -> str:
        return f"{self.office_id} {'open' if self.is_open else 'closed'}"


class Report(models.Model):
    """One problem somebody reported. ``contact`` is sealed; ``salt`` makes the word; ``client_key`` makes a repeated
    sending harmless; ``unit`` and ``item_ref`` are those of the case."""

    number = models.CharField(max_length=16, unique=True)
    salt = models.CharField(max_length=32)
    client_key = models.CharField(max_length=64, unique=True)
    category = models.CharField(max_length=24)
    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")
    place = models.CharField(max_length=200, blank=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    text = models.TextField(blank=True)
    contact = models.BinaryField(null=True)
    state = models.CharField(max_length=10, default=State.RECEIVED.value)
    ended_on = models.DateField(null=True)
    unit = models.ForeignKey(_UNIT, on_delete=models.PROTECT, null=True, related_name="+")
    item_ref = models.CharField(max_length=140, null=True, unique=True)
    seen = models.PositiveIntegerField(default=0)
    reply = models.TextField(blank=True)
    reply_unit = models.CharField(max_length=120, blank=True)
    replied_at = models.DateTimeField(null=True)
    rating = models.PositiveSmallIntegerField(null=True)
    rating_text = models.TextField(blank=True)
    reopened = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__gte=1, rating__lte=5), name="portal_report_rating"
            ),
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True) | Q(lon__isnull=False, lat__isnull=False),
                name="portal_report_place",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-id"], name="portal_report_state"),
            models.Index(fields=["unit", "state", "-id"], name="portal_report_unit"),
            models.Index(fields=["lat", "lon"], name="portal_report_near", condition=Q(lat__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def ref(self) -> str:
        """``report:ID``."""
        return f"report:{self.pk}"

    @property
    def standing(self) -> Standing:
        """The report as the pure machine takes it."""
        return Standing(State(self.state), self.ended_on, self.reopened, self.rating is not None)

    @property
    def state_word(self) -> str:
        """The state in the language of the page."""
        return in_language(*LABELS[State(self.state)])

    @property
    def category_word(self) -> str:
        """The category in the language of the page; the code where the data no longer has it."""
        found = categories().get(self.category)
        return found.label if found else self.category


class ReportPhoto(models.Model):
    """A photo, already without what it says of place, time and device; ``report`` is None until a form claims it."""

    token = models.CharField(max_length=40, unique=True)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, null=True, related_name="photos")
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["at"], name="portal_photo_waiting", condition=Q(report__isnull=True))]

    def __str__(self) -> str:
        return self.token[:8]


class ReportStep(models.Model):
    """One line of what everybody may read of a report: no person, no words of the reporter."""

    class Kind(models.TextChoices):
        """What happened."""

        RECEIVED = "received", _("已收到")
        HANDED = "handed", _("已交办")
        MOVED = "moved", _("办理进展")
        REPLIED = "replied", _("已答复")
        DONE = "done", _("已办结")
        REFUSED = "refused", _("不予受理")
        REOPENED = "reopened", _("反映人要求重办")
        WORK = "work", _("继续办理")
        RATED = "rated", _("反映人已评价")
        MERGED = "merged", _("与同类反映一并办理")

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="steps", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    unit = models.CharField(max_length=120, blank=True)
    text = models.TextField(blank=True)
    text_en = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["report", "id"], name="portal_step_report")]

    def __str__(self) -> str:
        return f"{self.report_id} {self.kind}"

    @property
    def words(self) -> str:
        """The text in the language of the page; what people wrote stays as it is."""
        return in_language(self.text, self.text_en)


class AlsoSeen(models.Model):
    """Somebody else has seen it too: once for each browser."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="witnesses", db_index=False)
    key = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "key"], name="portal_seen_once")]

    def __str__(self) -> str:
        return f"{self.report_id}"
