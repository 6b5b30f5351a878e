"""Django application of the files room."""

from django.apps import AppConfig


class FilesConfig(AppConfig):
    """The table of stored files."""

    name = "ecocloud.base.files"
    label = "files"
    verbose_name = "附件"
