"""The table of what was published. Written by :mod:`ecocloud.portal.disclosure.services` only."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

_UNIT = "regions.Department"
_USER = "regions.User"


class Publication(models.Model):
    """One thing in a list of disclosure: a file for everybody, with the document it comes from where there is one."""

    listed = models.CharField(max_length=20)
    title = models.CharField(max_length=300)
    period = models.CharField(max_length=40, blank=True)
    document_ref = models.CharField(max_length=140, blank=True)
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+")
    published_on = models.DateField()
    department = models.ForeignKey(_UNIT, on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-published_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | ~Q(reason=""), name="portal_publication_why"
            )
        ]
        indexes = [models.Index(fields=["listed", "-published_on", "-id"], name="portal_publication_list")]

    def __str__(self) -> str:
        return self.title

    @property
    def ref(self) -> str:
        """``publication:ID``."""
        return f"publication:{self.pk}"

    @property
    def list_word(self) -> str:
        """The list in the language of the page."""
        from ecocloud.portal.disclosure.facts import lists

        found = lists().get(self.listed)
        return found.label if found else self.listed
