"""Writing objects: journal, versions, slots, roll-up, uniqueness, guards, years, divisions; on the wells of an invented
city. Expected counts and sums are added up by hand."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from ecocloud.base.errors import Forbidden
from ecocloud.base.geo import GeoError
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.journal.refs import resolve, resolve_many
from ecocloud.kernel.regions.services import CONSOLE
from ecocloud.kernel.registers import queries, services, start
from ecocloud.kernel.registers.errors import (
    Duplicate,
    MigrationNeeded,
    NoSuchThing,
    Stale,
    StepRefused,
    ValuesRefused,
    YearLocked,
)  # fmt: skip
from ecocloud.kernel.registers.models import Attachment, ObjectCount, ObjectVersion, RegisterObject
from ecocloud.kernel.registers.reading import read_type
from ecocloud.kernel.registers.register import as_written, open_register
from ecocloud.kernel.registers.services import counts


def exact(register):
    """Roll-up and slots equal the objects and bodies."""
    assert counts.differences() == {}
    assert queries.slot_differences(register) == {}


def test_creating_gives_code_slots_version_count_and_journal(place, wells, dig):
    row = dig("东井", depth="35.50", use="饮用", households=12, dug_on="2020-05-01", geometry=[115.1, 27.1])
    row.refresh_from_db()
    assert row.code == "SYJ99010200001"
    assert (row.n1, row.t2, row.year, row.state) == (Decimal("35.5"), "drinking", 2020, "found")
    assert row.body == {"owner": "东井", "depth": "35.5", "use": "drinking", "households": "12", "dug_on": "2020-05-01"}
    assert (row.west, row.north) == (115.1, 27.1)
    version = ObjectVersion.objects.get(object=row)
    assert (version.number, version.valid_to, version.body, version.by) == (1, None, row.body, place.office)
    entry = Entry.objects.get(action="registers.object.create")
    assert (entry.ref_kind, entry.ref_key, entry.actor_name) == ("obj", str(row.pk), "office")
    assert '"depth":"35.5"' in entry.after.replace(" ", "")
    count = ObjectCount.objects.get(count__gt=0)
    assert (count.region_id, count.year_key, count.state, count.n1) == ("990102", 2020, "found", Decimal("35.5"))
    assert dig("东井二").code == "SYJ99010200002"
    assert dig("西井", region=place.west).code == "SYJ99010300001"
    exact(wells)


def test_every_fault_comes_at_once_and_nothing_is_written(place, wells, dig):
    with pytest.raises(ValuesRefused) as caught:
        dig("坏井", depth="深", use="洗车", colour="红")
    assert [fault.field for fault in caught.value.faults] == ["depth", "use", "colour"]
    with pytest.raises(ValuesRefused) as caught:
        dig("坏井", use="drinking", keeper="d-none", twin="obj:999999")
    assert [fault.field for fault in caught.value.faults] == ["households", "keeper", "twin"]
    for wrong in ({"geometry": [200, 1]}, {"geometry": "LINESTRING (1 1, 2 2)"}):
        with pytest.raises(GeoError):
            dig("坏井", **wrong)
    for wrong in ({"code": "a b"}, {"on": timezone.localdate() + timedelta(days=1)}):
        with pytest.raises(ValuesRefused):
            dig("坏井", **wrong)
    with pytest.raises(ValuesRefused):
        dig("   ", owner="x")
    assert not RegisterObject.objects.exists()
    assert not Entry.objects.filter(action__startswith="registers.object").exists()


def test_editing_keeps_history(place, wells, dig):
    row = dig("东井", depth=10, on=date(2024, 3, 1))
    services.edit(place.office, wells, row.pk, given={"depth": 20, "remark": "加深"}, on=date(2025, 3, 1), version=1)
    services.edit(place.office, wells, row.pk, given={"remark": ""}, name="东井（深）", on=date(2026, 1, 1))
    history = ObjectVersion.objects.filter(object=row).order_by("number")
    assert [(one.valid_from, one.valid_to) for one in history] == [
        (date(2024, 3, 1), date(2025, 3, 1)), (date(2025, 3, 1), date(2026, 1, 1)), (date(2026, 1, 1), None)
    ]  # fmt: skip
    for day, expected in ((date(2024, 2, 28), []), (date(2024, 3, 1), ["10"]), (date(2025, 3, 1), ["20"]),
                          (date(2026, 5, 1), ["20"])):  # fmt: skip
        assert [one.body["depth"] for one in queries.as_of(place.office, wells, day)] == expected
    changes = list(queries.compare(place.office, wells, date(2024, 12, 31), date(2026, 1, 1)))
    assert [(one.kind, one.name, one.fields) for one in changes] == [
        ("changed", "东井（深）", {"depth": (Decimal(10), Decimal(20)), "name": ("东井", "东井（深）")})
    ]
    with pytest.raises(Stale):
        services.edit(place.office, wells, row.pk, given={"depth": 5}, version=1)
    with pytest.raises(ValuesRefused, match="day out of range"):
        services.edit(place.office, wells, row.pk, given={"depth": 5}, on=date(2025, 6, 1))
    entries = Entry.objects.count()
    assert services.edit(place.office, wells, row.pk, given={"depth": "20.00"}).version == 3  # nothing changed
    assert Entry.objects.count() == entries
    exact(wells)


def test_reach_and_rights(place, wells, dig):
    mine = dig("东井", user=place.clerk, department=place.units["east"])
    for attempt in (
        lambda: dig("西井", user=place.clerk, region=place.west, department=place.units["west"]),
        lambda: dig("井", user=place.reader),
        lambda: services.edit(place.other, wells, mine.pk, given={"depth": 3}),
        lambda: services.edit(place.clerk, wells, mine.pk, region=place.west),
        lambda: services.edit(place.clerk, wells, mine.pk, department=place.units["west"]),
        lambda: services.transition(place.other, wells, mine.pk, "start"),
        lambda: services.lock_year(place.clerk, wells, place.east, 2020),
        lambda: services.move(place.clerk, wells, place.east, place.west, note="文"),
    ):
        with pytest.raises(Forbidden):
            attempt()
    with pytest.raises(NoSuchThing):
        services.edit(place.office, wells, 10**9, given={})
    assert list(queries.objects(place.clerk, wells)) == [mine]
    assert list(queries.objects(place.other, wells)) == []
    assert queries.statistics(place.other, wells) == []
    assert [one.count for one in queries.statistics(place.clerk, wells)] == [1]
    assert not resolve(f"obj:{mine.pk}", place.other).allowed
    found = resolve_many([f"obj:{mine.pk}", "obj:999"], place.clerk)
    assert found[f"obj:{mine.pk}"].excerpt == "东县（已登记）"
    assert not found["obj:999"].allowed


def test_uniqueness_is_kept_by_the_database(place, wells, dig):
    first = dig("东井", owner="甲", dug_on="2020-01-01")
    with pytest.raises(Duplicate) as caught:
        dig("又一井", owner="甲", dug_on="2020-01-01")
    assert first.code in caught.value.message_zh and "权属人、成井日期" in caught.value.message_zh
    with pytest.raises(Duplicate, match="code taken"):
        dig("又一井", owner="乙", code=first.code)
    dig("无日期井", owner="甲")
    dig("无日期井二", owner="甲")  # a key with a missing value compares nothing
    services.retire(place.office, wells, first.pk, reason="填埋")
    dig("重打的井", owner="甲", dug_on="2020-01-01")
    exact(wells)


def test_steps_need_their_guard_and_say_why(place, wells, dig, photo):
    row = dig("东井")
    services.transition(place.office, wells, row.pk, "start")
    with pytest.raises(StepRefused) as caught:
        services.transition(place.office, wells, row.pk, "seal", opinion="封")
    assert caught.value.reason == "guard"
    assert "封填检查合格" in caught.value.message_zh
    assert [line.split(" ", 1)[1] for line in caught.value.story] == ["登记（已登记）", "启用（使用中）"]
    services.inspect(place.office, wells, row.pk, "sealing", results={"filled": False})
    services.attach(place.office, wells, "photo", [(row.pk, photo())])
    with pytest.raises(StepRefused):
        services.transition(place.office, wells, row.pk, "seal", opinion="封")
    services.inspect(place.office, wells, row.pk, "sealing", results={"filled": True, "level": "3.5"})
    with pytest.raises(StepRefused, match="needs an opinion"):
        services.transition(place.office, wells, row.pk, "seal")
    assert services.transition(place.office, wells, row.pk, "seal", opinion="验收合格").state == "sealed"
    with pytest.raises(StepRefused) as caught:
        services.transition(place.office, wells, row.pk, "start")
    assert caught.value.reason == "state"
    entry = Entry.objects.filter(action="registers.object.step").latest("id")
    assert (entry.note, '"sealed"' in entry.after) == ("验收合格", True)
    assert [(one.key, one.count) for one in queries.statistics(place.office, wells)] == [(("sealed",), 1)]
    exact(wells)


def test_inspections_name_what_is_wrong(place, wells, dig):
    row = dig("东井")
    with pytest.raises(NoSuchThing, match="no inspection"):
        services.inspect(place.office, wells, row.pk, "visit", results={})
    with pytest.raises(ValuesRefused) as caught:
        services.inspect(place.office, wells, row.pk, "sealing", results={"level": "深", "x": 1})
    assert {fault.field for fault in caught.value.faults} == {"filled", "level", "x"}
    services.inspect(place.office, wells, row.pk, "sealing", results={"filled": True})


def test_files_in_bulk(place, wells, dig, photo):
    first, second = dig("甲井"), dig("乙井")
    received = photo()
    made = services.attach(place.office, wells, "photo", [(first.pk, received), (second.pk, received)])
    assert len(made) == 2
    with pytest.raises(NoSuchThing, match="no file field"):
        services.attach(place.office, wells, "owner", [(first.pk, received)])
    with pytest.raises(ValuesRefused):
        services.detach(place.office, wells, made[0], reason=" ")
    services.detach(place.office, wells, made[0], reason="传错")
    assert Attachment.objects.filter(removed_at__isnull=True).count() == 1
    assert Attachment.objects.count() == 2


def test_bulk_edit_keeps_good_rows(place, wells, dig):
    good, bad = dig("甲井", depth=1), dig("乙井", dug_on="2020-01-01")
    result = services.bulk_edit(place.office, wells, [good.pk, bad.pk], {"permit_until": "2019-01-01", "cost": 2})
    assert (result.done, list(result.refused)) == ([good.pk], [bad.pk])
    assert "成井日期" in result.refused[bad.pk].message_zh
    with pytest.raises(ValuesRefused):
        services.bulk_edit(place.office, wells, [good.pk, bad.pk], {"permit_until": "2018-01-01"}, all_or_nothing=True)
    assert RegisterObject.objects.get(pk=good.pk).body["permit_until"] == "2019-01-01"
    assert Entry.objects.filter(action="registers.object.edit").count() == 1
    exact(wells)


def test_statistics_come_from_the_roll_up(place, wells, dig):
    dig("一", depth=10, cost="1.5", dug_on="2020-01-01")
    dig("二", depth=20, dug_on="2020-06-01", region=place.town)
    three = dig("三", depth=5, cost=2, dug_on="2021-01-01", region=place.west, department=place.units["west"])
    services.transition(place.office, wells, three.pk, "start")

    def lines(*by, **more):
        return {one.key: (one.count, one.sums) for one in queries.statistics(place.office, wells, by, **more)}

    def sums(depth, cost):
        return {"depth": Decimal(depth), "cost": Decimal(cost)}

    assert lines("county") == {("990102",): (2, sums(30, "1.5")), ("990103",): (1, sums(5, 2))}
    assert lines("state", "year") == {("found", 2020): (2, sums(30, "1.5")), ("in_use", 2021): (1, sums(5, 2))}
    assert lines("township", region=place.east) == {("990102",): (1, sums(10, "1.5")), ("990102101",): (1, sums(20, 0))}
    assert lines(year=2021) == {(): (1, sums(5, 2))}
    assert [one.share for one in queries.statistics(place.office, wells, ("city",))] == [Decimal(100)]
    services.retire(place.office, wells, three.pk, reason="填埋")
    assert lines("county") == {("990102",): (2, sums(30, "1.5"))}
    assert ("990103",) in lines("county", retired=True)
    with pytest.raises(queries.FilterRefused):
        queries.statistics(place.office, wells, ("owner",))
    exact(wells)


def test_filters_use_slots(place, wells, dig, django_assert_num_queries):
    dig("一", depth=10, use="farming", dug_on="2020-01-01", metered="是", geometry=[115, 27])
    dig("二", depth=20, use="drinking", households=3, dug_on="2021-01-01", region=place.town)
    dig("三", owner="张三", geometry=[116, 28])

    def names(order="code", **wanted):
        rows = queries.filtered(queries.objects(place.office, wells), wells, wanted, order=order)
        return [row.name for row in rows]

    assert names(depth={"from": 15}) == ["二"]
    assert names(depth={"from": "5", "to": "10"}) == ["一"]
    assert names(use="灌溉") == ["一"]
    assert names(use=["drinking", "farming"]) == ["一", "二"]
    assert names(metered=True) == ["一"]
    assert names(dug_on={"to": "2020-12-31"}) == ["一"]
    assert names(region="990102101") == ["二"]
    assert names(name="三", state="found") == ["三"]
    assert names(box=(114, 26, 115.5, 27.5)) == ["一"]
    assert names(order="-depth") == ["二", "一", "三"]
    assert names(owner="张三", code="SYJ") == ["三"]
    for wrong in ({"remark": "x"}, {"depth": "深"}, {"use": "洗车"}):
        with pytest.raises(queries.FilterRefused):
            names(**wrong)
    with django_assert_num_queries(1):
        list(queries.filtered(RegisterObject.objects.filter(type=wells.pk), wells, {"depth": {"from": 1}}))


def test_a_closed_year_stays_as_it_was(place, wells, dig):
    old = dig("老井", depth=9, dug_on="2020-01-01", on=date(2024, 5, 1))
    held = services.lock_year(place.office, wells, place.city, 2024, note="年度清查")
    assert (held.rows, services.altered(held, wells)) == (1, False)
    for attempt in (
        lambda: dig("补登", on=date(2024, 6, 1)),
        lambda: dig("补登", dug_on="2024-02-01"),
        lambda: services.edit(place.office, wells, old.pk, given={"depth": 8}, on=date(2024, 7, 1)),
        lambda: services.edit(place.office, wells, old.pk, given={"dug_on": "2024-02-02"}),
        lambda: services.inspect(place.office, wells, old.pk, "sealing", results={"filled": True}, on=date(2024, 8, 1)),
        lambda: services.lock_year(place.office, wells, place.city, 2024),
    ):
        with pytest.raises(YearLocked):
            attempt()
    services.edit(place.office, wells, old.pk, given={"depth": 8}, on=date(2025, 1, 1))
    assert not services.altered(held, wells)
    with pytest.raises(ValuesRefused):
        services.lock_year(place.office, wells, place.city, timezone.localdate().year)
    with pytest.raises(Forbidden):
        services.unlock_year(place.office, held, reason="更正")
    with pytest.raises(ValuesRefused):
        services.unlock_year(place.leader, held, reason="")
    services.unlock_year(place.leader, held, reason="审计更正")
    dig("补登", on=date(2024, 6, 1))
    assert services.altered(held, wells)


def test_objects_follow_a_merger_and_a_split(place, wells, dig):
    a = dig("甲", region=place.town, department=place.units["east"], depth=3)
    b = dig("乙", region=place.town, depth=4)
    moved = services.move(place.office, wells, place.town, place.west, note="试府字〔2026〕1号",
                          departments={place.units["east"].pk: place.units["west"]})  # fmt: skip
    assert sorted(moved) == sorted([a.pk, b.pk])
    a.refresh_from_db()
    assert (a.region_id, a.department, a.code) == ("990103", place.units["west"], "SYJ99010200001")
    split = services.move(place.office, wells, place.west, {b.pk: place.town}, note="试府字〔2026〕2号")
    assert split == [b.pk]
    with pytest.raises(ValuesRefused):
        services.move(place.office, wells, place.west, place.east, note=" ")
    assert [one.key for one in queries.statistics(place.office, wells, ("county",))] == [("990102",), ("990103",)]
    assert ObjectVersion.objects.filter(object=b).count() == 3
    exact(wells)


def test_areas_are_measured_and_a_changed_outline_is_a_change(place, well_text):
    """Two outlines with the same box differ; the area of one is twice that of the other (a square and its half)."""
    text = well_text.replace("code: well\n", "code: pond\n").replace("target: well", "target: pond")
    text = text.replace("geometry: {kind: point}", "geometry: {kind: patch, required: true}")
    text = text.replace(
        "geometry: {type: Point, coordinates: [115.1, 27.1]}",
        "geometry: {type: Polygon, coordinates: [[[115, 27], [115.1, 27], [115.1, 27.1], [115, 27]]]}",
    )
    text = text.replace("  - name: 西村机井\n", "  - name: 西村机井\n    geometry: {type: Polygon, coordinates: "
                        "[[[115, 27], [115.1, 27], [115.1, 27.1], [115, 27]]]}\n")  # fmt: skip
    ponds = services.define(CONSOLE, read_type(text, "pond.yaml"))
    square = "POLYGON ((115 27, 115.01 27, 115.01 27.01, 115 27.01, 115 27))"
    half = "POLYGON ((115 27, 115.01 27, 115.01 27.01, 115 27))"
    with pytest.raises(GeoError):
        services.create(place.office, ponds, name="塘", region=place.east, given={"owner": "甲"})
    row = services.create(place.office, ponds, name="塘", region=place.east, given={"owner": "甲"}, geometry=square)
    changed = services.edit(place.office, ponds, row.pk, geometry=half)
    assert changed.version == 2
    assert services.edit(place.office, ponds, row.pk, geometry=half).version == 2


def test_a_new_version_of_the_type_reads_old_objects(place, wells, dig, well_text):
    row = dig("东井", depth=10, cost=3, remark="旧", use="farming", on=date(2025, 1, 1))
    text = (
        well_text.replace("code: remark,", "code: note, was: remark,")
        .replace("kind: choice, dictionary: uses, section: use, index: true", "kind: multichoice, dictionary: uses, "
                 "section: use").replace('visible_when: use = "drinking"', '''visible_when: '"drinking" in use\'''')
        .replace("decimals: 0, section: base}", "decimals: 0, section: base, index: true}")
    )  # fmt: skip
    newer = services.define(CONSOLE, read_type(text, "well.yaml"))
    assert newer.version == 2
    row.refresh_from_db()
    assert newer.values(row)["note"] == "旧"
    assert newer.values(row)["use"] == ("farming",)
    assert row.t2 is None and row.n1 == 10
    exact(newer)
    services.edit(place.office, newer, row.pk, given={"note": "新", "diameter": 300})
    old, new = ObjectVersion.objects.filter(object=row).select_related("type").order_by("number")
    definition, typed = as_written(old)
    assert typed["remark"] == "旧" and "remark" in definition.by_code
    assert as_written(new)[1]["note"] == "新"
    exact(newer)
    assert services.define(CONSOLE, read_type(text, "well.yaml")).version == 2
    with pytest.raises(MigrationNeeded) as caught:
        services.define(CONSOLE, read_type(text.replace("unit: 毫米", "unit: 厘米"), "well.yaml"))
    assert "单位由“毫米”改为“厘米”" in caught.value.conflicts[0]
    assert open_register("well").version == 2
    with pytest.raises(NoSuchThing):
        open_register("nothing")


def test_slots_and_counts_can_be_rebuilt(place, wells, dig):
    row = dig("东井", depth=10)
    RegisterObject.objects.filter(pk=row.pk).update(n1=7, t1="x")
    ObjectCount.objects.update(n1=1, count=9)
    assert queries.slot_differences(wells) and counts.differences()
    assert services.rebuild_slots(CONSOLE, wells) == 1
    counts.rebuild(CONSOLE.actor())
    exact(wells)
    assert start.check_counts() == []


def test_a_sum_that_no_column_can_hold_is_refused(place, wells, dig):
    for number in range(9):
        dig(f"井{number}", cost=10**12)
    with pytest.raises(ValuesRefused, match="sum out of range"):
        dig("再一井", cost=10**12)
    assert RegisterObject.objects.count() == 9
    exact(wells)


def test_search_documents_are_for_those_who_see_the_object(place, wells, dig):
    owned = dig("甲", department=place.units["east"])
    free = dig("乙", region=place.town, remark="石桥旁")
    docs = {doc.ref: doc for doc in start._documents()}
    assert docs[f"obj:{owned.pk}"].scopes == (f"d{place.units['east'].pk}",)
    expected = {f"d{place.units[name].pk}" for name in ("office", "ecology", "east")}
    assert set(docs[f"obj:{free.pk}"].scopes) == expected
    assert "石桥旁" in docs[f"obj:{free.pk}"].body
    services.retire(place.office, wells, free.pk, reason="填埋")
    assert start._document(f"obj:{free.pk}") is None
