"""The rule that confirms fed values: only final results with verified facts, never corrections, by a second person."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from ecocloud.base.errors import Forbidden
from ecocloud.intake.monitoring.results import feeding, trusting
from ecocloud.intake.monitoring.results.models import Result
from ecocloud.kernel.evidence import services as evidence
from ecocloud.kernel.evidence.models import Observation
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.regions.models import Role, RoleGrant, User
from ecocloud.kernel.regions.services import CONSOLE, revoke_role
from tests.intake.monitoring.results.conftest import WATER
from tests.intake.monitoring.results.test_recalculating import chinese

pytestmark = pytest.mark.django_db
FIRST, MONTH, CODE = date(2026, 1, 1), "2026-03", "WAT.SURFACE.GOOD"


@pytest.fixture
def fed(sites):
    """A month of a section that is fed by the office, the facts of its results verified; ``other`` reviews too."""
    evidence.load_catalogue()
    sites.send("river", 0, WATER)
    sites.run()
    Result.objects.update(facts=[])
    office = sites.place.office
    same = {"department": office.department, "password_changed_at": office.password_changed_at}
    sites.other = User.objects.create(username="other", name="Another", must_change_password=False, **same)
    RoleGrant.objects.create(user=sites.other, role=Role.objects.get(code="office"))
    feeding.start_feed(sites.place.office, sites.place.east)
    return sites


def value(code=CODE):
    return Observation.objects.filter(indicator__code=code, period=MONTH).order_by("-version").first()


def told(sites):
    found = feeding.feed(sites.place.office, sites.place.east, FIRST)
    return {(one.code, one.period): one.outcome for one in found}


def test_people_confirm_until_somebody_else_switches_the_rule_on(fed):
    assert told(fed)[CODE, MONTH] == "recorded" and value().status == "submitted"
    with pytest.raises(trusting.CannotTrust):  # who feeds does not confirm
        trusting.trust(fed.place.office, fed.place.east)
    with pytest.raises(Forbidden):
        trusting.trust(fed.place.reader, fed.place.east)
    with pytest.raises(trusting.CannotTrust):  # nothing is fed there
        trusting.trust(fed.other, fed.place.west)
    trusting.trust(fed.other, fed.place.east)
    assert told(fed)[CODE, MONTH] == "confirmed"  # what waits too
    row = value()
    assert (row.status, row.confirmed_by, row.confirmed_rule) == ("confirmed", fed.other, trusting.CODE)
    entry = Entry.objects.filter(action="evidence.observation.rule", ref_kind="obs", ref_key=str(row.pk)).get()
    assert json.loads(entry.after) == {"status": "confirmed", "rule": trusting.CODE, "switched_on_by": fed.other.pk}
    assert told(fed)[CODE, MONTH] == "same"
    assert trusting.distrust(fed.other, fed.place.east) and not trusting.distrust(fed.other, fed.place.east)
    assert value().status == "confirmed"


@pytest.mark.parametrize("span", ["month", "day"])
def test_never_below_an_unverified_fact(fed, span):
    """Of the result itself, or of a day it was made of."""
    Result.objects.filter(span=span).update(facts=["water:day.least"])
    trusting.trust(fed.other, fed.place.east)
    assert told(fed)[CODE, MONTH] == "recorded" and value().status == "submitted"
    assert "待核对" in trusting.against(value())


def test_never_a_correction(fed):
    trusting.trust(fed.other, fed.place.east)
    told(fed)
    fed.send("river", 0, WATER | {"w21003": 1.9})
    fed.run()
    Result.objects.update(facts=[])
    assert told(fed)[CODE, MONTH] == "corrected" and value().status == "submitted"
    assert told(fed)[CODE, MONTH] == "waiting" and value().status == "submitted"
    with pytest.raises(evidence.EvidenceError) as refused:
        evidence.confirm_by_rule(fed.other, value(), trusting.CODE)
    assert "更正由人复核" in refused.value.message_zh


@pytest.mark.parametrize("change", [{"value": Decimal(50)}, {"source": "doc:1"}, {"source": "eval:1"},
                                    {"source": "eval:99999@1"}, {"source": "nothing"}])  # fmt: skip
def test_never_another_value_or_source(fed, change):
    told(fed)
    Observation.objects.filter(pk=value().pk).update(**change)
    assert trusting.against(value()) != ""
    with pytest.raises(evidence.EvidenceError):
        evidence.confirm_by_rule(fed.other, value(), trusting.CODE)


def test_never_a_result_that_is_not_final_or_no_longer_current(fed):
    told(fed)
    assert trusting.against(value()) == ""
    for change in ({"final": False}, {"current": False}, {"asked": "x"}):
        Result.objects.filter(span="month").update(**change)
        assert trusting.against(value()) != ""
        Result.objects.filter(span="month").update(final=True, current=True, asked="")


def test_the_services_own_conditions(fed):
    """By evidence itself, whatever the rule says: not by who entered it, not twice, not by an unknown rule."""
    told(fed)
    with pytest.raises(evidence.EvidenceError) as refused:
        evidence.confirm_by_rule(fed.place.office, value(), trusting.CODE)
    assert "填报人本人" in refused.value.message_zh
    with pytest.raises(evidence.EvidenceError, match="no rule"):
        evidence.confirm_by_rule(fed.other, value(), "nobody")
    with pytest.raises(Forbidden):
        evidence.confirm_by_rule(fed.place.reader, value(), trusting.CODE)
    evidence.confirm_by_rule(fed.other, value(), trusting.CODE)
    with pytest.raises(evidence.WrongState):
        evidence.confirm_by_rule(fed.other, value(), trusting.CODE)
    returned = evidence.take_back(fed.other, value(), reason="重核")
    assert (returned.confirmed_rule, returned.confirmed_by) == ("", None)


def test_a_lost_right_is_told_and_stops_nothing(fed):
    trusting.trust(fed.other, fed.place.east)
    revoke_role(CONSOLE, fed.other, "office")
    found = feeding.feed_all(date(2026, 4, 2))
    assert found["refused"] >= 1 and value().status == "submitted"
    assert feeding.feed_of(fed.place.east).trouble


def test_feeding_again_needs_the_rule_again(fed):
    trusting.trust(fed.other, fed.place.east)
    feeding.start_feed(fed.other, fed.place.east)
    assert feeding.feed_of(fed.place.east).trusted_by is None


def test_the_pages(fed, settings):
    client = Client()
    client.force_login(fed.other, backend=settings.AUTHENTICATION_BACKENDS[-1])
    url = reverse("monitoring:result-feed")
    assert "启用规则确认" in client.get(url, {"region": "990102"}).content.decode()
    client.post(url, {"region": "990102", "do": "trust"})
    told(fed)
    page = client.get(url, {"region": "990102"}).content.decode()
    assert "由规则确认" in page and "停用规则确认" in page and "Another" in page
    shown = client.get(reverse("evidence:observation", args=[value().pk])).content.decode()
    assert "由规则确认" in shown and "所依据的条文全部已核对" in shown
    assert chinese(client.get(url, {"region": "990102", "language": "en"}).content.decode()) == []
    client.post(url, {"region": "990102", "do": "distrust"})
    assert feeding.feed_of(fed.place.east).trusted_by is None
