"""An engine with the page tags alone, and a table of its own for lists."""

from pathlib import Path

import pytest
from django.db import connection, models
from django.template import Context, Engine
from django.test import RequestFactory

PACKAGE = Path(__file__).resolve().parents[3] / "ecocloud"
BUILTINS = [
    "django.templatetags.i18n",
    "django.templatetags.static",
    "ecocloud.base.pages.templatetags.pages",
]


class Line(models.Model):
    """A row of a made-up ledger, only in the tests' database."""

    title = models.CharField(max_length=80)
    unit = models.CharField(max_length=20)
    light = models.CharField(max_length=10)
    due = models.DateField(null=True)
    late = models.BooleanField(default=False)

    class Meta:
        app_label = "pages_test"  # of no installed app, so that no migration is ever made for it
        db_table = "pages_test_line"

    def __str__(self) -> str:
        return self.title


class NoRoutes:
    """An address table without pages: this floor needs none of the upper floors."""

    urlpatterns = []


@pytest.fixture(autouse=True)
def _no_routes(settings):
    settings.ROOT_URLCONF = NoRoutes


@pytest.fixture
def lines(transactional_db):
    """The table of :class:`Line`; it goes away with the test."""
    with connection.schema_editor() as editor:
        editor.create_model(Line)
    yield Line
    with connection.schema_editor() as editor:
        editor.delete_model(Line)


@pytest.fixture
def render():
    """``render(source, request=None, **context) -> html`` with the tags as builtins, as in the product."""
    engine = Engine(
        dirs=[PACKAGE / "base" / "pages" / "templates", PACKAGE / "web" / "templates"],
        builtins=BUILTINS,
        libraries={"l10n": "django.templatetags.l10n"},
    )

    def _render(source, request=None, **context):
        values = {"request": request or RequestFactory().get("/list/"), "csrf_token": "token", **context}
        return engine.from_string(source).render(Context(values))

    return _render
