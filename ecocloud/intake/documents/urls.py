"""URLs of the documents room."""

from django.urls import path

from ecocloud.intake.documents import views, views_review

app_name = "documents"
urlpatterns = [
    path("", views.document_list, name="list"),
    path("upload/", views.upload, name="upload"),
    path("records/", views.record_list, name="records"),
    path("<int:pk>/", views.document_page, name="document"),
    path("<int:pk>/file/", views.original, name="file"),
    path("<int:pk>/facts/", views.change_facts, name="facts"),
    path("<int:pk>/review/", views_review.review, name="review"),
    path("<int:pk>/records/<int:record>/", views_review.decide, name="decide"),
    path("<int:pk>/add/", views_review.add, name="add"),
    path("<int:pk>/bulk/", views_review.bulk, name="bulk"),
    path("<int:pk>/undo/", views_review.turn, {"way": "undo"}, name="undo"),
    path("<int:pk>/redo/", views_review.turn, {"way": "redo"}, name="redo"),
    path("<int:pk>/enter/", views_review.enter, name="enter"),
]
