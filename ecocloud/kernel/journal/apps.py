"""Django application of the journal room."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def _first_head(sender, using="default", **kwargs) -> None:
    from ecocloud.kernel.journal.chain import GENESIS
    from ecocloud.kernel.journal.models import Head, Link

    # An empty chain has a head; a chain whose head was removed must stay broken, for verification to name it.
    if using == "default" and not Link.objects.exists():
        Head.objects.get_or_create(pk=1, defaults={"digest": GENESIS, "signature": ""})


class JournalConfig(AppConfig):
    """The journal's tables."""

    name = "ecocloud.kernel.journal"
    label = "journal"
    verbose_name = "留痕"

    def ready(self) -> None:
        """Give a fresh database its empty chain."""
        post_migrate.connect(_first_head, sender=self)
