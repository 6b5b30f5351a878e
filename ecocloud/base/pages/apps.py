"""Django application of the page furniture."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """Lists, filters, saved views and the tags every template may use."""

    name = "ecocloud.base.pages"
    label = "pages"
    verbose_name = "页面部件"
