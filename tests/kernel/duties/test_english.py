"""English pages: light words, consequences, action labels and refusals are English; the tables lack no word."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from ecocloud.kernel.duties import item_page, showing
from ecocloud.kernel.duties.kinds import all_kinds
from ecocloud.kernel.regions.models import User
from ecocloud.web.middleware import LANGUAGE_COOKIE

HAN = re.compile(r"[\u4e00-\u9fff]")
TODAY = timezone.localdate()


def test_every_consequence_and_label_of_the_tables_is_translated():
    with translation.override("en"):
        for kind in all_kinds().values():
            for row in kind.transitions:
                consequence = showing.said(row.consequence_zh) if row.consequence_zh else ""
                assert row.label_en and not HAN.search(consequence), row.consequence_zh


@pytest.mark.django_db
def test_actions_blocks_and_light_words_of_an_item(town, make):
    late = make("in_progress", deadline=TODAY - timedelta(days=3))
    with translation.override("en"):
        found = item_page.context(User.objects.get(pk=town.hydro.pk), late.pk)
        assert "3 days overdue" in found["shown"].words
        for act in [*found["buttons"], *found["more_buttons"], *found["blocked"]]:
            words = [act.label, act.consequence, act.who, act.blocked, act.opinion_label]
            assert not HAN.search("".join(words)), words
    assert "逾期 3 天" in showing.show([late])[0].shown.words


@pytest.mark.django_db
def test_a_refusal_is_english_on_an_english_page(client, town, make):
    User.objects.update(must_change_password=False)
    item = make("in_progress")
    client.force_login(User.objects.get(pk=town.hydro.pk))
    client.cookies[LANGUAGE_COOKIE] = "en"
    answer = client.post(reverse("duties:act", args=[item.pk]), {"action": "report", "version": item.version})
    alert = re.search(r'role="alert">(.*?)</div></div>', answer.content.decode(), re.S).group(1)
    assert answer.status_code == 422 and not HAN.search(re.sub(r"<[^>]+>", "", alert)), alert
    gone = client.get(reverse("duties:item", args=[999999]))
    assert gone.status_code == 404 and "No item 999999" in gone.content.decode()
