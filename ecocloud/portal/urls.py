"""Routes: what the public opens below ``public/``, what staff opens below ``portal/``."""

from django.urls import path

from ecocloud.portal import views
from ecocloud.portal.consulting import pages as consulting
from ecocloud.portal.consulting import views as drafts
from ecocloud.portal.disclosure import pages as disclosure
from ecocloud.portal.disclosure import views as opened
from ecocloud.portal.reports import pages
from ecocloud.portal.reports import views as reports

app_name = "portal"
urlpatterns = [
    path("public/", views.home, name="home"),
    path("public/type/", views.larger, name="larger"),
    path("public/worker.js", views.worker, name="worker"),
    path("public/report/", reports.report_form, name="report"),
    path("public/report/near/", reports.near, name="near"),
    path("public/report/ground.json", reports.ground, name="ground"),
    path("public/status/", reports.ask, name="ask"),
    path("public/status/<str:number>/", reports.status, name="status"),
    path("public/status/<str:number>/seen/", reports.seen, name="seen"),
    path("public/status/<str:number>/<str:word>/", reports.own, name="own"),
    path("public/status/<str:number>/<str:word>/photo/<int:order>/", reports.photo, name="photo"),
    path("public/consult/", drafts.public_list, name="consults"),
    path("public/consult/<int:pk>/", drafts.public_page, name="consult"),
    path("public/consult/<int:pk>/result.docx", drafts.result, name="consult-result"),
    path("public/open/", opened.overview, name="open"),
    path("public/open/notices/", opened.notices, name="notices"),
    path("public/open/glossary/", opened.glossary, name="glossary"),
    path("public/open/file/<int:pk>/", opened.download, name="open-file"),
    path("public/open/<str:code>/", opened.one_list, name="open-list"),
    path("public/data/", opened.data_page, name="data"),
    path("public/data/<str:code>.<str:form>", opened.data_file, name="data-file"),
    path("portal/consult/", consulting.consult_list, name="consult-list"),
    path("portal/consult/new/", consulting.consult_new, name="consult-new"),
    path("portal/consult/<int:pk>/", consulting.consult_page, name="consult-page"),
    path("portal/consult/<int:pk>/summary.docx", consulting.consult_paper, name="consult-paper"),
    path("portal/comments/", consulting.comment_list, name="comments"),
    path("portal/comments/<int:pk>/", consulting.comment_page, name="comment-page"),
    path("portal/open/", disclosure.open_list, name="publications"),
    path("portal/open/publish/", disclosure.publish, name="publish"),
    path("portal/open/<int:pk>/withdraw/", disclosure.withdraw, name="unpublish"),
    path("portal/reports/", pages.report_list, name="reports"),
    path("portal/reports/<str:number>/", pages.report_page, name="report-page"),
    path("portal/reports/<str:number>/photo/<int:order>/", pages.staff_photo, name="report-photo"),
    path("portal/desk/", pages.desk, name="desk"),
]
