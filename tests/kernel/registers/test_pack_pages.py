"""Packs on pages: figures with the objects behind them, tiles of the cockpit, targets, feeding, report, loading.

The objects are the rows of the sample workbook of the pack of outfalls: 12 outfalls, of which 6 are closed; expected
numbers are counted by hand in that workbook.
"""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ecocloud.base.errors import EcoError, Forbidden
from ecocloud.base.officedocs import docx_text
from ecocloud.kernel.evidence.models import Indicator, Observation, Target
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.journal.refs import resolve
from ecocloud.kernel.journal.services import SYSTEM
from ecocloud.kernel.regions.models import User
from ecocloud.kernel.regions.services import CONSOLE
from ecocloud.kernel.registers import pack, pack_figures, pack_tiles, queries, services
from ecocloud.kernel.registers.errors import NoSuchThing
from ecocloud.kernel.registers.models import Pack, PackFeed, RegisterObject, ShownPack
from ecocloud.kernel.registers.register import open_register
from ecocloud.kernel.registers.services import packs, packs_in_use

OUTFALLS = "river-outfalls"
TODAY = timezone.localdate()


@pytest.fixture
def outfalls(place, imported):
    """The pack of outfalls with the rows of its sample workbook, in the invented county."""
    Indicator.objects.create(code="WAT.OUTLET.FIXED", zh="入河排污口整治完成率", group="WAT", unit="%", decimals=1)
    made = pack.read(pack.folder_of(OUTFALLS))
    packs.load(CONSOLE, made)
    imported(made)
    return made.definition


@pytest.fixture
def office(client, place):
    client.force_login(place.office)
    return client


def url(name, *args, region="990104", **more):
    query = "&".join(f"{key}={value}" for key, value in ({"region": region} | more).items())
    return f"{reverse(f'registers:{name}', args=args)}?{query}"


# --- figures and their evidence ---------------------------------------------------------------------------------------


def test_the_cards_of_packs_and_registers_show_what_the_pack_brings(outfalls, office):
    page = office.get("/registers/packs/").content.decode()
    counts = len(outfalls.figures), len(outfalls.tasks), len(outfalls.targets)
    assert min(counts) > 0 and "{} 项计算 · {} 项循环任务 · {} 项目标".format(*counts) in page
    assert "#i-waves" in office.get("/registers/").content.decode()


def test_every_figure_of_the_page_is_the_one_its_evidence_page_computes(outfalls, office, county, place):
    page = office.get(url("pack", OUTFALLS))
    taken = page.context["taken"]
    assert {one.figure.code: one.value for one in taken.figures} == packs.figure_values(
        place.office, outfalls, [one.code for one in outfalls.figures], county, TODAY)  # fmt: skip
    for one in taken.figures:
        behind = office.get(one.url)
        assert behind.context["listing"].value == one.value, one.figure.code
        assert one.figure.value.split("(")[0] in behind.content.decode()


def test_evidence_lists_the_objects_that_count_and_says_in_which_part(outfalls, office, county):
    listing = office.get(url("figure", OUTFALLS, "fixed_share")).context["listing"]
    register = open_register("outfall")
    wanted = {row.name: row.state for row in RegisterObject.objects.all()
              if register.values(row).get("measure") not in (None, "none")}  # fmt: skip
    assert {row.name for row in listing.rows} == set(wanted) and listing.everything == 12
    assert listing.heads == ['rows(state = "closed" and measure != "none")', 'rows(measure != "none")']
    assert {row.name: row.parts for row in listing.rows} == {
        name: [state == "closed", True] for name, state in wanted.items()}  # fmt: skip
    closed = sum(state == "closed" for state in wanted.values())
    assert listing.value == round(Decimal(100 * closed) / len(wanted), 1)


