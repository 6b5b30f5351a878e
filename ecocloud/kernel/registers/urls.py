"""Routes of the registers room."""

from django.urls import path

from ecocloud.kernel.registers import (
    due_list,
    urls_tools,
    views,
    views_cards,
    views_compare,
    views_form,
    views_map,
    views_object,
    views_packs,
    views_pick,
    views_statistics,
    views_systems,
)

app_name = "registers"
urlpatterns = [
    *urls_tools.urlpatterns,
    path("", views.index, name="index"),
    path("packs/", views_packs.index, name="packs"),
    path("packs/shown/", views_packs.choose, name="packs-shown"),
    path("packs/load/", views_packs.load, name="pack-load"),
    path("packs/<slug:code>/", views_packs.one, name="pack"),
    path("packs/<slug:code>/figures/<slug:figure>/", views_packs.figure, name="figure"),
    path("packs/<slug:code>/report.docx", views_packs.report, name="pack-report"),
    path("packs/<slug:code>/feed/", views_packs.feed, name="pack-feed"),
    path("packs/<slug:code>/targets/", views_packs.adopt, name="pack-targets"),
    path("systems/", views_systems.page, name="systems"),
    path("due/", due_list.page, name="due"),
    path("type/<slug:code>/", views.objects, name="list"),
    path("type/<slug:code>/statistics/", views_statistics.statistics, name="statistics"),
    path("type/<slug:code>/compare/", views_compare.compare, name="compare"),
    path("type/<slug:code>/map/", views_map.page, name="map"),
    path("type/<slug:code>/map/objects.json", views_map.objects, name="map-objects"),
    path("map/ground.json", views_map.ground, name="map-ground"),
    path("type/<slug:code>/cards/", views_cards.sheet, name="cards"),
    path("object/<int:pk>/card/", views_cards.one, name="card"),
    path("object/<int:pk>/qr.svg", views_cards.qr, name="qr"),
    path("type/<slug:code>/pick/<slug:field>/", views_pick.offers, name="pick"),
    path("type/<slug:code>/new/", views_form.create, name="create"),
    path("type/<slug:code>/check/", views_form.check, name="check"),
    path("object/<int:pk>/edit/", views_form.edit, name="edit"),
    path("object/<int:pk>/", views_object.one, name="object"),
    path("object/<int:pk>/step/", views_object.step, name="step"),
    path("object/<int:pk>/inspect/", views_object.inspect, name="inspect"),
    path("object/<int:pk>/attach/", views_object.attach, name="attach"),
    path("object/<int:pk>/retire/", views_object.retire, name="retire"),
    path("file/<int:pk>/", views_object.file, name="file"),
]
