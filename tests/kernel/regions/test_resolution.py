"""Wordings of units. Places are invented; the kinds of wording are those of real task lists."""

from datetime import date

import pytest

from ecocloud.base.errors import Conflict, Forbidden
from ecocloud.kernel.regions import services
from ecocloud.kernel.regions.facts import functions_file
from ecocloud.kernel.regions.matching import parts_of
from ecocloud.kernel.regions.models import Department, DepartmentAlias, UnitQuestion
from ecocloud.kernel.regions.resolution import Directory, resolve_unit
from ecocloud.kernel.regions.services import CONSOLE

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("青瓷市生态环境局", "ecology"),
        ("市生态环境局", "ecology"),
        ("生态环境局", "ecology"),
        ("市环保局", "ecology"),
        ("责任单位：市生态环境局", "ecology"),
        ("市生态环境局（牵头）", "ecology"),
        (" 市 生态环境局 ", "ecology"),
        ("市水务局", "water"),
        ("市生态文明办", "office"),
        ("东山区生态环境局", "east_ecology"),
        ("东山生态环境局", "east_ecology"),
        ("市生态环境局东山分局", "east_ecology"),
        ("东山区", "east_gov"),
        ("东山区政府", "east_gov"),
        ("西水县人民政府", "west_gov"),
        ("市政府", "government"),
        ("柳林镇", "town"),
        ("东山区柳林镇人民政府", "town"),
        ("石桥街道办", "street"),
        ("石桥街道办事处", "street"),
        ("竹溪乡", "village"),
    ],
)
def test_city_document(place, text, unit):
    match = resolve_unit(text, place.city)
    assert (match.status, match.department) == ("matched", getattr(place, unit)), match


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("区生态环境局", "east_ecology"),
        ("市生态环境局", "ecology"),
        ("区政府", "east_gov"),
        ("青瓷市水利局", "water"),
        ("柳林镇", "town"),
    ],
)
def test_county_document(place, text, unit):
    match = resolve_unit(text, place.east)
    assert (match.status, match.department) == ("matched", getattr(place, unit)), match


def test_the_prefix_of_a_county_in_a_city_document_means_every_county(place):
    Department.objects.create(name="西水县生态环境局", region=place.west, function="ecology")
    Department.objects.create(name="东山区林业局", region=place.east, function="forestry")
    match = resolve_unit("县（区）林业局", place.city)
    assert match.status != "matched"
    Department.objects.create(name="西水县林业局", region=place.west, function="forestry")
    match = resolve_unit("县林业局", place.city)
    assert match.status == "ambiguous"
    assert {c.department.region_id for c in match.candidates} == {"990102", "990123"}


@pytest.mark.parametrize(
    ("text", "names", "exact"),
    [
        ("各乡(镇)街道", ["石桥街道办事处", "柳林镇人民政府", "竹溪乡人民政府"], True),
        ("各乡镇（街道）", ["石桥街道办事处", "柳林镇人民政府", "竹溪乡人民政府"], True),
        ("各乡镇、街道", ["石桥街道办事处", "柳林镇人民政府", "竹溪乡人民政府"], True),
        ("各县（市、区）", ["东山区人民政府", "西水县人民政府"], True),
        ("各县(市、区)人民政府", ["东山区人民政府", "西水县人民政府"], True),
        ("各县区", ["东山区人民政府", "西水县人民政府"], True),
        (
            "市直有关单位",
            ["青瓷市生态文明建设领导小组办公室", "青瓷市生态环境局", "青瓷市水利局", "青瓷市环境监测站"],
            False,
        ),
        (
            "各有关部门",
            ["青瓷市生态文明建设领导小组办公室", "青瓷市生态环境局", "青瓷市水利局", "青瓷市环境监测站"],
            False,
        ),
        ("各县（市、区），市水利局", ["东山区人民政府", "西水县人民政府", "青瓷市水利局"], True),
    ],
)
def test_group_wordings(place, text, names, exact):
    match = resolve_unit(text, place.city)
    assert match.status == "group"
    assert [unit.name for unit in match.departments] == names
    assert match.exact is exact
    assert match.department is None


def test_slips_are_scored_and_doubt_goes_to_a_person(place):
    unit = Department.objects.create(name="青瓷市自然资源和规划局", region=place.city, function="natural-resources")
    slip = resolve_unit("市自然资源局规划局", place.city)
    assert (slip.status, slip.department) == ("matched", unit)
    assert 0.82 <= slip.score < 1
    swapped = Department.objects.create(name="青瓷市重点项目推进中心", region=place.city)
    turned = resolve_unit("市重点推进项目中心", place.city)
    assert (turned.status, turned.department, turned.reason) == ("matched", swapped, "字序不同")
    doubt = resolve_unit("市重推中心", place.city)
    assert doubt.status == "ambiguous"
    assert [c.department for c in doubt.candidates] == [swapped]
    for other in ("市教育局", "市审计局", "黑猫集团", "局", "", "。"):
        assert resolve_unit(other, place.city).status == "unknown", other


