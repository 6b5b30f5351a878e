"""Writing: who may, what is kept, what is refused, and that the journal has every step."""

from decimal import Decimal as D

import pytest
from django.db import IntegrityError, transaction

from ecocloud.base.errors import Forbidden
from ecocloud.kernel.evidence import catalogue, queries, services
from ecocloud.kernel.evidence.errors import EvidenceError, Locked, Stale, WrongState
from ecocloud.kernel.evidence.models import Indicator, Observation, Target
from ecocloud.kernel.journal.queries import entries_for
from ecocloud.kernel.journal.refs import RefError

pytestmark = pytest.mark.django_db


def test_the_catalogue_is_loaded_once_and_loading_again_changes_nothing(db):
    whole = len(catalogue.load().entries)
    assert services.load_catalogue() == {"new": whole, "changed": 0, "same": 0}
    assert services.load_catalogue() == {"new": 0, "changed": 0, "same": whole}
    Indicator.objects.filter(code="FOR.COVER").update(zh="森林覆盖面")
    assert services.load_catalogue()["changed"] == 1
    assert Indicator.objects.get(code="FOR.COVER").zh == "森林覆盖率"


def test_the_way_of_a_value(place, ind):
    row = services.record_observation(
        place.ecology, ind("AIR.PM25.MEAN"), place.city, "2026-08", "24.5", source="doc:3#10-20"
    )
    assert (row.status, row.department, row.start.isoformat()) == ("draft", place.units["ecology"], "2026-08-01")
    again = services.record_observation(place.ecology, ind("AIR.PM25.MEAN"), place.city, "2026-08", 25, source="doc:3")
    assert again.pk == row.pk and Observation.objects.count() == 1  # the draft was changed, not doubled
    services.submit(place.ecology, again)
    with pytest.raises(WrongState):
        services.record_observation(place.ecology, ind("AIR.PM25.MEAN"), place.city, "2026-08", 26, source="doc:3")
    with pytest.raises(Forbidden):
        services.confirm(place.ecology, again)
    back = services.send_back(place.office, again, reason="与月报不一致")
    assert back.status == "returned"
    services.submit(place.ecology, back)
    done = services.confirm(place.office, back, opinion="已核月报")
    assert (done.status, done.confirmed_by) == ("confirmed", place.office)
    assert [entry.action.rsplit(".", 1)[1] for entry in entries_for(f"obs:{row.pk}")] == [
        "confirmed", "submitted", "returned", "submitted", "record", "record"]  # fmt: skip
    assert entries_for(f"obs:{row.pk}")[2].note == "与月报不一致"


def test_nobody_confirms_his_own_value(place, ind):
    row = services.record_observation(
        place.office, ind("FOR.COVER"), place.city, "2026", "67.7", source="doc:1", submitted=True
    )
    with pytest.raises(EvidenceError, match="reviewer entered"):
        services.confirm(place.office, row)
    assert services.confirm(place.office2, row).status == "confirmed"


def test_data_scope_decides_who_writes_where(place, ind):
    with pytest.raises(Forbidden):  # another county, nobody's department
        services.record_observation(
            place.clerk, ind("FOR.COVER"), place.west, "2026", 60, source="doc:1", department=place.units["forestry"]
        )
    with pytest.raises(Forbidden):  # another county under the name of the own department
        services.record_observation(place.clerk, ind("FOR.COVER"), place.west, "2026", 60, source="doc:1")
    with pytest.raises(Forbidden):
        services.record_observation(place.reader, ind("FOR.COVER"), place.city, "2026", 60, source="doc:1")
    with pytest.raises(Forbidden):  # confirming at once needs the review permission
        services.record_observation(
            place.clerk, ind("FOR.COVER"), place.east, "2026", 60, source="doc:1", confirmed=True
        )
    assert services.record_observation(place.clerk, ind("FOR.COVER"), place.east, "2026", 60, source="doc:1").pk


