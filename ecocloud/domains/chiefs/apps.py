"""The Django application of the room."""

from django.apps import AppConfig


class ChiefsConfig(AppConfig):
    """河长制林长制."""

    name = "ecocloud.domains.chiefs"
    label = "chiefs"
    default_auto_field = "django.db.models.BigAutoField"
