"""Routes of raster accounts, below those of the room."""

from django.urls import path

from ecocloud.domains.gep.raster_accounts import views, views_layers, views_map, views_results

urlpatterns = [
    path("rasters/", views.raster_list, name="raster-list"),
    path("rasters/new/", views.create, name="raster-new"),
    path("rasters/<int:pk>/", views.page, name="raster"),
    path("rasters/<int:pk>/layers/", views_layers.layers, name="raster-layers"),
    path("rasters/<int:pk>/check/", views.check, name="raster-check"),
    path("rasters/<int:pk>/run/", views.start, name="raster-run"),
    path("rasters/<int:pk>/cancel/", views.cancel, name="raster-cancel"),
    path("rasters/<int:pk>/copy/", views.copy, name="raster-copy"),
    path("rasters/<int:pk>/progress/", views.progress, name="raster-progress"),
    path("rasters/<int:pk>/result/", views_results.result, name="raster-result"),
    path("rasters/<int:pk>/result.<str:form>", views_results.result_file, name="raster-file"),
    path("rasters/<int:pk>/cards/", views_results.cards, name="raster-cards"),
    path("rasters/<int:pk>/give/", views_results.give, name="raster-give"),
    path("rasters/<int:pk>/map/", views_map.page, name="raster-map"),
    path("rasters/<int:pk>/zones.json", views_map.zones, name="raster-zones"),
    path("rasters/<int:pk>/tiles/<slug:name>/<int:z>/<int:x>/<int:y>.png", views_map.tile, name="raster-tile"),
    path("rasters/<int:pk>/pictures/<slug:name>.png", views_map.picture, name="raster-picture"),
]
