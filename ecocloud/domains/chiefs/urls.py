"""Routes of the room."""

from django.urls import path

from ecocloud.domains.chiefs import views_files, views_offices, views_patrols, views_public

app_name = "chiefs"
urlpatterns = [
    path("", views_offices.office_list, name="offices"),
    path("new/", views_offices.create, name="office-new"),
    path("offices.xlsx", views_offices.workbook, name="offices-book"),
    path("<int:pk>/", views_offices.office_page, name="office"),
    path("<int:pk>/edit/", views_offices.edit, name="office-edit"),
    path("<int:pk>/close/", views_offices.close, name="office-close"),
    path("<int:pk>/appoint/", views_offices.appoint, name="appoint"),
    path("<int:pk>/end/", views_offices.end_term, name="term-end"),
    path("<int:pk>/helpers/", views_offices.add_helper, name="helper-add"),
    path("<int:pk>/handover/", views_offices.prepare_handover, name="handover-new"),
    path("<int:pk>/qr.svg", views_offices.qr, name="qr"),
    path("helpers/<int:pk>/end/", views_offices.end_helper, name="helper-end"),
    path("handovers/<int:pk>/", views_offices.handover, name="handover"),
    path("handovers/<int:pk>/renew/", views_offices.renew_handover, name="handover-renew"),
    path("handovers/<int:pk>/sign/", views_offices.sign_handover, name="handover-sign"),
    path("public/", views_public.public_list, name="public"),
    path("sign/<str:token>/", views_public.sign, name="sign"),
    path("mine/", views_patrols.mine, name="mine"),
    path("patrols/", views_patrols.patrol_list, name="patrols"),
    path("patrols/new/", views_patrols.create, name="patrol-new"),
    path("patrols/new/worker.js", views_patrols.worker, name="patrol-worker"),
    path("patrols/<int:pk>/", views_patrols.patrol_page, name="patrol"),
    path("photos/<int:pk>/", views_patrols.photo, name="photo"),
    path("coverage/", views_files.covered, name="coverage"),
    path("coverage/report.docx", views_files.report, name="report"),
    path("rules/", views_files.rule_list, name="rules"),
    path("rules/choose/", views_files.choose_rule, name="rule-choose"),
    path("files/<int:pk>/", views_files.file_page, name="file"),
    path("files/<int:pk>/plan/", views_files.make_plan, name="plan-new"),
    path("plans/<int:pk>/measure/", views_files.add_measure, name="measure-new"),
]
