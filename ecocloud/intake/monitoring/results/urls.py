"""URLs of the results part."""

from django.urls import path

from ecocloud.intake.monitoring.results import (
    views_backcasting,
    views_bulletin,
    views_capacity,
    views_emission,
    views_feed,
    views_hour,
    views_lakes,
    views_lists,
    views_live,
    views_parks,
    views_result,
    views_sources,
    views_station,
)

urlpatterns = [
    path("<int:pk>/evaluation/", views_station.station_page, name="evaluation"),
    path("<int:pk>/hours/<str:hour>/", views_hour.hour_page, name="air-hour"),
    path("live/", views_live.live_page, name="live"),
    path("live/objects/", views_live.live_objects, name="live-objects"),
    path("results/<int:pk>/", views_result.result_page, name="result"),
    path("lakes/", views_lakes.lake_list, name="lakes"),
    path("sources/", views_sources.source_list, name="sources"),
    path("capacity/", views_capacity.capacity_page, name="capacity"),
    path("sections/", views_lists.section_list, name="sections"),
    path("ranking/air/", views_lists.air_ranking, name="air-ranking"),
    path("ranking/water/", views_lists.water_ranking, name="water-ranking"),
    path("outlets/", views_emission.outlet_days, name="outlet-days"),
    path("exceedances/", views_emission.exceedances, name="exceedances"),
    path("parks/", views_parks.park_list, name="parks"),
    path("parks/<int:pk>/", views_parks.park_page, name="park"),
    path("emissions/", views_emission.emission_totals, name="emission-totals"),
    path("backcasting/", views_backcasting.page, name="backcasting"),
    path("indicators/", views_feed.feed_page, name="result-feed"),
    path("bulletins/<str:at>.<str:form>", views_bulletin.bulletin_file, name="bulletin"),
]