def test_evidence_is_of_the_day_and_leaves_as_a_file(outfalls, office):
    before = office.get(url("figure", OUTFALLS, "all", day=TODAY - timedelta(days=1))).context["listing"]
    assert before.value == 0 and before.total == 0
    listing = office.get(url("figure", OUTFALLS, "all")).context["listing"]
    assert listing.value == listing.total == 12
    lines = b"".join(office.get(dict(listing.export_urls)["csv"]).streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(lines)))
    assert len(rows) == 13 and rows[0][:3] == ["编码", "名称", "状态"] and rows[0][-1] == "计入 rows()"
    assert Entry.objects.filter(action="web.list.export").exists()


def test_a_figure_shows_each_viewer_only_what_he_sees(outfalls, client, place, county):
    client.force_login(place.clerk)  # of the eastern county
    assert client.get(url("figure", OUTFALLS, "all")).context["listing"].value == 0
    assert client.get(url("pack", OUTFALLS)).context["taken"].by_code()["all"].value == 0


def test_kept_figures_are_never_shown_to_somebody_who_sees_less(outfalls, kept, place, county):
    whole = pack_figures.take(place.office, outfalls, ["all"], county, TODAY)
    assert whole.figures[0].value == 12
    assert pack_figures.take(place.clerk, outfalls, ["all"], county, TODAY).figures[0].value == 0
    with CaptureQueriesContext(connection) as seen:
        again = pack_figures.take(User.objects.get(pk=place.office.pk), outfalls, ["all"], county, TODAY)
    assert again.at == whole.at and not any("registers_object" in query["sql"] for query in seen)
    assert pack_figures.take(place.office, outfalls, ["all"], county, TODAY - timedelta(days=1)).figures[0].value == 0


def test_the_reference_of_a_figure_opens_its_evidence(outfalls, place, county, office):
    found = resolve(f"regfig:{OUTFALLS}/all#990104@{TODAY}", place.office)
    assert office.get(found.url).context["listing"].value == 12
    assert resolve(f"pack:{OUTFALLS}#opinion@{outfalls.version}", place.office).url.endswith(f"/{OUTFALLS}/#sources")
    assert resolve(f"regfig:{OUTFALLS}/nothing@{TODAY}", place.office).url == ""


def test_pages_of_figures_cost_the_same_with_more_objects(outfalls, office, place, county, kept):
    def cost(address):
        office.get(address)
        with CaptureQueriesContext(connection) as seen:
            office.get(address)
        return len(seen)

    addresses = [url("figure", OUTFALLS, "fixed_share"), url("packs"), url("pack", OUTFALLS)]
    few = [cost(one) for one in addresses]
    register = open_register("outfall")
    for number in range(20):
        services.create(place.office, register, name=f"排口{number}", region=county, department=None,
                        geometry=[115.1, 27.1],
                        given={"kind": "village", "river": f"河{number}", "found_on": TODAY})  # fmt: skip
    many = [cost(one) for one in addresses]
    assert many == few
    assert few[0] <= 12 and few[1] <= 12


# --- the cockpit ------------------------------------------------------------------------------------------------------


def test_the_cockpit_shows_the_packs_of_the_division_or_of_the_next_above(outfalls, place, county):
    packs.load(CONSOLE, pack.read(pack.folder_of("black-waters")))
    assert packs_in_use.shown(county) == []
    packs_in_use.show(place.office, place.city, [OUTFALLS, "black-waters", OUTFALLS])
    assert [one.code for one in packs_in_use.shown(county)] == [OUTFALLS, "black-waters"]
    packs_in_use.show(place.office, county, ["black-waters"])
    assert [one.code for one in packs_in_use.shown(county)] == ["black-waters"]
    assert [one.code for one in packs_in_use.shown(place.city)] == [OUTFALLS, "black-waters"]
    packs_in_use.show(place.office, county, [])
    assert [one.code for one in packs_in_use.shown(county)] == [OUTFALLS, "black-waters"]
    assert packs_in_use.shown(None) == []


