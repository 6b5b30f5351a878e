"""URLs of the documents room."""

from django.urls import path

from ecocloud.intake.documents import (
    views,
    views_batches,
    views_compare,
    views_dictionary,
    views_editions,
    views_findings,
    views_review,
)

app_name = "documents"
urlpatterns = [
    path("", views.document_list, name="list"),
    path("upload/", views.upload, name="upload"),
    path("batches/", views_batches.batch_list, name="batches"),
    path("batches/<int:pk>/", views_batches.batch_page, name="batch"),
    path("batches/<int:pk>/progress/", views_batches.batch_progress, name="batch-progress"),
    path("batches/<int:pk>/pause/", views_batches.batch_pause, name="batch-pause"),
    path("batches/<int:pk>/resume/", views_batches.batch_resume, name="batch-resume"),
    path("records/", views.record_list, name="records"),
    path("dictionary/", views_dictionary.dictionary, name="dictionary"),
    path("dictionary/add/", views_dictionary.add_term, name="dictionary-add"),
    path("dictionary/export/", views_dictionary.export_terms, name="dictionary-export"),
    path("dictionary/<int:pk>/", views_dictionary.turn_term, name="term"),
    path("<int:pk>/changes/", views_editions.changes, name="changes"),
    path("<int:pk>/edition/", views_editions.edition, name="edition"),
    path("questions/", views_findings.question_list, name="questions"),
    path("questions/list.<str:form>", views_findings.question_file, name="questions-file"),
    path("compare/", views_compare.compare, name="compare"),
    path("compare/comparison.<str:form>", views_compare.compare_file, name="compare-file"),
    path("<int:pk>/checks/", views_findings.checks, name="checks"),
    path("<int:pk>/checks/again/", views_findings.recheck, name="recheck"),
    path("<int:pk>/checks/<int:question>/", views_findings.answer, name="answer"),
    path("<int:pk>/tables/", views_compare.tables, name="tables"),
    path("<int:pk>/tables/<str:which>.<str:form>", views_compare.table_file, name="tables-file"),
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
