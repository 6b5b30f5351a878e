"""One notice for each event and person, and the mails of notices."""

import smtplib
from types import SimpleNamespace

import pytest
from django.core import mail
from django.utils import timezone

from ecocloud.base.jobs import drain
from ecocloud.base.jobs.models import Job, State
from ecocloud.kernel.duties import queries, services
from ecocloud.kernel.duties.models import Notice
from ecocloud.kernel.duties.services import mailing, notices
from ecocloud.kernel.journal.services import SYSTEM, change
from ecocloud.kernel.regions.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailed(settings):
    """An installation that sends mails."""
    settings.EMAIL_HOST, settings.MAIL_FROM = "mail.example.org", "eco@example.org"
    settings.SITE_URL = "https://eco.example.org"
    User.objects.filter(username="hydro").update(email="hydro@example.org")
    return settings


def test_an_event_told_again_is_there_once(town):
    for _ in range(3):
        notices.tell_unit(town.at_water, "chiefs", "chief:1", "巡河到期", event="chief:1/2026-11")
        notices.tell_person(town.driver, "chiefs", "chief:1", "巡河到期", event="chief:1/2026-11")
    assert Notice.objects.count() == 2
    notices.tell_unit(town.at_water, "chiefs", "chief:1", "巡河到期", event="chief:1/2026-12")
    assert Notice.objects.count() == 3


def test_words_said_again_on_the_same_day_are_one_event(town):
    notices.tell_unit(town.at_water, "report", "report:1", "评价不满意")
    notices.tell_unit(town.at_water, "report", "report:1", "评价不满意")
    notices.tell_unit(town.at_water, "report", "report:1", "要求重新受理")
    tomorrow = timezone.now() + timezone.timedelta(days=1)
    notices.tell_unit(town.at_water, "report", "report:1", "评价不满意", at=tomorrow)
    assert Notice.objects.count() == 3


@pytest.mark.parametrize("person_first", [True, False])
def test_who_reads_it_through_the_unit_gets_none_by_name(town, person_first):
    tell = [lambda: notices.tell_person(town.hydro, "urge", "item:1", "催办", event="e"),
            lambda: notices.tell_unit(town.at_water, "urge", "item:1", "催办", event="e")]  # fmt: skip
    for one in tell if person_first else reversed(tell):
        one()
    assert [(row.user_id, row.department_id) for row in Notice.objects.all()] == [(None, town.at_water.pk)]
    assert queries.unread(town.hydro).count() == queries.unread(town.hydro2).count() == 1


def test_one_step_tells_a_unit_once_whatever_its_parts_in_it(town):
    """The water bureau gave the duty out to itself: as lead and as office it reads one notice of a step."""
    item = services.create_item(town.clerk, title="自办事项", lead=town.at_office)
    services.issue(town.clerk, item)
    told = Notice.objects.filter(ref=item.ref, department=town.at_office)
    assert told.count() == len(set(told.values_list("event", flat=True))) <= 1


def test_without_settings_no_mail_is_wished_for(town):
    notices.tell_unit(town.at_water, "urge", "item:1", "催办")
    assert not mailing.is_on() and not Job.objects.filter(name=mailing.JOB).exists()


def test_a_mail_holds_title_and_link_and_goes_once(town, mailed):
    with change(SYSTEM):
        for _ in range(2):
            notices.tell_unit(town.at_water, "urge", "item:7", "催办：完成河道清淤", "经办人张三，电话 0796")
            notices.tell_person(town.hydro, "urge", "item:7", "催办：完成河道清淤", "经办人张三，电话 0796")
    assert mail.outbox == []  # sent by the job, not in the transaction
    drain()
    drain()
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["hydro@example.org"], "催办：完成河道清淤")
    assert sent.body == "催办：完成河道清淤\nhttps://eco.example.org/duties/items/7/\n" and "张三" not in str(
        sent.message()
    )


def test_a_change_that_fails_sends_nothing(town, mailed):
    with pytest.raises(ZeroDivisionError), change(SYSTEM):
        notices.tell_unit(town.at_water, "urge", "item:1", "催办")
        1 / 0  # noqa: B018
    drain()
    assert mail.outbox == [] and not Notice.objects.exists()


def test_failed_mails_are_tried_again_and_sent_ones_are_not(town, mailed, monkeypatch):
    User.objects.filter(username="hydro2").update(email="second@example.org")
    notices.tell_unit(town.at_water, "urge", "item:1", "催办")
    reached, down = [], [True]

    def send(messages):
        for one in messages:
            if one.to == ["second@example.org"] and down[0]:
                raise smtplib.SMTPServerDisconnected("down")
            reached.append(one.to[0])

    connection = SimpleNamespace(send_messages=send, close=lambda: None)
    monkeypatch.setattr(mailing, "get_connection", lambda **_: connection)
    drain()
    job = Job.objects.get(name=mailing.JOB)
    assert reached == ["hydro@example.org"] and job.state == State.QUEUED and job.run_after > timezone.now()
    down[0] = False
    Job.objects.update(run_after=timezone.now())
    drain()
    assert reached == ["hydro@example.org", "second@example.org"]
    assert Job.objects.get(name=mailing.JOB).state == State.DONE


def test_read_meanwhile_or_closed_account_gets_no_mail(town, mailed):
    notices.tell_unit(town.at_water, "urge", "item:1", "催办")
    notices.mark_read(town.hydro, [row.pk for row in queries.unread(town.hydro)])
    notices.tell_unit(town.at_water, "urge", "item:2", "催办")
    User.objects.filter(username="hydro").update(is_active=False)
    drain()
    assert mail.outbox == []
