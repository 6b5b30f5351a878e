"""Pages of commands, below the room's address."""

from django.urls import path

from ecocloud.intake.monitoring.commanding import views

urlpatterns = [
    path("commands/", views.command_list, name="commands"),
    path("commands/new/", views.create, name="command-new"),
    path("commands/table/", views.command_table, name="command-table"),
    path("commands/strays/", views.stray_list, name="strays"),
    path("commands/<int:pk>/", views.command_page, name="command"),
    path("commands/<int:pk>/approve/", views.approve, name="command-approve"),
    path("commands/<int:pk>/dismiss/", views.dismiss, name="command-dismiss"),
    path("commands/<int:pk>/withdraw/", views.withdraw, name="command-withdraw"),
    path("<int:pk>/commands/", views.setting, name="command-setting"),
]
