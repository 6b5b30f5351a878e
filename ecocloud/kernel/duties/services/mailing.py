"""Notices by e-mail, where the installation has switched it on: title and link, nothing else.

The wish to send is a row of base/jobs written in the transaction of the notice; the job ``duties.notices.mail`` sends
each person one mail for each event, remembers whom it has reached, and tries the others again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.urls import reverse

from ecocloud.base.errors import EcoError
from ecocloud.base.jobs import enqueue
from ecocloud.kernel.duties.models import Notice
from ecocloud.kernel.regions.models import User

JOB = "duties.notices.mail"
_EVENTS = 200


class MailFailed(EcoError):
    """Some mails could not be handed to the mail server; the job tries those again."""

    code = "duties.mail"
    http_status = 502


def is_on() -> bool:
    """Whether this installation sends mails: server, sender and address of the site are all set."""
    return bool(settings.EMAIL_HOST and settings.MAIL_FROM and settings.SITE_URL)


def later(events: Iterable[str]) -> None:
    """Wish that notices of these events go out as mails, as part of the running transaction; nothing where it is
    off."""
    found = sorted(events) if is_on() else []
    for first in range(0, len(found), _EVENTS):
        enqueue(JOB, {"events": found[first : first + _EVENTS]})


def _readers(rows: list[Notice]) -> dict[tuple[str, int], tuple[Notice, User]]:
    """Whom to write to: (event, person) -> notice and person with an address."""
    from ecocloud.kernel.duties.services.notices import reads_for_unit

    units = {row.department_id for row in rows if row.department_id}
    names = {row.user_id for row in rows if row.user_id}
    people = list(User.objects.filter(is_active=True).exclude(email="").filter(department_id__in=units))
    people = [one for one in people if reads_for_unit(one)]
    named = User.objects.filter(is_active=True, pk__in=names).exclude(email="").in_bulk()
    found: dict[tuple[str, int], tuple[Notice, User]] = {}
    for row in rows:
        if row.user_id:
            readers = [named[row.user_id]] if row.user_id in named else []
        else:
            readers = [one for one in people if one.department_id == row.department_id]
        for person in readers:
            found.setdefault((row.event, person.pk), (row, person))
    return found


def _path(notice: Notice) -> str:
    kind, _colon, key = notice.ref.partition(":")
    if kind == "item" and key.isdigit():
        return reverse("duties:item", args=[int(key)])
    return reverse("duties:mine") + "?tab=read"


def message(notice: Notice, person: User) -> EmailMessage:
    """One mail: the title, and the address of the page with the notices. No name, no text, nothing else of the
    record."""
    return EmailMessage(
        subject=" ".join(notice.title.split()),
        body=f"{notice.title}\n{settings.SITE_URL}{_path(notice)}\n",
        from_email=settings.MAIL_FROM,
        to=[person.email],
        headers={"Message-ID": f"<{notice.event}.{person.pk}@ecocloud>", "Auto-Submitted": "auto-generated"},
    )


def send(context: Any) -> dict[str, int]:
    """Send what is still unread; whom it reached is kept in the checkpoint. Raises :class:`MailFailed` at the end when
    some could not be sent, so that the job runs again for these."""
    if not is_on():
        return {"sent": 0, "off": 1}
    sent = {tuple(pair) for pair in (context.checkpoint or {"sent": []})["sent"]}
    rows = list(Notice.objects.filter(event__in=context.payload["events"], read_at__isnull=True).order_by("pk"))
    waiting = {key: pair for key, pair in _readers(rows).items() if key not in sent}
    failed, fresh = [], 0
    connection = get_connection(timeout=20)
    for key, (notice, person) in waiting.items():
        context.check()
        try:
            connection.send_messages([message(notice, person)])
        except OSError as fault:  # smtplib's errors are OSErrors
            failed.append(f"{person.pk}: {fault}")
            connection.close()
            continue
        sent.add(key)
        fresh += 1
        with transaction.atomic():
            context.save({"sent": sorted(sent)})
    connection.close()
    if failed:
        raise MailFailed(f"有 {len(failed)} 封邮件未能送出。", f"{len(failed)} mails failed: {failed[0]}",
                         remedy_zh="系统会重试；请检查邮件服务器设置。")  # fmt: skip
    return {"sent": fresh}
