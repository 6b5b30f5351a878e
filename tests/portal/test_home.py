"""What the work desk shows: as many as the lists behind."""

import pytest

from ecocloud.portal import home
from ecocloud.portal.reports import services
from ecocloud.portal.reports.models import Report

pytestmark = pytest.mark.django_db


def test_reports_that_wait_are_counted_listed_and_led_to(town, staff):
    services.create(services.Given("water", town.place, text="黑水", client_key="a"))
    Report.objects.update(state="done", ended_on="2026-01-01")
    assert home.report_count(town.worker) == 1 and home.report_count(town.reader) == 0
    (row,) = home.report_rows(town.worker, "todo", 5)
    assert row["act"] == "公开答复" and staff(town.worker).get(row["url"]).status_code == 200
    assert staff(town.worker).get(home.report_url(town.worker)).context["listing"].total == 1
    assert home.comment_rows(town.worker, "todo", 5) == [] and home.comment_count(town.mayor) == 0
