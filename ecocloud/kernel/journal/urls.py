"""Routes of the journal room."""

from django.urls import path

from ecocloud.kernel.journal import views

app_name = "journal"
urlpatterns = [
    path("", views.entry_list, name="list"),
    path("export/", views.export, name="export"),
    path("verify/", views.verify, name="verify"),
]
