"""Pages of quality flags and reviews, below the room's address."""

from django.urls import path

from ecocloud.intake.monitoring.quality import views

urlpatterns = [
    path("flags/", views.flag_list, name="flags"),
    path("reviews/", views.review_list, name="reviews"),
    path("<int:pk>/reviews/", views.decide, name="review-decide"),
    path("reviews/<int:pk>/cancel/", views.take_back, name="review-cancel"),
]