def test_choosing_needs_the_right_a_known_pack_and_not_too_many(outfalls, place, county, monkeypatch):
    with pytest.raises(Forbidden):
        packs_in_use.show(place.clerk, place.east, [OUTFALLS])
    with pytest.raises(NoSuchThing):
        packs_in_use.show(place.office, county, ["nothing"])
    monkeypatch.setattr(packs_in_use, "MOST_SHOWN", 0)
    with pytest.raises(EcoError, match="packs chosen"):
        packs_in_use.show(place.office, county, [OUTFALLS])
    assert not ShownPack.objects.exists()


def test_tiles_count_what_their_links_list(outfalls, place, county, office):
    packs_in_use.show(place.office, place.city, [OUTFALLS])
    told = pack_tiles.data(place.office, county, TODAY.year)
    tiles = {one.title: one for one in told["packs"][0]["tiles"]}
    numbers, stages, places = tiles["排污口整治"], tiles["各阶段排污口"], tiles["各乡镇排污口"]
    assert numbers.figures[0].value == 12
    assert stages.total == places.total == 12
    for bar in (*stages.bars, *places.bars):
        assert office.get(bar.url).context["listing"].total == bar.count, bar.label
    for one in numbers.figures:
        assert office.get(one.url).context["listing"].value == one.value
    assert max(bar.width for bar in stages.bars) == 100
    assert sum(bar.share for bar in stages.bars) == 100


def test_a_tile_by_township_falls_back_to_the_level_of_the_objects(outfalls, place, county, office):
    """Two outfalls at the county itself stand beside the townships; when all are, they are counted by county."""
    tile = next(one for one in outfalls.tiles if one.by == "township")

    def bars():
        found = pack_tiles.tile_of(place.office, tile, county, pack_figures.take(
            place.office, outfalls, ["all"], county, TODAY))  # fmt: skip
        assert sum(bar.count for bar in found.bars) == found.total == 12
        for bar in found.bars:
            assert office.get(bar.url).context["listing"].total >= bar.count
        return {bar.label: bar.count for bar in found.bars}

    register = open_register("outfall")
    rows = list(RegisterObject.objects.order_by("code"))
    for number, row in enumerate(rows):
        if number == 2:
            found = bars()
            assert found["云溪县本级"] == 2 and len(found) > 1
        services.edit(place.office, register, row.pk, region=county)
    assert bars() == {"云溪县": 12}


def test_the_second_view_of_the_cockpit_draws_them(outfalls, place, county, office):
    address = f"{reverse('web:cockpit')}?view=topics&region=990104"
    assert "驾驶舱还没有选专题" in office.get(address).content.decode()
    packs_in_use.show(place.office, place.city, [OUTFALLS])
    page = office.get(address).content.decode()
    assert "入河排污口溯源整治" in page and "整治完成率" in page and "各阶段排污口" in page
    assert "入河排污口溯源整治" not in office.get(reverse("web:cockpit")).content.decode()
    with CaptureQueriesContext(connection) as seen:
        office.get(address)
    assert len(seen) < 60


def test_a_past_year_is_shown_as_of_its_last_day(outfalls, place, county):
    packs_in_use.show(place.office, place.city, [OUTFALLS])
    told = pack_tiles.data(place.office, county, TODAY.year - 1)
    assert told["day"] == date(TODAY.year - 1, 12, 31) and told["past"]
    assert told["packs"][0]["tiles"][0].figures[0].value == 0


def test_the_choice_is_made_on_the_page_of_packs(outfalls, office, county, place):
    page = office.get(url("packs")).content.decode()
    assert "在驾驶舱展示" in page and "入河排污口溯源整治" in page
    office.post(reverse("registers:packs-shown"), {"region": "990104", "pack": [OUTFALLS]})
    assert [one.code for one in packs_in_use.shown(county)] == [OUTFALLS]
    assert Entry.objects.filter(action="registers.pack.show").count() == 1
    office.post(reverse("registers:packs-shown"), {"region": "990104", "pack": ["nothing"]})
    assert [one.code for one in packs_in_use.shown(county)] == [OUTFALLS]


# --- targets, feeding, report -----------------------------------------------------------------------------------------


