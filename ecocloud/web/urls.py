"""The URL table: the shell's own pages, then every room under its prefix."""

from django.urls import include, path

from ecocloud.base.rooms import all_rooms

urlpatterns = [
    path(f"{room.url_prefix}/" if room.url_prefix else "", include(room.urls)) for room in all_rooms() if room.urls
]
