"""Routes of saved views; the shell mounts them."""

from django.urls import path

from ecocloud.base.pages import views

app_name = "pages"
urlpatterns = [
    path("save/", views.save_view, name="save-view"),
    path("delete/", views.delete_view, name="delete-view"),
]
