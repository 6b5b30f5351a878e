"""Routes of the tools for many objects: bulk edit, closed years, moves between divisions; files taken off."""

from django.urls import path

from ecocloud.kernel.registers import views_bulk, views_divisions, views_object, views_years

urlpatterns = [
    path("type/<slug:code>/bulk/", views_bulk.edit_many, name="bulk"),
    path("bulk/<int:pk>/", views_bulk.result, name="bulk-result"),
    path("type/<slug:code>/years/", views_years.years, name="years"),
    path("type/<slug:code>/years/lock/", views_years.lock, name="lock-year"),
    path("type/<slug:code>/years/<int:pk>/", views_years.year, name="year"),
    path("type/<slug:code>/years/<int:pk>/unlock/", views_years.unlock, name="unlock-year"),
    path("divisions/", views_divisions.divisions, name="divisions"),
    path("file/<int:pk>/detach/", views_object.detach, name="detach"),
]
