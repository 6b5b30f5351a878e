"""Routes of the duties room."""

from django.urls import path

from ecocloud.kernel.duties import views, views_item, views_papers, views_rounds, views_templates, views_year

app_name = "duties"
urlpatterns = [
    path("", views.ledger, name="ledger"),
    path("mine/", views.mine, name="mine"),
    path("owed/", views.owed, name="owed"),
    path("read/", views.read_notices, name="read"),
    path("instructions/", views.instructions, name="instructions"),
    path("remind/", views.remind_many, name="remind-many"),
    path("new/", views_item.create, name="create"),
    path("items/<int:pk>/", views_item.item, name="item"),
    path("items/<int:pk>/act/", views_item.act, name="act"),
    path("items/<int:pk>/edit/", views_item.edit, name="edit"),
    path("items/<int:pk>/decompose/", views_item.decompose, name="decompose"),
    path("files/<int:pk>/", views_item.file, name="file"),
    path("papers/<slug:kind>.<slug:form>", views_papers.paper, name="paper"),
    path("made/<int:pk>/", views_papers.output_file, name="output-file"),
    path("rounds/", views_rounds.round_list, name="rounds"),
    path("rounds/new/", views_rounds.new_round, name="round-new"),
    path("rounds/<int:pk>/", views_rounds.one_round, name="round"),
    path("rounds/<int:pk>/remind/", views_rounds.remind, name="round-remind"),
    path("rounds/<int:pk>/lock/", views_rounds.lock, name="round-lock"),
    path("rounds/<int:pk>/fill/", views_rounds.fill, name="fill"),
    path("rounds/<int:pk>/check/", views_rounds.check, name="check"),
    path("rounds/<int:pk>/decide/", views_rounds.decide, name="decide"),
    path("rounds/<int:pk>/workbook/", views_rounds.workbook, name="round-workbook"),
    path("rounds/<int:pk>/upload/", views_rounds.upload, name="round-upload"),
    path("rounds/<int:pk>/schedule.<slug:form>", views_rounds.paper, name="round-paper"),
    path("rule/", views_year.rule, name="rule"),
    path("templates/", views_templates.index, name="templates"),
    path("templates/<slug:pack>/<slug:task>/", views_templates.one, name="template"),
    path("year/", views_year.year, name="year"),
]
