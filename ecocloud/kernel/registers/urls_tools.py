"""Routes of the tools for many objects: bulk edit."""

from django.urls import path

from ecocloud.kernel.registers import views_bulk

urlpatterns = [
    path("type/<slug:code>/bulk/", views_bulk.edit_many, name="bulk"),
    path("bulk/<int:pk>/", views_bulk.result, name="bulk-result"),
]
