"""Routes of the regions room."""

from django.urls import path

from ecocloud.kernel.regions import pages_accounts, pages_departments, pages_keys, pages_session
from ecocloud.kernel.regions.grids import pages as grids
from ecocloud.kernel.regions.handing import pages as handing

app_name = "regions"

urlpatterns = [
    path("sign-in", pages_session.sign_in, name="sign-in"),
    path("sign-out", pages_session.sign_out, name="sign-out"),
    path("second-step", pages_session.second_step, name="second-step"),
    path("enrol", pages_session.enrol, name="enrol"),
    path("password", pages_session.password, name="password"),
    path("account", pages_session.account, name="account"),
    path("departments", pages_departments.departments, name="departments"),
    path("departments/new", pages_departments.create, name="create-department"),
    path("departments/<int:pk>", pages_departments.department, name="department"),
    path("departments/<int:pk>/change", pages_departments.change_department, name="change-department"),
    path("departments/<int:pk>/alias", pages_departments.add_alias, name="add-alias"),
    path("unit-questions", pages_departments.unit_questions, name="unit-questions"),
    path("unit-questions/<int:pk>", pages_departments.answer_unit, name="answer-unit"),
    path("people", pages_accounts.people, name="people"),
    path("people/new", pages_accounts.create, name="create-person"),
    path("people/<int:pk>", pages_accounts.person, name="person"),
    path("people/<int:pk>/update", pages_accounts.update, name="update-person"),
    path("people/<int:pk>/active", pages_accounts.set_active, name="set-active"),
    path("people/<int:pk>/reset", pages_accounts.reset, name="reset-password"),
    path("people/<int:pk>/device", pages_accounts.remove_device, name="remove-device"),
    path("people/<int:pk>/grant", pages_accounts.grant, name="grant-role"),
    path("people/<int:pk>/revoke", pages_accounts.revoke, name="revoke-role"),
    path("keys", pages_keys.all_keys, name="keys"),
    path("keys/new", pages_keys.create, name="create-key"),
    path("keys/<int:pk>/revoke", pages_keys.revoke, name="revoke-key"),
    path("account/keys", pages_keys.own, name="my-keys"),
    path("account/keys/<int:pk>/revoke", pages_keys.revoke_own, name="revoke-my-key"),
    path("handovers", handing.handovers, name="handovers"),
    path("handovers/new", handing.hand, name="hand"),
    path("handovers/<int:pk>", handing.handover, name="handover"),
    path("locks", pages_accounts.locks, name="locks"),
    path("locks/unlock", pages_accounts.unlock, name="unlock"),
    path("rights", pages_accounts.matrix, name="rights-matrix"),
    path("grids", grids.grid_list, name="grids"),
    path("grids/map", grids.grid_map, name="grids-map"),
    path("grids/check", grids.grid_check, name="grids-check"),
    path("grids/export.geojson", grids.grids_export, name="grids-export"),
    path("grids/geojson", grids.grids_geojson, name="grids-geojson"),
    path("grids/<str:code>", grids.grid_page, name="grid"),
    path("grids/<str:code>/give", grids.grid_give, name="grid-give"),
    path("grids/<str:code>/end", grids.grid_end, name="grid-end"),
    path("rights/export", pages_accounts.matrix_export, name="export-matrix"),
]
