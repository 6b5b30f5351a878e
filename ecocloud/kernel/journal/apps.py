"""Django application of the journal room."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    """The journal's tables."""

    name = "ecocloud.kernel.journal"
    label = "journal"
    verbose_name = "留痕"
