"""Routes of the room."""

from django.urls import include, path

app_name = "gep"
urlpatterns = [
    path("", include("ecocloud.domains.gep.reporting.urls")),
    path("", include("ecocloud.domains.gep.raster_accounts.urls")),
    path("", include("ecocloud.domains.gep.results.urls")),
]
