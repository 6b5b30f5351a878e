"""What the public reads: nothing until a confirmed year is disclosed, and nothing any more once it is withdrawn."""

import pytest
from django.urls import reverse

from ecocloud.base.errors import Forbidden
from ecocloud.domains.gep import queries
from ecocloud.domains.gep.errors import GepError, NotThere, WrongState
from ecocloud.domains.gep.models import Disclosure, Run
from ecocloud.domains.gep.results import public
from ecocloud.domains.gep.services import disclosing, reviewing, runs
from ecocloud.kernel.journal.models import Entry
from ecocloud.web.models import Site
from tests.domains.gep.results.test_pages import left_in_chinese

pytestmark = pytest.mark.django_db


@pytest.fixture
def confirmed(place, accounting, approved):
    """A run of 2023 and 2024 from approved values, confirmed by another person."""
    for year in (2023, 2024):
        approved(year)
    run = runs.make_run(place.office, accounting)
    return reviewing.confirm(place.second, run)


def test_only_what_is_confirmed_and_disclosed_is_public(place, confirmed):
    assert public.panel(place.county) is None
    disclosing.disclose(place.second, confirmed, 2023)
    told = public.panel(place.county)
    assert told["lines"][0]["total"] == queries.totals(confirmed)[2023] and told["year"] == 2023
    assert told["services"]["total"][2]["value"] == told["lines"][0]["total"]
    disclosing.disclose(place.second, confirmed, 2024)
    disclosing.disclose(place.second, confirmed, 2024)  # once is enough
    assert Disclosure.objects.count() == 2 and public.panel(place.city)["year"] == 2024
    assert public.panel(place.other) is None
    with pytest.raises(GepError, match="reason"):
        disclosing.withdraw(place.second, confirmed, 2024, reason=" ")
    disclosing.withdraw(place.second, confirmed, 2024, reason="面积更正")
    assert public.panel(place.city)["year"] == 2023
    actions = Entry.objects.filter(action__startswith="gep.result.").order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["gep.result.disclose"] * 2 + ["gep.result.withdraw"]


def test_what_was_superseded_is_not_public_any_more(place, confirmed):
    disclosing.disclose(place.second, confirmed, 2024)
    confirmed.accounts.update(standing=False)
    Run.objects.filter(pk=confirmed.pk).update(state="superseded")
    assert public.panel(place.county) is None


def test_a_trial_is_never_disclosed_and_only_by_those_who_confirm(run, place):
    with pytest.raises(WrongState):
        disclosing.disclose(place.second, run, 2024)
    with pytest.raises(Forbidden):
        disclosing.disclose(place.reader, run, 2024)
    with pytest.raises(NotThere):
        disclosing.disclose(place.stranger, run, 2024)
    with pytest.raises(NotThere):
        disclosing.disclose(place.second, run, 2020)


def test_from_the_page_to_the_public_page(place, confirmed, at, client, settings):
    office, url = at(place.second), reverse("gep:disclose", args=[confirmed.pk, 2024])
    page = office.get(reverse("gep:results", args=[confirmed.pk])).content.decode()
    assert 'id="disclose"' in page and "已公开" not in page
    assert "已公开" in office.post(url, follow=True).content.decode()
    settings.PUBLIC = True
    Site.objects.update_or_create(pk=1, defaults={"name": "试验站", "region": place.county})
    client.logout()
    shown = client.get(reverse("web:public")).content.decode()
    total = f"{queries.totals(confirmed)[2024]:.2f}"
    assert "生态产品总值" in shown and total.replace(",", "")[-6:] in shown.replace("\u2009", "")
    english = client.get(reverse("web:public"), {"language": "en"}).content.decode()
    panel = english[english.index('id="p-gep"') : english.index("</section>", english.index('id="p-gep"'))]
    assert left_in_chinese(f"<main>{panel}<footer") == set()
    office = at(place.second)
    office.get(reverse("gep:editions"), {"language": "zh-hans"})
    assert "请写明撤下的理由" in office.post(url, {"withdraw": "1"}, follow=True).content.decode()
    assert "已撤下" in office.post(url, {"withdraw": "1", "opinion": "更正"}, follow=True).content.decode()
    assert not Disclosure.objects.exists()
