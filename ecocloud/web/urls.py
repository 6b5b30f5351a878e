"""The URL table: every room under its prefix, the base floor's pages, the API."""

from django.urls import include, path

from ecocloud.base.rooms import all_rooms
from ecocloud.web import api

urlpatterns = [
    path(f"{room.url_prefix}/" if room.url_prefix else "", include(room.urls)) for room in all_rooms() if room.urls
] + [
    path("views/", include("ecocloud.base.pages.urls")),
    path("import/", include("ecocloud.base.sheets.urls")),
    *(path(f"api/v1/{room.name}/", include(room.api_urls)) for room in all_rooms() if room.api_urls),
    path("api/", api.site.urls),
]

handler400, handler403, handler404, handler500 = (
    f"ecocloud.web.refusing.{name}" for name in ("bad_request", "not_allowed", "not_found", "failed")
)
