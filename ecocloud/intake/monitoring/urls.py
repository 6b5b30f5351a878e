"""URLs of the monitoring room."""

from django.urls import path

from ecocloud.intake.monitoring.alarms.urls import urlpatterns as alarms
from ecocloud.intake.monitoring.commanding.urls import urlpatterns as commands
from ecocloud.intake.monitoring.quality.urls import urlpatterns as quality
from ecocloud.intake.monitoring.results.urls import urlpatterns as results
from ecocloud.intake.monitoring.stations import (
    views,
    views_edit,
    views_quality,
    views_raw,
    views_strangers,
    views_values,
)

app_name = "monitoring"
urlpatterns = [
    path("", views.device_list, name="devices"),
    path("new/", views_edit.create, name="device-new"),
    path("<int:pk>/", views.device_page, name="device"),
    path("<int:pk>/edit/", views_edit.edit, name="device-edit"),
    path("<int:pk>/turn/", views_edit.turn, name="device-turn"),
    path("<int:pk>/secret/", views_edit.secret, name="device-secret"),
    path("<int:pk>/upkeep/", views_edit.add_upkeep, name="upkeep-add"),
    path("upkeep/<int:pk>/end/", views_edit.end_upkeep, name="upkeep-end"),
    path("upkeep/<int:pk>/cancel/", views_edit.cancel_upkeep, name="upkeep-cancel"),
    path("values/", views_values.bring, name="values"),
    path("quality/", views_quality.rate_list, name="rates"),
    path("quarantine/", views_strangers.stranger_list, name="strangers"),
    path("quarantine/<int:pk>/", views_strangers.stranger_page, name="stranger"),
    path("quarantine/<int:pk>/refuse/", views_strangers.refuse, name="stranger-refuse"),
    path("quarantine/<int:pk>/reopen/", views_strangers.reopen, name="stranger-reopen"),
    path("raw/<str:gateway>/<int:sequence>/", views_raw.record, name="raw"),
    *alarms,
    *quality,
    *commands,
    *results,
]
