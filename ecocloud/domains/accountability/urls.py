"""Routes of the accountability room."""

from django.urls import path

from ecocloud.domains.accountability import views

app_name = "accountability"
urlpatterns = [
    path("", views.files, name="files"),
    path("look/", views.look, name="look"),
    path("check/", views.check, name="check"),
    path("<str:number>/", views.one, name="file"),
]
