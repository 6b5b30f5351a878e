"""Routes of the API of registers, below ``/api/v1/registers/``."""

from django.urls import path

from ecocloud.kernel.registers.api import files, views

app_name = "registers-api"
urlpatterns = [
    path("", views.types, name="types"),
    path("<slug:code>", views.type_, name="type"),
    path("<slug:code>/schema", views.schema, name="schema"),
    path("<slug:code>/statistics", views.statistics, name="statistics"),
    path("<slug:code>/objects", views.objects, name="objects"),
    path("<slug:code>/objects/<int:pk>", views.one, name="object"),
    path("<slug:code>/objects/<int:pk>/versions", views.versions, name="versions"),
    path("<slug:code>/objects/<int:pk>/steps", views.steps, name="steps"),
    path("<slug:code>/objects/<int:pk>/files", files.files, name="files"),
    path("<slug:code>/objects/<int:pk>/files/<int:file>", files.one, name="file"),
    path("<slug:code>/objects/<int:pk>/inspections", views.inspections, name="inspections"),
]
