"""Routes of the shell."""

from django.urls import path

from ecocloud.web import api_pages, gallery, public, views

app_name = "web"
urlpatterns = [
    path("", views.start, name="start"),
    path("public/environment/", public.page, name="public"),
    path("desk/", views.home, name="home"),
    path("state/", views.state, name="state"),
    path("cockpit/", views.cockpit, name="cockpit"),
    path("search/", views.search, name="search"),
    path("gallery/", gallery.gallery, name="gallery"),
    path("source/<path:ref>", views.source, name="source"),
    path("api/v1/openapi.json", api_pages.document, name="api-document"),
    path("docs/api/", api_pages.page, name="api-page"),
    path("health/", views.health, name="health"),
    path("jobs/<int:pk>/", views.job, name="job"),
    path("jobs/<int:pk>/cancel/", views.cancel_job, name="cancel-job"),
]