def test_a_value_without_source_or_content_is_refused(place, ind):
    record = services.record_observation
    with pytest.raises(EvidenceError, match="without a source"):
        record(place.office, ind("FOR.COVER"), place.city, "2026", 60, source=" ")
    with pytest.raises(RefError):
        record(place.office, ind("FOR.COVER"), place.city, "2026", 60, source="上级文件")
    with pytest.raises(EvidenceError, match="neither"):
        record(place.office, ind("FOR.COVER"), place.city, "2026", "", source="doc:1")
    with pytest.raises(EvidenceError, match="not a number"):
        record(place.office, ind("FOR.COVER"), place.city, "2026", "六成", source="doc:1")
    with pytest.raises(EvidenceError, match="above 100"):
        record(place.office, ind("FOR.COVER"), place.city, "2026", "100.1", source="doc:1")
    with pytest.raises(EvidenceError, match="negative"):
        record(place.office, ind("FOR.PLANT.NEW"), place.city, "2026-03", "-1", source="doc:1")
    assert record(place.office, ind("FOR.COVER"), place.city, "2026", "100", source="doc:1").value == 100
    words = record(place.office, ind("AIR.GRADE"), place.city, "2026", source="doc:1", value_text="稳定达到二级标准")
    assert words.value is None
    for fields in ({"source": ""}, {"value": None, "value_text": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Observation.objects.filter(pk=words.pk).update(**fields)


def test_units_are_converted_and_the_printed_form_is_kept(place, ind):
    # 300 公顷 = 4500 亩 = 0.45 万亩
    row = services.record_observation(
        place.office, ind("FOR.PLANT.NEW"), place.city, "2026-03", 300, unit="公顷", source="doc:1"
    )
    assert (row.value, row.unit, row.value_text) == (D("0.45"), "万亩", "300 公顷")
    with pytest.raises(EvidenceError, match="is not"):
        services.record_observation(place.office, ind("FOR.COVER"), place.city, "2026", 3, unit="万亩", source="doc:1")
    yoy = services.record_observation(
        place.office, ind("TOU.INCOME"), place.city, "2026", "18.43", unit="%", qualifier="change_yoy", source="doc:1"
    )
    assert (yoy.value, yoy.unit) == (D("18.43"), "%")


def test_a_correction_is_a_new_version_and_the_old_one_counts_until_it_is_confirmed(place, put):
    old = put("FOR.COVER", "2026", "67.7")
    with pytest.raises(WrongState):
        services.record_observation(place.office, old.indicator, place.city, "2026", 68, source="doc:2")
    with pytest.raises(EvidenceError, match="without a reason"):
        services.correct(place.office, old, value=68, reason=" ")
    new = services.correct(place.office, old, value="67.2", reason="森林资源年度更新", source="doc:2#5-9")
    assert (new.version, new.replaces_id, new.status) == (2, old.pk, "submitted")
    standing = queries.standing(place.office).get()
    assert standing.pk == old.pk and standing.value == D("67.7")
    with pytest.raises(WrongState):  # one correction at a time
        services.correct(place.office, old, value=66, reason="又一次")
    services.confirm(place.office2, new)
    old.refresh_from_db()
    assert old.status == "superseded" and old.value == D("67.7")
    assert queries.standing(place.office).get().value == D("67.2")
    assert entries_for(f"obs:{old.pk}")[0].action == "evidence.observation.superseded"


def test_a_returned_correction_leaves_the_old_value(place, put):
    old = put("FOR.COVER", "2026", "67.7")
    new = services.correct(place.office, old, value="67.2", reason="更新")
    services.send_back(place.office2, new, reason="缺依据")
    assert queries.standing(place.office).get().pk == old.pk


def test_two_standing_values_of_one_key_are_impossible_in_the_database(place, put):
    row = put("FOR.COVER", "2026", "67.7")
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_stale_pages_are_refused(place, ind):
    row = services.record_observation(place.office, ind("FOR.COVER"), place.city, "2026", 60, source="doc:1")
    services.record_observation(place.office, ind("FOR.COVER"), place.city, "2026", 61, source="doc:1")
    with pytest.raises(Stale):
        services.submit(place.office, row, revision=row.revision)


def test_lock_covers_region_year_and_group_until_unlocked_with_a_reason(place, ind, put):
    confirmed = put("FOR.COVER", "2026", "67.7", region=place.east)
    open_row = services.record_observation(place.office, ind("FOR.COVER"), place.west, "2026", 60, source="doc:1")
    with pytest.raises(WrongState, match="open"):
        services.lock(place.office, place.city, 2026, "FOR")
    services.submit(place.office, open_row)
    services.confirm(place.office2, open_row)
    held = services.lock(place.office, place.city, 2026, "FOR")
    confirmed.refresh_from_db()
    assert confirmed.status == "locked"
    for act in (
        lambda: services.correct(place.office, confirmed, value=66, reason="x"),
        lambda: services.record_observation(place.office, ind("FOR.STOCK"), place.east, "2026", 1, source="doc:1"),
        lambda: services.set_target(place.office, ind("FOR.COVER"), place.east, "2026", ">=", 60, document="doc:1"),
    ):
        with pytest.raises(Locked):
            act()
    put("FOR.COVER", "2025", "67.7", region=place.east)  # another year
    put("AIR.PM25.MEAN", "2026-01", 30, region=place.east)  # another group
    assert queries.standing(place.office).filter(pk=confirmed.pk).exists()  # locked values count
    with pytest.raises(Forbidden):
        services.unlock(place.office, held, reason="更正")
    with pytest.raises(EvidenceError):
        services.unlock(place.leader, held, reason="")
    services.unlock(place.leader, held, reason="审计要求更正")
    confirmed.refresh_from_db()
    assert confirmed.status == "confirmed"
    services.correct(place.office, confirmed, value=66, reason="审计要求更正")


def test_targets_versions_and_refusals(place, ind):
    with pytest.raises(Forbidden):
        services.set_target(place.forestry, ind("FOR.COVER"), place.city, "2026", ">=", "67.7", document="doc:1")
    with pytest.raises(EvidenceError, match="without a source"):
        services.set_target(place.office, ind("FOR.COVER"), place.city, "2026", ">=", "67.7", document="")
    goal = services.set_target(place.office, ind("FOR.COVER"), place.city, "2026", ">=", "67.7", document="doc:1#5-9")
    with pytest.raises(WrongState):
        services.set_target(place.office, ind("FOR.COVER"), place.city, "2026", ">=", 68, document="doc:1#5-9")
    new = services.revise_target(place.office, goal, value="67.9", reason="省里调整")
    goal.refresh_from_db()
    assert (goal.status, new.version, new.value, new.document) == ("revised", 2, D("67.9"), "doc:1#5-9")
    with pytest.raises(WrongState):
        services.revise_target(place.office, goal, value=70, reason="旧版")
    services.withdraw_target(place.office, new, reason="重复")
    assert not Target.objects.filter(status="active").exists()


def test_a_change_takes_its_baseline_from_the_confirmed_value(place, ind, put):
    put("AIR.PM25.MEAN", "2025", 30)
    goal = services.set_target(
        place.office, ind("AIR.PM25.MEAN"), place.city, "2026", "change", "-5", unit="%", baseline_period="2025",
        document="doc:1",
    )  # fmt: skip
    assert goal.baseline_value == 30
    put("AIR.PM25.MEAN", "2026", "28.5")  # 30 x 0.95 = 28.5: met exactly
    row = queries.attainment_list(place.office, place.city, 2026)[0]
    assert row.reading.found.verdict == "met"


def test_unknown_indicators_are_proposed_then_accepted(place):
    row = services.propose_indicator(place.ecology, "生态护岸长度", "公里", source="doc:9#1-8", direction="up")
    assert (row.code, row.status, row.own) == ("OWN.0001", "proposed", True)
    assert queries.link("生态护岸长度", "公里").code == "OWN.0001"
    for taken in ("生态护岸长度", "森林覆盖率", "空气优良率"):
        with pytest.raises(EvidenceError, match="taken"):
            services.propose_indicator(place.ecology, taken, "", source="doc:9")
    with pytest.raises(EvidenceError):
        services.propose_indicator(place.ecology, "某新指标", "不是单位", source="doc:9")
    with pytest.raises(Forbidden):
        services.accept_indicator(place.ecology, row)
    assert services.accept_indicator(place.office, row, aggregation="sum").status == "active"
    with pytest.raises(WrongState):
        services.accept_indicator(place.office, row)
