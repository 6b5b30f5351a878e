"""Django application of the portal."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """What the public hands in and what it may read."""

    name = "ecocloud.portal"
    label = "portal"
    verbose_name = "公众服务"
