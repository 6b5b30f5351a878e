"""The Django application of the room."""

from django.apps import AppConfig


class BurdenConfig(AppConfig):
    """负担清单."""

    name = "ecocloud.domains.burden"
    label = "burden"
    default_auto_field = "django.db.models.BigAutoField"
