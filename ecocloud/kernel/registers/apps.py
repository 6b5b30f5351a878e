"""Application configuration of the registers room."""

from importlib import import_module

from django.apps import AppConfig


class RegistersConfig(AppConfig):
    """Tables under the prefix ``registers_``."""

    name = "ecocloud.kernel.registers"
    label = "registers"

    def ready(self) -> None:
        """Announce the jobs of the room."""
        import_module("ecocloud.kernel.registers.jobs")
