"""The list of systems on its page: filters, counts, links, file. Expected rows are those of packs/systems.csv."""

import csv
import io

import pytest
from django.urls import reverse

from ecocloud.kernel.regions.services import CONSOLE
from ecocloud.kernel.registers import pack, systems
from ecocloud.kernel.registers.services import packs

URL = "registers:systems"


def rows(table):
    return [row.system.id for _title, group, _works in table.context["groups"] for row in group]


def test_every_system_has_its_words_in_both_languages():
    found = systems.systems()
    assert [one.id for one in found] == [f"S{number:03}" for number in range(1, 246)]
    assert all(one.zh and one.en.isascii() and one.section_zh and one.section_en.isascii() for one in found)
    assert len({one.section for one in found}) == 19
    assert {one.state for one in found} <= set(systems.STATES)


@pytest.fixture
def page(client, place):
    client.force_login(place.reader)
    return lambda **query: client.get(reverse(URL), query)


def test_the_page_lists_all_of_them_by_section_with_counts(page):
    answer = page()
    assert rows(answer) == [one.id for one in systems.systems()]
    assert sum(one["count"] for one in answer.context["states"]) == 245


def test_every_place_has_a_name(page):
    assert [row.place for _t, group, _works in page().context["groups"] for row in group if "/" in row.place] == []
    assert all(word and "/" not in word for _key, word in page().context["rooms"])


def test_filters_narrow_and_counts_follow(page):
    works = [one.id for one in systems.systems() if one.state == systems.WORKS]
    assert rows(page(state="works")) == works
    water = page(section="I")
    assert rows(water) == [one.id for one in systems.systems() if one.section == "I"]
    assert sum(one["count"] for one in water.context["states"]) == len(rows(water))
    assert rows(page(q="s107")) == rows(page(q="入河排污口监管")) == ["S107"]
    assert rows(page(room="duties")) == [one.id for one in systems.systems() if one.place == "kernel/duties"]
    assert "没有符合条件的系统" in page(q="没有这样的系统").content.decode()


def test_links_lead_to_a_loaded_pack_or_to_a_room_that_works(page):
    def link(code):
        return next(row.url for _t, group, _works in page(q=code).context["groups"] for row in group)

    assert link("S107") == ""
    packs.load(CONSOLE, pack.read(pack.folder_of("river-outfalls")))
    assert link("S107") == reverse("registers:pack", args=["river-outfalls"])
    working = next(one for one in systems.systems() if one.state == systems.WORKS and one.room == "duties")
    assert link(working.id) == reverse("duties:ledger")
    planned = next(one for one in systems.systems() if one.state == systems.PLANNED)
    assert link(planned.id) == ""


def test_the_list_leaves_as_a_file_of_its_rows(page):
    answer = page(export="csv", section="I")
    lines = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [line[0] for line in lines[1:]] == [one.id for one in systems.systems() if one.section == "I"]
    assert b"".join(page(export="xlsx").streaming_content).startswith(b"PK")
