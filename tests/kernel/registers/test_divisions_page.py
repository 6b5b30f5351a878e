"""Objects follow a merger or a split of divisions, on the page. Expected values by hand."""

import json
import re

import pytest

from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.regions.models import Region
from ecocloud.kernel.regions.services import CONSOLE
from ecocloud.kernel.registers import move_page, services
from ecocloud.kernel.registers.models import RegisterObject
from ecocloud.kernel.registers.reading import read_type

pytestmark = pytest.mark.django_db
PAGE = "/registers/divisions/"


@pytest.fixture
def enter(client):
    """``enter(user)``: a browser of that person."""

    def make(user):
        client.force_login(user, backend="ecocloud.kernel.regions.signin.Backend")
        return client

    return make


@pytest.fixture
def north(place):
    """A second township of the eastern county."""
    return Region.objects.create(code="990102102", name="东县北镇", level="township", parent=place.east)


@pytest.fixture
def ask(enter, place, north):
    """``ask(...)``: the form that moves 东镇 to 北镇, with changes."""

    def make(user=None, **more):
        form = {"source": "东县东镇", "target": "东县北镇", "note": "试府字〔2026〕1号", "on": ""} | more
        return enter(user or place.office).post(
            PAGE, {name: value for name, value in form.items() if value is not None}
        )

    return make


def stamp(page):
    return re.search(r'name="write" value="([^"]*)"', page.content.decode())[1]


def test_a_merger_moves_the_objects_of_every_register_and_their_departments(
    ask, place, north, wells, dig, well_text
):  # fmt: skip
    text = well_text.replace("code: well\n", "code: pump\n").replace("target: well", "target: pump")
    pumps = services.define(CONSOLE, read_type(text.replace("prefix: SYJ", "prefix: BZ"), "pump.yaml"))
    well = dig("镇井", region=place.town, department=place.units["east"])
    county = dig("县井", region=place.east)
    pump = services.create(place.office, pumps, name="镇泵", region=place.town, given={"owner": "镇"})
    shown = ask()
    told = shown.content.decode()
    assert "镇井" in told and "镇泵" in told and "县井" not in told and "调整 2 个" in told
    assert set(RegisterObject.objects.values_list("version", flat=True)) == {1}
    heir = {f"heir-{place.units['east'].pk}": "西县生态环境局", "picking": "1", "pk": [well.pk, pump.pk]}
    again = ask(write=stamp(shown), **heir)  # the heir was not in the preview: shown again, nothing written
    assert again.status_code == 200 and RegisterObject.objects.get(pk=well.pk).region == place.town
    done = ask(write=stamp(again), **heir)
    assert done.status_code == 302
    well.refresh_from_db()
    assert (well.region, well.department, well.version) == (north, place.units["west"], 2)
    assert (
        RegisterObject.objects.get(pk=pump.pk).region == north and RegisterObject.objects.get(pk=county.pk).version == 1
    )
    entries = Entry.objects.filter(action="registers.object.move")
    assert {entry.note for entry in entries} == {"试府字〔2026〕1号"} and len({entry.tx for entry in entries}) == 1
    assert json.loads(entries.get(ref_key=str(well.pk)).after)["region"] == north.pk


def test_a_split_moves_only_what_is_ticked(ask, place, north, wells, dig):
    goes, stays = dig("甲", region=place.town, department=place.units["east"]), dig("乙", region=place.town,
        department=place.units["east"])  # fmt: skip
    more = {"picking": "1", "pk": [goes.pk], f"heir-{place.units['east'].pk}": "西县生态环境局"}
    shown = ask(**more)
    assert "调整 1 个" in shown.content.decode()
    ask(write=stamp(shown), **more)
    goes.refresh_from_db()
    stays.refresh_from_db()
    assert (goes.region, goes.department) == (north, place.units["west"])
    assert (stays.region, stays.department, stays.version) == (place.town, place.units["east"], 1)


def test_what_came_since_the_preview_is_shown_first(ask, place, north, wells, dig, monkeypatch):
    monkeypatch.setattr(move_page, "PICKED_ONE_BY_ONE", 0)
    dig("甲", region=place.town)
    shown = ask()
    assert "将全部调整" in shown.content.decode()
    late = dig("乙", region=place.town)
    again = ask(write=stamp(shown))
    late.refresh_from_db()
    assert again.status_code == 200 and "调整 2 个" in again.content.decode() and late.region == place.town


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"source": ""}, "没有填写区划"),
        ({"target": "没有的镇"}, "不是一个确定的区划"),
        ({"target": "东县东镇"}, "调入和调出是同一个区划"),
        ({"note": " "}, "区划调整必须写明依据"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(ask, place, wells, dig, changes, words):
    dig("甲", region=place.town)
    answer = ask(**changes)
    text = answer.content.decode()
    assert answer.status_code == 400 and words in text
    assert f'value="{changes.get("target", "东县北镇")}"' in text


def test_a_closed_year_refuses_the_whole_move(ask, place, north, wells, dig):
    from datetime import date

    row = dig("甲", region=place.town, on=date(2023, 1, 1))
    services.lock_year(place.office, wells, place.city, 2024)
    shown = ask(on="2024-05-01")
    refused = ask(on="2024-05-01", write=stamp(shown))
    row.refresh_from_db()
    assert refused.status_code == 409 and "已封账" in refused.content.decode() and row.version == 1


def test_nothing_there_says_so(ask, place, wells):
    assert "东县东镇本级没有名录对象" in ask().content.decode()


def test_only_those_with_the_right(ask, enter, place, wells, dig):
    dig("甲", region=place.town)
    assert enter(place.clerk).get(PAGE).status_code == 403 and ask(user=place.clerk).status_code == 403
