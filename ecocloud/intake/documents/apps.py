"""Django application of the documents room."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Policy documents: reading, review, entry into the ledger."""

    name = "ecocloud.intake.documents"
    label = "documents"
    verbose_name = "政策文件"
