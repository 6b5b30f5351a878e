"""Relief (减负): the list of burdens, and what the product never does, as tests J1 to J7."""

import re
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from django.apps import apps
from pydantic import ValidationError

import ecocloud
from ecocloud.base.errors import Forbidden
from ecocloud.domains.burden import services
from ecocloud.domains.burden.facts import forms
from ecocloud.domains.chiefs import owing
from ecocloud.domains.chiefs.errors import ChiefRefused
from ecocloud.domains.chiefs.facts import LevelRule, Minimums, ProblemFact, variants, words
from ecocloud.domains.chiefs.services import patrols
from ecocloud.intake.monitoring.alarms import document
from ecocloud.kernel.duties.kinds import CategoryData, all_kinds
from ecocloud.kernel.evidence.catalogue import Entry
from ecocloud.kernel.regions import services as regions
from ecocloud.kernel.regions import unmeasured
from ecocloud.kernel.regions.models import Department, Region, Role, RoleGrant, RolePermission, User
from ecocloud.kernel.registers.errors import ExpressionError
from ecocloud.kernel.registers.expressions import Scope, compile_aggregate, compile_row, number
from ecocloud.web.access import access_table

PACKAGE = Path(ecocloud.__file__).parent


# --- J1: no punch-in, points, online time or leaderboard of persons in the default build ------------------------------


def test_j1_no_table_or_route_for_traces_of_use():
    for model in apps.get_models():
        if model.__module__.startswith("ecocloud"):
            for field in model._meta.get_fields():
                assert not unmeasured.word_in(field.name, model.__name__), (model, field.name)
    banned = re.compile(r"punch|checkin|check-in|leaderboard|ranking-of-people|points-mall|score-?board", re.I)
    for line in access_table().values():
        assert not banned.search(line.route) and not unmeasured.word_in(line.route), line.route


def test_j1_no_words_of_it_on_any_page():
    """The texts people read: templates and messages. The room that explains the ban is left out."""
    banned = re.compile("打卡|签到次数|积分排名|个人积分|在线时长|排行榜|英雄榜|活跃度|登录次数")
    own = {PACKAGE / "kernel/regions/unmeasured.py"}
    seen = 0
    for path in [*PACKAGE.rglob("*.html"), *PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.po"), *PACKAGE.rglob("*.mjs")]:
        if path in own or "node_modules" in path.parts:
            continue
        seen += 1
        found = banned.search(path.read_text("utf-8"))
        assert not found, (path, found and found.group())
    assert seen > 500


# --- J2: no formula of traces -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["登录次数", "人员在线时长", "login_count", "Track Length", "巡查里程", "upload-count", "打卡率"]
)
def test_j2_words_of_traces_are_found(text):
    assert unmeasured.word_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "设备在线时间",
        "水质优良比例",
        "面积分布",
        "体积分数",
        "数据上传率",
        "同步数据",
        "next_steps",
        "river_length",
        "巡查到位率",
    ],
)
def test_j2_other_words_are_not(text):
    assert not unmeasured.word_in(text)


def _entry(**more):
    given = {"code": "CHI.PATROL", "zh": "巡查到位率", "en": "Patrols made", "unit": "%", "decimals": 1,
             "direction": "up", "nature": "none", "aggregation": "last", "period": "year", "department": "water",
             "citation": "测试", "mark": "from_memory"}  # fmt: skip
    return Entry.model_validate(given | more)


@pytest.mark.parametrize(
    "more",
    [{"zh": "人员登录次数"}, {"definition": "按平台在线时长计算"}, {"aliases": ("打卡率",)}, {"code": "CHI.LOGINS"},
     {"aggregation": "weighted", "weight": "CHI.UPLOADCOUNT"}],
)  # fmt: skip
def test_j2_an_indicator_is_never_made_of_them(more):
    assert _entry().zh == "巡查到位率"
    with pytest.raises(ValidationError):
        _entry(**more)


