"""QR cards: what stands on them, whose they are, and that the drawing is the code."""

import json
import re

import pytest
import qrcode
from django.urls import reverse

from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.registers.cards import picture

SHEET = "/registers/type/well/cards/"


@pytest.fixture
def enter(client):
    def make(user):
        client.force_login(user)
        return client

    return make


def dark(drawn):
    """The dark modules that a drawing's path covers."""
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", drawn.path)
    assert all(there == back for _x, _y, there, back in runs)
    return {(int(x) + step, int(y)) for x, y, there, _back in runs for step in range(int(there))}


def test_the_drawing_is_the_code_with_a_white_edge_of_four():
    """Oracle: the modules of the library; finder patterns and quiet zone from ISO/IEC 18004."""
    drawn = picture("https://site.example/registers/object/12/")
    code = qrcode.QRCode(border=0, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data("https://site.example/registers/object/12/")
    code.make(fit=True)
    rows = code.get_matrix()
    assert drawn.size == len(rows) + 8
    assert dark(drawn) == {(x + 4, y + 4) for y, row in enumerate(rows) for x, on in enumerate(row) if on}
    for x, y in ((4, 4), (drawn.size - 11, 4), (4, drawn.size - 11)):
        assert all((x + step, y) in dark(drawn) for step in range(7)) and (x + 1, y + 1) not in dark(drawn)


@pytest.mark.django_db
def test_a_card_says_what_and_whose_and_leads_to_the_object(enter, place, dig):
    row = dig("一号井", depth=12, use="farming", department=place.units["east"])
    page = enter(place.office).get(reverse("registers:card", args=[row.pk]))
    card = page.context["cards"][0]
    assert card.facts == [("权属人", "一号井"), ("井深", "12 米"), ("用途", "灌溉")]
    text = page.content.decode()
    assert row.code in text and "东县生态环境局" in text and "style=" not in text
    assert card.qr == picture(f"http://testserver/registers/object/{row.pk}/")


@pytest.mark.django_db
def test_a_sheet_holds_the_cards_of_the_filtered_list_within_reach(enter, place, dig):
    for name, region in (("东井", place.east), ("西井", place.west)):
        dig(name, region=region, use="farming")
    names = lambda page: [card.row.name for card in page.context["cards"]]  # noqa: E731
    client = enter(place.office)
    assert names(client.get(SHEET)) == ["东井", "西井"]
    assert names(client.get(f"{SHEET}?region=990103")) == ["西井"]
    assert names(enter(place.other).get(SHEET)) == ["西井"]


@pytest.mark.django_db
def test_the_code_as_a_file_is_journalled_and_not_for_others(enter, place, dig):
    row = dig("一号井")
    address = reverse("registers:qr", args=[row.pk])
    answer = enter(place.clerk).get(address)
    assert answer["Content-Type"] == "image/svg+xml" and f"{row.code}.svg" in answer["Content-Disposition"]
    assert picture(f"http://testserver/registers/object/{row.pk}/").path in answer.content.decode()
    assert json.loads(Entry.objects.get(action="web.list.export").after)["form"] == "svg"
    client = enter(place.other)
    assert client.get(address).status_code == client.get(reverse("registers:card", args=[row.pk])).status_code == 404


@pytest.mark.django_db
def test_an_empty_sheet_says_so(enter, place, wells):
    assert "没有可打印的对象" in enter(place.office).get(SHEET).content.decode()
