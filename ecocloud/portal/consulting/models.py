"""Tables of consultations. Written by :mod:`ecocloud.portal.consulting.services` only."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from ecocloud.kernel.regions.models import in_language
from ecocloud.portal.consulting.states import PHASES, SHOWINGS, VERDICTS, Phase, Showing, State, Verdict, Window, phase

_UNIT = "regions.Department"
_USER = "regions.User"


class Consultation(models.Model):
    """One draft open to the public. ``segments`` are its paragraphs as they were published: anchor, kind, text; so that
    what people commented on stays what it was."""

    title = models.CharField(max_length=300)
    intro = models.TextField(blank=True)
    document_ref = models.CharField(max_length=140)
    segments = models.JSONField(default=list)
    opens = models.DateField()
    closes = models.DateField()
    state = models.CharField(max_length=10, default=State.DRAFT.value)
    department = models.ForeignKey(_UNIT, on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")
    conclusion = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    created_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-closes", "-id"]
        constraints = [models.CheckConstraint(condition=Q(closes__gte=F("opens")), name="portal_consult_days")]
        indexes = [models.Index(fields=["state", "-closes", "-id"], name="portal_consult_state")]

    def __str__(self) -> str:
        return self.title

    @property
    def ref(self) -> str:
        """``consult:ID``."""
        return f"consult:{self.pk}"

    @property
    def window(self) -> Window:
        """The consultation as the pure machine takes it."""
        return Window(State(self.state), self.opens, self.closes)

    @property
    def phase(self) -> Phase:
        """Where it stands today."""
        return phase(self.window, timezone.localdate())

    @property
    def phase_word(self) -> str:
        """The phase in the language of the page."""
        return in_language(*PHASES[self.phase])


class Comment(models.Model):
    """What somebody says about a paragraph (``anchor``) or about the whole (''), and the answer."""

    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="comments")
    number = models.PositiveIntegerField()
    anchor = models.CharField(max_length=20, blank=True)
    text = models.TextField()
    name = models.CharField(max_length=60, blank=True)
    client_key = models.CharField(max_length=64, unique=True)
    showing = models.CharField(max_length=10, default=Showing.WAITING.value)
    hidden_reason = models.TextField(blank=True)
    verdict = models.CharField(max_length=10, null=True)
    answer = models.TextField(blank=True)
    change_note = models.TextField(blank=True)
    answer_unit = models.CharField(max_length=120, blank=True)
    answered_at = models.DateTimeField(null=True)
    item_ref = models.CharField(max_length=140, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["consultation", "number"]
        constraints = [
            models.UniqueConstraint(fields=["consultation", "number"], name="portal_comment_number"),
            models.CheckConstraint(
                condition=Q(verdict__isnull=True) | Q(answered_at__isnull=False), name="portal_comment_answered"
            ),
        ]
        indexes = [models.Index(fields=["consultation", "showing", "number"], name="portal_comment_showing")]

    def __str__(self) -> str:
        return f"{self.consultation_id}-{self.number}"

    @property
    def ref(self) -> str:
        """``comment:ID``."""
        return f"comment:{self.pk}"

    @property
    def showing_word(self) -> str:
        """Whether everybody reads it, in the language of the page."""
        return in_language(*SHOWINGS[Showing(self.showing)])

    @property
    def verdict_word(self) -> str:
        """The answer in the language of the page; '' without one."""
        return in_language(*VERDICTS[Verdict(self.verdict)]) if self.verdict else ""

    @property
    def place(self) -> str:
        """The beginning of the paragraph it is about; '' for the whole."""
        found = next((text for anchor, _kind, text in self.consultation.segments if anchor == self.anchor), "")
        return found[:40]
