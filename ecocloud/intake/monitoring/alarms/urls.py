"""Pages of alarms, below the room's address."""

from django.urls import path

from ecocloud.intake.monitoring.alarms import views, views_rules

urlpatterns = [
    path("alarms/", views.alarm_list, name="alarms"),
    path("alarms/<int:pk>/", views.alarm_page, name="alarm"),
    path("alarms/<int:pk>/acknowledge/", views.acknowledge, name="alarm-acknowledge"),
    path("alarms/<int:pk>/assign/", views.assign, name="alarm-assign"),
    path("alarms/<int:pk>/done/", views.done, name="alarm-done"),
    path("alarms/<int:pk>/false/", views.false_alarm, name="alarm-false"),
    path("alarms/<int:pk>/comment/", views.comment, name="alarm-comment"),
    path("alarms/<int:pk>/item/", views.item, name="alarm-item"),
    path("alarms/rules/", views_rules.rule_list, name="alarm-rules"),
    path("alarms/rules/new/", views_rules.create, name="alarm-rule-new"),
    path("alarms/rules/install/", views_rules.install, name="alarm-rules-install"),
    path("alarms/rules/<int:pk>/", views_rules.rule_page, name="alarm-rule"),
    path("alarms/rules/<int:pk>/edit/", views_rules.edit, name="alarm-rule-edit"),
    path("alarms/rules/<int:pk>/switch/", views_rules.switch, name="alarm-rule-switch"),
    path("offline/", views.offline_list, name="offline"),
]
