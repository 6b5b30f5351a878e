"""Routes of the reporting system, below those of the room."""

from django.urls import path

from ecocloud.domains.gep.reporting import views_accountings, views_files, views_forms, views_reviews, views_set

urlpatterns = [
    path("", views_accountings.accounting_list, name="accountings"),
    path("new/", views_accountings.create, name="accounting-new"),
    path("accountings/<int:pk>/", views_accountings.accounting, name="accounting"),
    path("accountings/<int:pk>/close/", views_accountings.close, name="accounting-close"),
    path("accountings/<int:pk>/basis/", views_accountings.basis, name="basis"),
    path("accountings/<int:pk>/parameter/", views_accountings.set_parameter, name="parameter-set"),
    path("accountings/<int:pk>/price/", views_accountings.set_price, name="price-set"),
    path("accountings/<int:pk>/run/", views_accountings.make_run, name="run-make"),
    path("accountings/<int:pk>/data.xlsx", views_files.workbook, name="data-book"),
    path("accountings/<int:pk>/csv/", views_files.take_csv, name="data-csv"),
    path("forms/", views_forms.form_list, name="forms"),
    path("forms/set/", views_set.form_set, name="form-set"),
    path("forms/<int:pk>/", views_forms.form_page, name="form"),
    path("forms/<int:pk>/save/", views_forms.save, name="form-save"),
    path("forms/<int:pk>/step/", views_forms.step, name="form-step"),
    path("data/<int:pk>/correct/", views_forms.correct, name="correct"),
    path("corrections/<int:pk>/", views_forms.decide, name="correction"),
    path("runs/<int:pk>/review/", views_reviews.review, name="review"),
    path("runs/<int:pk>/confirm/", views_reviews.confirm, name="run-confirm"),
    path("runs/<int:pk>/rerun/", views_reviews.rerun, name="rerun"),
    path("runs/<int:pk>/comment/", views_reviews.comment, name="comment"),
    path("comments/<int:pk>/resolve/", views_reviews.resolve, name="comment-resolve"),
]