def test_j2_an_expression_of_a_register_never_reads_them():
    """By the field's code, and by what it is called; in rows, in figures, and so in packs."""
    scope = Scope({"done": number(), "login_count": number(), "n": number()}, {}, {"n": "在线分钟 Minutes"})
    compile_row("done * 2", scope)
    for text in ("login_count * 2", "done + n"):
        with pytest.raises(ExpressionError) as refused:
            compile_row(text, scope)
        assert "操作痕迹" in refused.value.message_zh and refused.value.remedy_zh
    with pytest.raises(ExpressionError):
        compile_aggregate("total(n)", scope)


def test_j2_an_alarm_rule_never_reads_them():
    with pytest.raises(document.RuleFaults) as refused:
        document.read({"cause": "active", "zh": "人员在线时长不足", "interval": "hour", "grades": []})
    assert "操作痕迹" in refused.value.faults["zh"]


@pytest.mark.django_db
def test_j2_a_proposed_indicator_never_measures_them(office):
    from ecocloud.kernel.evidence.indicators import propose_indicator

    for given in ({"name": "平台登录天数"}, {"name": "履职情况", "definition": "按上传条数计分"}):
        with pytest.raises(unmeasured.Unmeasured):
            propose_indicator(office, source="doc:1", **given)


# --- J3: photographs and tracks may be left out -----------------------------------------------------------------------


def test_j3_only_emergencies_and_safety_with_a_basis_ask_for_them():
    plain = {"code": "x", "zh": "某类", "en": "Some", "family": "", "category": "other"}
    wrong = ({"needs": ["photo"]}, {"needs": ["track"], "urgent": "safety"}, {"needs": ["photo"], "legal_basis": "法"})
    for more in wrong:
        with pytest.raises(ValidationError):
            ProblemFact.model_validate(plain | more)
    ProblemFact.model_validate(plain | {"needs": ["photo"], "urgent": "emergency", "legal_basis": "某法第一条"})
    with pytest.raises(ValidationError):
        CategoryData.model_validate({"code": "xx", "label_zh": "某", "label_en": "x", "needs_photo": True})


def test_j3_no_category_of_the_default_build_asks_for_them():
    assert not any(one.needs for one in words().problems)
    assert not any(one.needs_photo for kind in all_kinds().values() for one in kind.categories)


def test_j3_a_flagged_sort_is_refused_without_and_names_its_basis(monkeypatch):
    flagged = ProblemFact(code="spill", zh="突发泄漏", en="Spill", family="", category="other", urgent="emergency",
                          needs=("photo",), legal_basis="某法第一条")  # fmt: skip
    monkeypatch.setattr(patrols, "words", lambda: SimpleNamespace(problems=(flagged,)))
    with pytest.raises(ChiefRefused) as refused:
        patrols._needed("spill", SimpleNamespace(photos=[], track=None))
    assert "某法第一条" in refused.value.remedy_zh
    patrols._needed("spill", SimpleNamespace(photos=["x"], track=None))


# --- J4: a datum already held is not asked again ----------------------------------------------------------------------


def test_j4_no_indicator_is_fed_twice_by_the_packs():
    """In one period one figure feeds an indicator; two packs that feed the same one would ask for the same datum."""
    fed: dict[str, list[str]] = {}
    for path in sorted((PACKAGE / "packs").glob("*/pack.yaml")):
        pack = yaml.safe_load(path.read_text("utf-8"))
        for one in pack.get("indicators") or ():
            fed.setdefault(one["code"], []).append(path.parent.name)
    assert fed and {code: packs for code, packs in fed.items() if len(packs) > 1} == {}


def test_j4_no_type_of_a_register_asks_a_field_twice():
    for path in (PACKAGE / "packs").glob("*/types/*.yaml"):
        fields = yaml.safe_load(path.read_text("utf-8")).get("fields") or ()
        codes, labels = [one["code"] for one in fields], [one["zh"] for one in fields]
        assert len(set(codes)) == len(codes), path
        assert len(set(labels)) == len(labels), path


# --- J5: nothing to install -------------------------------------------------------------------------------------------


def test_j5_no_page_asks_to_install_anything():
    banned = re.compile(
        r"beforeinstallprompt|\.apk\b|itunes\.apple|play\.google|下载\s*APP|安装\s*APP|wx\.miniProgram", re.I
    )
    for path in [*PACKAGE.rglob("*.html"), *PACKAGE.rglob("*.mjs"), *PACKAGE.rglob("*.js")]:
        if "vendor" not in path.parts and "built" not in path.parts:
            assert not banned.search(path.read_text("utf-8")), path