def test_no_generic_department_is_taken_for_another(place):
    """Every name and usual short name of the dictionary finds its own department, with all of them present."""
    facts = functions_file().functions
    made = {"ecology": place.ecology, "water": place.water, "eco-office": place.office}
    for fact in facts:
        if fact.code not in made:
            made[fact.code] = Department.objects.create(
                name=f"青瓷市{fact.name}", region=place.city, function=fact.code
            )
    directory = Directory(place.city)
    for fact in facts:
        for text in (f"市{fact.name}", f"市{fact.short}", f"青瓷市{fact.short}"):
            assert directory.resolve(text).department == made[fact.code], text


def test_absent_departments_are_never_guessed(place):
    """With a department left out, its name matches nothing instead of its neighbour."""
    facts = [fact for fact in functions_file().functions if fact.code not in ("ecology", "water", "eco-office")]
    for fact in facts:
        Department.objects.create(name=f"青瓷市{fact.name}", region=place.city, function=fact.code)
    for fact in facts:
        unit = Department.objects.get(name=f"青瓷市{fact.name}", function=fact.code)
        unit_pk = unit.pk
        Department.objects.filter(pk=unit_pk).update(region=place.w1)
        match = resolve_unit(f"市{fact.short}", place.city)
        assert match.status != "matched", (fact.short, match.department)
        Department.objects.filter(pk=unit_pk).update(region=place.city)


def test_renames_and_mergers_follow_the_date(place):
    old = Department.objects.create(name="青瓷市工商行政管理局", region=place.city)
    new = Department.objects.create(name="青瓷市市场监督管理局", region=place.city)
    services.merge_department(CONSOLE, old, new, on=date(2019, 1, 18))
    before = resolve_unit("市工商行政管理局", place.city, date(2019, 1, 17))
    assert before.department == old
    after = resolve_unit("市工商行政管理局", place.city, date(2019, 1, 18))
    assert after.department == new
    assert "并入" in after.reason
    services.rename_department(CONSOLE, place.water, "青瓷市河湖局", on=date(2021, 6, 1))
    for on in (date(2021, 5, 31), date(2021, 6, 1)):
        assert resolve_unit("市水利局", place.city, on).department == place.water
        assert resolve_unit("市河湖局", place.city, on).department == place.water


def test_a_split_is_a_question(place):
    parts = [Department.objects.create(name=name, region=place.city) for name in ("青瓷市教育局", "青瓷市体育局")]
    both = Department.objects.create(name="青瓷市文教体局", region=place.city)
    services.split_department(CONSOLE, both, parts, on=date(2020, 1, 1))
    match = resolve_unit("市文教体局", place.city)
    assert match.status == "ambiguous"
    assert {c.department for c in match.candidates} == set(parts)


def test_an_answer_is_remembered(place, make_user):
    office = make_user("office", department=place.office)
    match = resolve_unit("市碧水办", place.city)
    assert match.status == "unknown"
    question = services.ask_unit(office, match, place.city, source="doc:1#5-9")
    again = services.ask_unit(office, match, place.city)
    assert (again.pk, again.count) == (question.pk, 2)
    with pytest.raises(Forbidden):
        services.settle_unit(make_user("department", department=place.water), question, [place.water])
    services.settle_unit(office, question, [place.water])
    assert resolve_unit("市碧水办", place.city).department == place.water
    assert DepartmentAlias.objects.get(text="市碧水办").source == "person"
    with pytest.raises(Conflict):
        services.settle_unit(office, question, [place.ecology])


def test_an_answer_with_several_units_becomes_a_group(place, make_user):
    office = make_user("office", department=place.office)
    question = services.ask_unit(office, resolve_unit("河湖专班成员", place.city), place.city)
    services.settle_unit(office, question, [place.water, place.ecology])
    match = resolve_unit("河湖专班成员", place.city)
    assert match.status == "group"
    assert set(match.departments) == {place.water, place.ecology}


def test_a_dismissed_wording_is_not_asked_again(place, make_user):
    office = make_user("office", department=place.office)
    match = resolve_unit("全体市民", place.city)
    services.dismiss_unit(office, services.ask_unit(office, match, place.city))
    assert services.ask_unit(office, match, place.city).state == "dismissed"
    assert UnitQuestion.objects.count() == 1


def test_candidates_are_kept_with_the_question(place, make_user):
    Department.objects.create(name="青瓷市重点项目推进中心", region=place.city)
    question = services.ask_unit(CONSOLE, resolve_unit("市重推中心", place.city), place.city)
    assert [line["name"] for line in question.candidates] == ["青瓷市重点项目推进中心"]


def test_cutting_joined_units_keeps_brackets_whole():
    assert parts_of("各县（市、区）、市直部门；某局") == ["各县（市、区）", "市直部门", "某局"]
    assert parts_of("某局") == ["某局"]


def test_a_directory_asks_the_database_once(place, django_assert_num_queries):
    with django_assert_num_queries(5):
        directory = Directory(place.city)
        for text in ("市生态环境局", "各乡镇（街道）", "市水力局", "东山区"):
            directory.resolve(text)
