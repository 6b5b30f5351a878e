"""Routes: what the public opens below ``public/``, what staff opens below ``portal/``."""

from django.urls import path

from ecocloud.portal import views
from ecocloud.portal.reports import pages
from ecocloud.portal.reports import views as reports

app_name = "portal"
urlpatterns = [
    path("public/", views.home, name="home"),
    path("public/type/", views.larger, name="larger"),
    path("public/worker.js", views.worker, name="worker"),
    path("public/report/", reports.report_form, name="report"),
    path("public/report/near/", reports.near, name="near"),
    path("public/status/", reports.ask, name="ask"),
    path("public/status/<str:number>/", reports.status, name="status"),
    path("public/status/<str:number>/seen/", reports.seen, name="seen"),
    path("public/status/<str:number>/<str:word>/", reports.own, name="own"),
    path("public/status/<str:number>/<str:word>/photo/<int:order>/", reports.photo, name="photo"),
    path("portal/reports/", pages.report_list, name="reports"),
    path("portal/reports/<str:number>/", pages.report_page, name="report-page"),
    path("portal/reports/<str:number>/photo/<int:order>/", pages.staff_photo, name="report-photo"),
    path("portal/desk/", pages.desk, name="desk"),
]
