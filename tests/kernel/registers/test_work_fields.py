"""Pages over all packs and registers: grouped by field of work, searched, and as many queries for many as for few."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ecocloud.kernel.regions.services import CONSOLE
from ecocloud.kernel.registers import outlines, pack, work_fields
from ecocloud.kernel.registers.models import Pack, RegisterType, ShownPack, TypeVersion
from ecocloud.kernel.registers.services import packs, packs_in_use
from ecocloud.kernel.registers.systems import systems


@pytest.fixture
def office(place, client):
    client.force_login(place.office)
    return client


@pytest.fixture
def some(place):
    """Three packs: two of water, one of nature."""
    for name in ("river-outfalls", "sewage-works", "wetlands"):
        packs.load(CONSOLE, pack.read(pack.own_folder() / name))


def many(count):
    """So many more packs with one register each, as rows."""
    old, version = Pack.objects.get(code="sewage-works"), TypeVersion.objects.get(type__code="sewage_work")
    for n in range(count):
        content = old.content | {"id": f"more-{n}", "zh": f"更多{n}", "systems": [systems()[n].id]}
        made = Pack.objects.create(code=f"more-{n}", zh=f"更多{n}", en=f"More {n}", version="1.0.0", content=content,
                                   digest="0")  # fmt: skip
        row = RegisterType.objects.create(code=f"more_{n}", zh=f"更多名录{n}", en=f"More {n}", version=1, pack=made,
                                          digest=f"{n:064d}")  # fmt: skip
        definition = version.definition | {"code": f"more_{n}", "zh": f"更多名录{n}"}
        TypeVersion.objects.create(type=row, number=1, definition=definition, slots=version.slots, mapping={})


def names(page):
    return [card["name"] for _title, cards in page.context["groups"] for card in cards]


def test_the_field_of_a_pack_is_the_section_of_its_first_system():
    known = {one.id: one.section for one in systems()}
    assert work_fields.field_of(["S109"]) == known["S109"]
    assert next(one.section_zh for one in systems() if one.id == "S109") == "水"
    assert work_fields.field_of([]) == work_fields.field_of(["S999"]) == work_fields.REST
    first = next(number for number, section in known.items() if section != known["S109"])
    assert work_fields.field_of([first, "S109"]) == known[first]


def test_packs_stand_under_their_fields_and_one_click_leaves_one(some, office):
    page = office.get(reverse("registers:packs"))
    assert [title for title, _cards in page.context["groups"]] == ["水", "自然、森林、湿地与矿山"]
    fields = {one.name: one for one in page.context["finder"].fields()}
    assert {name: one.count for name, one in fields.items()} == {"水": 2, "自然、森林、湿地与矿山": 1}
    water = office.get(reverse("registers:packs") + fields["水"].url)
    assert sorted(names(water)) == sorted(["入河排污口溯源整治", "城乡污水处理设施"])
    (again,) = [one for one in water.context["finder"].fields() if one.chosen]
    assert again.name == "水" and "field" not in again.url  # the same click takes it off


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("湿地", ["湿地保护与占补平衡"]),
        ("wetland", ["湿地保护与占补平衡"]),
        ("S109", ["城乡污水处理设施"]),  # a system's number
        ("sewage-works", ["城乡污水处理设施"]),  # its id
        ("占用 湿地", ["湿地保护与占补平衡"]),  # a register of it; every word must be there
        ("湿地 污水处理厂", []),
    ],
)
def test_a_pack_is_found_by_name_register_system_or_id(some, office, word, found):
    assert names(office.get(reverse("registers:packs"), {"q": word})) == found


def test_registers_are_found_the_same_way(some, office):
    page = office.get(reverse("registers:index"), {"q": "占用湿地"})
    assert names(page) == ["占用湿地"]
    assert "湿地保护与占补平衡" in page.content.decode()
    nothing = office.get(reverse("registers:index"), {"q": "没有这样的名录"})
    assert names(nothing) == [] and "没有符合条件的名录" in nothing.content.decode()


def test_what_the_search_hides_stays_chosen_for_the_cockpit(some, office, place):
    """Saving the choice from a filtered page sends the hidden packs along."""
    packs_in_use.show(place.office, place.city, ["wetlands"])
    page = office.get(reverse("registers:packs"), {"region": place.city.pk, "q": "污水处理设施"})
    assert page.context["others"] == ["wetlands"]
    assert '<input type="hidden" name="pack" value="wetlands">' in page.content.decode()
    sent = {"region": place.city.pk, "pack": ["wetlands", "sewage-works"]}
    office.post(reverse("registers:packs-shown"), sent)
    assert set(ShownPack.objects.values_list("pack__code", flat=True)) == {"wetlands", "sewage-works"}


def test_groups_are_closed_when_there_are_many_and_nothing_was_asked_for(some, office):
    address = reverse("registers:packs")
    assert '<details class="card mb reg-fold" open>' in office.get(address).content.decode()
    many(work_fields.MOST_OPEN - 2)  # 41 with the three
    assert office.get(address).context["finder"].folded
    assert not office.get(address, {"q": "更多"}).context["finder"].folded
    RegisterType.objects.filter(pack__code="more-0").update(pack=None)
    Pack.objects.get(code="more-0").delete()
    assert not office.get(address).context["finder"].folded  # exactly 40


def test_many_packs_cost_no_more_queries_than_few(some, office, place):
    addresses = [reverse(f"registers:{name}") for name in ("packs", "index", "systems", "due")]
    addresses += ["/desk/", reverse("registers:packs") + "?q=水"]

    def cost():
        found = []
        for one in addresses:
            office.get(one)  # what is read once for each process is read
            with CaptureQueriesContext(connection) as seen:
                assert office.get(one).status_code == 200, one
            found.append(len(seen))
        return found

    few = cost()
    many(100)
    outlines._kept.clear()
    assert cost() == few