def test_targets_are_adopted_once(outfalls, office, county, place):
    assert "未登记" in office.get(url("pack", OUTFALLS)).content.decode()
    for _n in range(2):
        office.post(reverse("registers:pack-targets", args=[OUTFALLS]), {"region": "990104"})
    assert Target.objects.filter(region=county).count() == len(outfalls.targets)
    assert all(held is not None for _one, held in packs_in_use.open_targets(outfalls, county))
    with pytest.raises(Forbidden):
        packs_in_use.adopt_missing(place.clerk, outfalls, place.east)


def test_indicators_are_fed_from_the_page_and_by_the_clock(outfalls, office, county, place):
    office.post(reverse("registers:pack-feed", args=[OUTFALLS]), {"region": "990104", "do": "feed"})
    held = Observation.objects.filter(region=county, period=str(TODAY.year), status="submitted")
    assert held.count() == len(outfalls.indicators)
    fixed = held.get(indicator__code="WAT.OUTLET.FIXED")
    assert fixed.source == f"regfig:{OUTFALLS}/fixed_share#990104@{TODAY}"
    assert "待复核" in office.get(url("pack", OUTFALLS)).content.decode()
    assert packs_in_use.feed_all(SYSTEM) == {}
    office.post(reverse("registers:pack-feed", args=[OUTFALLS]), {"region": "990104", "do": "start"})
    assert packs_in_use.feed_of(OUTFALLS, county).by == place.office
    Observation.objects.all().delete()
    assert packs_in_use.feed_all(SYSTEM)["recorded"] == len(outfalls.indicators)
    User.objects.filter(pk=place.office.pk).update(is_active=False)
    assert packs_in_use.feed_all(SYSTEM) == {} and "权限" in PackFeed.objects.get().trouble
    assert packs_in_use.stop_feed(place.office2, OUTFALLS, county)
    assert packs_in_use.feed_of(OUTFALLS, county) is None


def test_a_pack_that_fails_stops_no_other(outfalls, office, county, place, monkeypatch):
    packs.load(CONSOLE, pack.read(pack.folder_of("black-waters")))
    Indicator.objects.create(code="WAT.BLACK.CLEARED", zh="黑臭水体消除比例", group="WAT", unit="%", decimals=1)
    for code in (OUTFALLS, "black-waters"):
        packs_in_use.start_feed(place.office, code, county)
    Indicator.objects.filter(code="WAT.OUTFALL.TRACED").update(code="WAT.OUTFALL.RENAMED")
    address = reverse("registers:pack-feed", args=[OUTFALLS])
    page = office.post(address, {"region": "990104", "do": "feed"}, follow=True)
    assert page.status_code == 200 and "可能已被删除或改名" in page.content.decode()
    page = office.post(reverse("registers:pack-targets", args=[OUTFALLS]), {"region": "990104"}, follow=True)
    assert page.status_code == 200 and "WAT.OUTFALL.TRACED" in page.content.decode()
    whole, seen = packs.feed, []

    def broken(user, made, region, year):
        seen.append(made.id)
        if made.id == OUTFALLS:
            raise LookupError("whatever")
        return whole(user, made, region, year)

    Observation.objects.all().delete()
    told = packs_in_use.feed_all(SYSTEM)
    assert told["refused"] == 1 and told["recorded"] == 2, told
    assert "WAT.OUTFALL.TRACED" in PackFeed.objects.get(pack__code=OUTFALLS).trouble
    monkeypatch.setattr(packs, "feed", broken)
    packs_in_use.feed_all(SYSTEM)
    assert seen == [OUTFALLS, "black-waters"]
    assert "LookupError" in PackFeed.objects.get(pack__code=OUTFALLS).trouble
    assert PackFeed.objects.get(pack__code="black-waters").trouble == ""


@pytest.mark.parametrize(
    ("today", "year"), [(date(2026, 1, 1), 2025), (date(2026, 1, 2), 2026), (date(2026, 12, 31), 2026)]
)
def test_the_first_of_january_closes_the_year_before(today, year):
    assert packs_in_use.feed_year(today) == year