def test_j5_every_form_of_the_list_is_a_page_of_the_site():
    table = access_table()
    for form in forms().forms:
        assert form.route in table and "POST" in table[form.route].methods or form.route == "documents:review", (
            form.code
        )


# --- J6: the list of burdens ------------------------------------------------------------------------------------------


@pytest.fixture
def office(db):
    """Somebody of the office, and a reader."""
    regions.sync_roles()
    region = Region.objects.create(code="360900", name="某市", level="city")
    unit = Department.objects.create(code="office", name="市生态文明办", region=region)
    person = User.objects.create_user("clerk", name="经办", department=unit, must_change_password=False)
    RoleGrant.objects.create(user=person, role=Role.objects.get(code="office"))
    person.refresh_from_db()
    return person


def test_j6_each_role_has_just_the_forms_its_rights_open(office):
    by_role = {one.label: one for one in services.burdens()}
    assert by_role["查阅"].lines == () and by_role["查阅"].total == 0
    field = by_role["巡查（河湖长、林长、网格员）"]
    assert [line.form.code for line in field.lines] == ["patrol"]
    assert field.total == 24 * 2  # data/forms.yaml: 24 times of two minutes
    known = set(RolePermission.objects.values_list("code", flat=True))
    assert {form.permission for form in forms().forms} <= known


def test_j6_the_office_puts_its_own_numbers(office):
    services.estimate(office, "patrol", a_year="52", minutes="3", note="试填")
    line = next(line for one in services.burdens() for line in one.lines if line.form.code == "patrol")
    assert (line.a_year, line.minutes, line.own, line.note, line.total) == (52, 3, True, "试填", 156)
    for wrong in ({"a_year": "-1"}, {"a_year": "1.5"}, {"minutes": "1441"}, {"minutes": ""}, {"a_year": "１２"}):
        with pytest.raises(services.EstimateRefused):
            services.estimate(office, "patrol", **({"a_year": "1", "minutes": "1"} | wrong))
    with pytest.raises(services.EstimateRefused):
        services.estimate(office, "nothing", a_year="1", minutes="1")
    nobody = User.objects.create_user("nobody", name="无权", department=office.department)
    with pytest.raises(Forbidden):
        services.estimate(nobody, "patrol", a_year="1", minutes="1")


def test_j6_page_and_export(office, client, settings):
    client.force_login(office, backend=settings.AUTHENTICATION_BACKENDS[-1])
    page = client.get("/burden/").content.decode()
    assert "记录巡查" in page and "估计" in page
    assert client.post("/burden/", {"code": "patrol", "a_year": "9", "minutes": "9"}).status_code == 302
    text = b"".join(client.get("/burden/?export=csv").streaming_content).decode("utf-8-sig")
    assert text.splitlines()[0].startswith("角色,表单,频次,每年次数,每次分钟,每年分钟")
    assert any(line.split(",")[3:6] == ["9", "9", "81"] for line in text.splitlines())


# --- J7: minimums of patrols warn -------------------------------------------------------------------------------------


def test_j7_minimums_decide_only_where_the_office_says_so_with_its_basis():
    assert not any(rule.minimums.decides for one in variants().values() for rule in one.levels.values())
    assert Minimums(minutes=30).decides is False
    with pytest.raises(ValidationError):
        Minimums(minutes=30, decides=True)
    with pytest.raises(ValidationError):
        LevelRule.model_validate({"minimums": {"minutes": 30, "decides": True, "basis": "  "}})
    assert Minimums(minutes=30, decides=True, basis="县河长办自定").decides


@pytest.mark.parametrize(("decides", "counts"), [(False, True), (True, False)])
def test_j7_a_short_patrol_counts_unless_it_decides(decides, counts):
    """Ten minutes where thirty are asked: told in both cases."""
    minimums = owing.Minimums(minutes=30, decides=decides, basis="县河长办自定")
    slot = owing.Slot(date(2026, 11, 1), date(2026, 11, 30), 1, minimums)
    (one,) = owing.judged([owing.Record("k", datetime(2026, 11, 3, 9), 10, None)], slot)
    assert one.counts is counts and one.warnings
