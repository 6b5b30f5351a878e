"""Application configuration of the registers room."""

from django.apps import AppConfig


class RegistersConfig(AppConfig):
    """Tables under the prefix ``registers_``."""

    name = "ecocloud.kernel.registers"
    label = "registers"
