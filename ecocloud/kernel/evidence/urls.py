"""URLs of the evidence room."""

from django.urls import path

from ecocloud.kernel.evidence import actions, views, views_sources

app_name = "evidence"
urlpatterns = [
    path("", views.indicator_list, name="list"),
    path("export/", views.export_list, name="export"),
    path("fill/", actions.fill, name="fill"),
    path("review/", views.review, name="review"),
    path("mine/", views.mine, name="mine"),
    path("targets/", views.target_list, name="targets"),
    path("targets/new/", actions.new_target, name="set-target"),
    path("targets/<int:pk>/", views.target_detail, name="target"),
    path("targets/<int:pk>/revise/", actions.revise, name="revise-target"),
    path("targets/<int:pk>/withdraw/", actions.withdraw, name="withdraw-target"),
    path("conflicts/", views.conflict_list, name="conflicts"),
    path("corrections/", views.correction_list, name="corrections"),
    path("locks/", views.lock_list, name="locks"),
    path("locks/new/", actions.lock_year, name="lock"),
    path("locks/<int:pk>/unlock/", actions.unlock_year, name="unlock"),
    path("sources/<str:kind>/<str:key>/", views_sources.source, name="source"),
    path("propose/", actions.propose, name="propose"),
    path("values/<int:pk>/", views.observation_detail, name="observation"),
    path("values/<int:pk>/submit/", actions.submit, name="submit"),
    path("values/<int:pk>/confirm/", actions.confirm, name="confirm"),
    path("values/<int:pk>/return/", actions.send_back, name="send-back"),
    path("values/<int:pk>/correct/", actions.correct, name="correct"),
    path("<str:code>/data.csv", views.indicator_csv, name="data"),
    path("<str:code>/accept/", actions.accept, name="accept"),
    path("<str:code>/", views.indicator_detail, name="detail"),
]
