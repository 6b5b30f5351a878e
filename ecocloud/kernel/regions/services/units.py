"""Unit wordings that a person settles: asked once, remembered."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import F
from django.utils import timezone

from ecocloud.base.errors import Conflict, EcoError
from ecocloud.kernel.journal.refs import Ref
from ecocloud.kernel.journal.services import change
from ecocloud.kernel.regions import naming
from ecocloud.kernel.regions.models import Department, DepartmentAlias, Region, UnitQuestion
from ecocloud.kernel.regions.resolution import UnitMatch
from ecocloud.kernel.regions.services.console import check


class UnitQuestionError(EcoError):
    """The question cannot be settled that way."""

    code = "regions.unit_question"


def ask_unit(
    user: Any, match: UnitMatch, region: Region, on_date: date | None = None, *, source: str = ""
) -> UnitQuestion:
    """Put an ambiguous or unknown wording before a person; asking again counts up the open question.

    ``source`` is the text form of a ``Ref`` to the place in the document. A wording that was dismissed before is not
    asked again: the dismissed question is returned.
    """
    text = naming.tidy(match.text)[:200]
    with change(user.actor()) as tx:
        dismissed = UnitQuestion.objects.filter(text=text, region=region, state=UnitQuestion.State.DISMISSED).first()
        if dismissed:
            return dismissed
        question, fresh = UnitQuestion.objects.get_or_create(
            text=text,
            region=region,
            state=UnitQuestion.State.OPEN,
            defaults={
                "on_date": on_date or timezone.localdate(),
                "reason": match.reason[:200],
                "source": source,
                "candidates": [
                    {
                        "department": c.department.pk,
                        "name": c.department.name,
                        "score": round(c.score, 3),
                        "reason": c.reason,
                    }
                    for c in match.candidates
                ],
            },
        )
        if fresh:
            tx.log("regions.unit.ask", Ref("unitq", str(question.pk)), after={"text": text, "region": region.code})
        else:
            UnitQuestion.objects.filter(pk=question.pk).update(count=F("count") + 1)
            question.refresh_from_db()
    return question


def _open(question: UnitQuestion) -> UnitQuestion:
    fresh = UnitQuestion.objects.select_for_update().get(pk=question.pk)
    if fresh.state != UnitQuestion.State.OPEN:
        raise Conflict("此问题已由他人处理。", f"question {fresh.pk} is {fresh.state}", value=fresh.state)
    return fresh


def settle_unit(user: Any, question: UnitQuestion, departments: list[Department]) -> UnitQuestion:
    """Answer: the wording means this department (kept as its alias), or these several (kept as a group of units)."""
    check(user, "regions.unit.settle")
    if not departments:
        raise UnitQuestionError("没有选择单位。", "no department chosen", remedy_zh="请选择至少一个单位。")
    with change(user.actor()) as tx:
        question = _open(question)
        if len(departments) == 1:
            target = departments[0]
        else:
            target, _ = Department.objects.get_or_create(
                name=question.text[:120], region=question.region, kind=Department.Kind.GROUP, defaults={"order": 9000}
            )
            target.members.set(departments)
        DepartmentAlias.objects.get_or_create(
            text=question.text[:120], department=target, defaults={"source": DepartmentAlias.Source.PERSON}
        )
        question.state = UnitQuestion.State.SETTLED
        question.settled_by = user if user.pk else None
        question.settled_at = timezone.now()
        question.save()
        question.departments.set(departments)
        after = {"text": question.text, "departments": sorted(unit.pk for unit in departments)}
        tx.log("regions.unit.settle", Ref("unitq", str(question.pk)), after=after)
    return question


def dismiss_unit(user: Any, question: UnitQuestion, *, note: str = "") -> UnitQuestion:
    """Answer: the wording is no unit at all."""
    check(user, "regions.unit.settle")
    with change(user.actor()) as tx:
        question = _open(question)
        question.state = UnitQuestion.State.DISMISSED
        question.settled_by = user if user.pk else None
        question.settled_at = timezone.now()
        question.save()
        tx.log("regions.unit.dismiss", Ref("unitq", str(question.pk)), after={"text": question.text}, note=note)
    return question
