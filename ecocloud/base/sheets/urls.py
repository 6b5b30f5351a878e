"""Routes of imports."""

from django.urls import path

from ecocloud.base.sheets import views

app_name = "sheets"
urlpatterns = [
    path("batch/<int:pk>/", views.preview, name="preview"),
    path("batch/<int:pk>/mapping/", views.mapping, name="mapping"),
    path("batch/<int:pk>/commit/", views.commit, name="commit"),
    path("batch/<int:pk>/cancel/", views.cancel, name="cancel"),
    path("batch/<int:pk>/errors.xlsx", views.error_file, name="error-file"),
    path("<str:target>/", views.upload, name="upload"),
    path("<str:target>/template.xlsx", views.template, name="template"),
]
