"""Routes of results, below those of the room."""

from django.urls import path

from ecocloud.domains.gep.results import views, views_lines, views_lists, views_methods, views_published

urlpatterns = [
    path("results/", views_lists.result_list, name="result-list"),
    path("results/<int:pk>/", views.results, name="results"),
    path("results/<int:pk>/lines/", views_lines.lines, name="lines"),
    path("results/<int:pk>/file/<str:form>/", views.result_file, name="result-file"),
    path("results/<int:pk>/disclose/<int:year>/", views_published.disclose_year, name="disclose"),
    path("lines/<int:pk>/", views_lines.line, name="line"),
    path("accountings/<int:pk>/published/<int:year>/", views_published.published, name="published"),
    path("editions/", views_methods.edition_list, name="editions"),
    path("editions/<str:code>/", views_methods.edition, name="edition"),
    path("methods/<str:code>/", views_methods.method, name="method"),
]
