"""The room's part of the sample site: our documents, read, confirmed and entered by the office; then a year of life."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from ecocloud.intake.documents import sample_files, sample_life, services
from ecocloud.intake.documents.models import Document, Record
from ecocloud.intake.documents.sample_facts import SampleDocument, filled, sample_facts, template
from ecocloud.kernel.duties import sample as duties_sample
from ecocloud.kernel.duties.services import templates as recurring
from ecocloud.kernel.journal.services import SYSTEM
from ecocloud.kernel.regions.models import Department, User

_ZONE = ZoneInfo("Asia/Shanghai")
# Below this confidence the office does not take projects and mechanisms.
_DOUBT = Decimal("0.65")


def load(context: Any) -> None:
    """Bring the sample documents in through the real services and let the ledger live from its issue until today."""
    today: date = context.today
    year = sample_year(today)
    office: User = context.shared["people"]["office"]
    found: dict[str, Document] = {}
    for fact in sorted(sample_facts().documents, key=lambda one: one.day):
        day = min(date.fromisoformat(f"{year + fact.year}-{fact.day}"), today - timedelta(days=1))
        context.say(fact.name)
        found[fact.name] = _bring(context, office, fact, year, day)
    context.shared["documents"] = found
    life = sample_life.live(context, found, year)
    duties_sample.load_loop(context, life.person)
    # At last: rounds of past months shall not ask for what begins today.
    recurring.run_all(SYSTEM)


def sample_year(today: date) -> int:
    """The year of the documents: this year, in its first months the year before, so that there is life to see."""
    return today.year if today.month > 3 else today.year - 1


def moment(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """A time of day in China, never in the future."""
    return min(datetime.combine(day, time(hour, minute), _ZONE), timezone.now())


def _bring(context: Any, office: User, fact: SampleDocument, year: int, day: date) -> Document:
    data = sample_files.made(fact.form, template(fact.name, year))
    name = f"{fact.file}.{fact.form}".replace("（样例）", f"{year}年（样例）")
    document, _known = services.upload(office, name, data, secrecy=fact.secrecy)
    fields: dict[str, Any] = {"title": filled(fact.title, year), "doc_type": fact.type, "published": day}
    fields["number"] = filled(fact.number, year)
    document = services.change_facts(office, document, **fields)
    if fact.take != "none":
        decide(context, office, document, fact.take == "half", year)
    at = moment(day + timedelta(days=2), 10)
    if fact.take == "all":
        services.enter(office, document, at=at)
        for record in Record.objects.filter(document=document, problem__gt="", result_ref__isnull=True):
            services.reject(office, record, sample_facts().reject.double_zh)
        services.enter(office, document, at=at)
    _backdate(document, day)
    document.refresh_from_db()
    return document


def _backdate(document: Document, day: date) -> None:
    rows = Record.objects.filter(document=document).exclude(state="pending").order_by("number")
    for minute, record in enumerate(rows):
        record.decided_at = moment(day + timedelta(days=1), 9 + minute // 60 % 8, minute % 60)
    Record.objects.bulk_update(rows, ["decided_at"], batch_size=200)
    times: dict[str, Any] = {"uploaded_at": moment(day, 15, 20)}
    if Document.objects.get(pk=document.pk).status == Document.Status.ENTERED:
        times["entered_at"] = moment(day + timedelta(days=2), 10)
    Document.objects.filter(pk=document.pk).update(**times)


def decide(context: Any, office: User, document: Document, half: bool, year: int) -> None:
    """The office's decisions: the sure ones at once, the others one by one, in order; half of them where told so."""
    if half:
        rows = list(Record.objects.filter(document=document).order_by("start", "number"))
        for record in rows[: len(rows) // 2]:
            _one(context, office, record, year)
        return
    services.accept_many(office, document)
    for record in Record.objects.filter(document=document, state="pending").order_by("start", "number"):
        _one(context, office, record, year)
    # Tasks without a date of their own are due at the end of the year.
    for record in Record.objects.filter(document=document, kind="task", state__in=Record.TAKEN):
        if not record.decided["deadline"]:
            end = {
                "deadline": date(record.decided["year"] or year, 12, 31),
                "deadline_text": sample_facts().year_end_zh,
            }
            services.edit(office, record, end)


def _one(context: Any, office: User, record: Record, year: int) -> None:
    facts = sample_facts()
    if record.kind == "task":
        changes: dict[str, Any] = {}
        if not record.decided["lead"]:
            changes["lead"] = _lead(context, record)
        services.accept(office, record, changes=changes)
        return
    if record.kind == "figure":
        made, tags = record.decided, record.payload["qualifier"]
        if made["use"] == "none" or (made["propose"] and ("count_of" in tags or record.confidence < 1)):
            counted = "count_of" in tags or made["use"] == "target"
            services.reject(office, record, facts.reject.count_zh if counted else facts.reject.unsure_zh)
        elif not made["period"]:
            services.accept(office, record, changes={"period": str(year)})
        else:
            services.accept(office, record)
        return
    if record.confidence < _DOUBT:
        services.reject(office, record, facts.reject.doubtful_zh)
    else:
        services.accept(office, record)


def _lead(context: Any, record: Record) -> Department:
    facts, units = sample_facts(), context.shared["departments"]
    if record.decided["question"]:
        return Department.objects.get(pk=record.decided["question"][0][0])
    code = next((code for word, code in facts.leads if word in record.title), facts.default_lead)
    return units.get(code) or units[facts.default_lead]
