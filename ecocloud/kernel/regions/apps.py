"""Django application of the regions room."""

from django.apps import AppConfig


class RegionsConfig(AppConfig):
    """Tables of divisions, departments, people and rights."""

    name = "ecocloud.kernel.regions"
    label = "regions"
    verbose_name = "区划与组织"
