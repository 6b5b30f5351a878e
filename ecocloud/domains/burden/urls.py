"""Routes of the burden room."""

from django.urls import path

from ecocloud.domains.burden import views

app_name = "burden"
urlpatterns = [path("", views.burden, name="list")]
