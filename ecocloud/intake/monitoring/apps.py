"""Django application of the monitoring room."""

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """On-line monitoring: devices, their packets, the measurement lake, commands."""

    name = "ecocloud.intake.monitoring"
    label = "monitoring"
    verbose_name = "在线监测"