def test_who_sees_only_a_part_cannot_feed_and_is_told(outfalls, client, county, place):
    client.force_login(place.clerk)
    answer = client.post(
        reverse("registers:pack-feed", args=[OUTFALLS]), {"region": "990104", "do": "feed"}, follow=True
    )
    assert "只能看到部分对象" in answer.content.decode()
    assert not Observation.objects.filter(region=county).exists()


def test_the_report_is_a_paper_with_a_source_for_each_number(outfalls, office, county):
    answer = office.get(url("pack-report", OUTFALLS))
    text = docx_text(b"".join(answer.streaming_content))
    shown = office.get(url("pack", OUTFALLS)).context["paragraphs"]
    plain = text.replace(" ", "").replace("\u00a0", "")
    for title, _words in shown:
        assert title in text
    assert "共排查入河排污口12" in plain and "入河排污口溯源整治：排污口总数" in text
    assert Entry.objects.filter(action="registers.pack.report").count() == 1


# --- loading ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def admin(client, place):
    """The system administrator with his second factor."""
    from django_otp import DEVICE_ID_SESSION_KEY
    from django_otp.plugins.otp_totp.models import TOTPDevice

    from ecocloud.kernel.regions.models import Role, RoleGrant

    user = User.objects.create_user(username="root", password=None, name="root", department=place.units["office"],
                                    must_change_password=False, password_changed_at=timezone.now())  # fmt: skip
    RoleGrant.objects.create(user=user, role=Role.objects.get(code="sysadmin"))
    client.force_login(user)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = TOTPDevice.objects.create(user=user, name="t", confirmed=True).persistent_id
    session.save()
    return client


def test_the_administrator_previews_and_loads_a_pack(admin):
    address = reverse("registers:pack-load")
    assert "未装入" in admin.get(address).content.decode()
    page = admin.get(f"{address}?pack={OUTFALLS}").content.decode()
    assert "新建名录 outfall" in page and not Pack.objects.exists()
    admin.post(address, {"pack": OUTFALLS})
    assert Pack.objects.get().code == OUTFALLS
    assert "已是最新" in admin.get(f"{address}?pack={OUTFALLS}").content.decode()
    Pack.objects.update(digest="0" * 64)
    assert "可升级" in admin.get(address).content.decode()
    Pack.objects.update(version="9.0.0")
    page = admin.get(f"{address}?pack={OUTFALLS}").content.decode()
    assert "比现用的 9.0.0 旧" in page and "仍要替换" in page
    assert "比现用的 9.0.0 旧" in admin.post(address, {"pack": OUTFALLS}).content.decode()
    assert Pack.objects.get().version == "9.0.0"
    admin.post(address, {"pack": OUTFALLS, "replace": "yes"})
    assert Pack.objects.get().version == pack.read(pack.folder_of(OUTFALLS)).definition.version
    assert admin.get(f"{address}?pack=../../etc").status_code == 200


def test_faults_of_a_pack_are_listed_and_it_is_not_loaded(admin, monkeypatch, tmp_path):
    import shutil

    folder = tmp_path / OUTFALLS
    shutil.copytree(pack.own_folder() / OUTFALLS, folder)
    text = (folder / "pack.yaml").read_text("utf-8")
    (folder / "pack.yaml").write_text(text.replace("type: outfall, value: rows()", "type: outfal, value: rows()", 1))
    monkeypatch.setattr(pack, "own_folder", lambda: tmp_path)
    address = reverse("registers:pack-load")
    page = admin.post(address, {"pack": OUTFALLS}).content.decode()
    assert "检查没有通过" in page and "outfal" in page and not Pack.objects.exists()


def test_the_digest_is_that_of_the_pack_that_was_read():
    folder = pack.own_folder() / OUTFALLS
    assert pack.digest_of(folder) == pack.read(folder).digest


def test_nobody_else_loads(office):
    assert office.post(reverse("registers:pack-load"), {"pack": OUTFALLS}).status_code == 403
    assert queries.registers(None).count() == 0
