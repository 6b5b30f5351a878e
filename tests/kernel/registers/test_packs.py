"""Packs: mistakes named, loading as one transaction, upgrades with preview, figures into evidence, and each pack of the
product driven from its sample workbook to a filled report paragraph."""

import json
import shutil
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from django.utils import timezone

from ecocloud import cli
from ecocloud.base.errors import Forbidden
from ecocloud.base.pages import icons
from ecocloud.kernel.evidence.models import Indicator, Observation, Target
from ecocloud.kernel.evidence.services import confirm
from ecocloud.kernel.journal.models import Entry
from ecocloud.kernel.journal.refs import resolve
from ecocloud.kernel.regions.services import CONSOLE
from ecocloud.kernel.registers import pack, queries, scaffold, services
from ecocloud.kernel.registers.errors import (
    DefinitionError,
    DefinitionFaults,
    MigrationNeeded,
    NoSuchThing,
    PackVersionRefused,
    StepRefused,
    ValuesRefused,
)  # fmt: skip
from ecocloud.kernel.registers.models import Pack, RegisterObject, RegisterType
from ecocloud.kernel.registers.pack_changes import differences
from ecocloud.kernel.registers.register import open_register
from ecocloud.kernel.registers.services import counts, packs

OUTFALLS = "river-outfalls"
HELD = f"version: {pack.read(pack.own_folder() / OUTFALLS).definition.version}"


@pytest.fixture
def copied(tmp_path):
    """A copy of a pack of the product that a test may spoil: ``copied(old, new, file)``."""

    def make(old, new, file="pack.yaml"):
        folder = tmp_path / OUTFALLS
        if not folder.exists():
            shutil.copytree(pack.own_folder() / OUTFALLS, folder)
        path = folder / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")
        return folder

    return make


@pytest.mark.parametrize(
    ("old", "new", "file", "word"),
    [
        ("id: river-outfalls", "id: outfalls", "pack.yaml", "文件夹"),
        (HELD, "version: one", "pack.yaml", "应为三段数字"),
        ("owner_role: office", "owner_role: boss", "pack.yaml", "只能取"),
        ("type: outfall, value: rows()", "type: outfal, value: rows()", "pack.yaml", "相近的有：outfall"),
        ("value: rows()", "value: rows(flow > 3)", "pack.yaml", "单位"),
        ("unit: 千克/天, decimals: 1, value: total(cod_load)", "unit: 吨, decimals: 1, value: total(cod_load)",
        "pack.yaml",
         "换算不成"),
        ("{figure: fixed_share, code: WAT.OUTLET.FIXED}", "{figure: fixed, code: WAT.OUTLET.FIXED}", "pack.yaml",
         "没有指标计算"),
        ("code: WAT.OUTLET.FIXED}", "code: WAT.OUTLET.NONE}", "pack.yaml", "指标目录里没有"),
        ("code: WAT.OUTFALL.TRACED, zh", "code: wat, zh", "pack.yaml", "指标目录的规定"),
        ("indicator: WAT.OUTFALL.TRACED", "indicator: WAT.OUTFALL.NONE", "pack.yaml", "没有指标"),
        ("year: 2025, source: opinion", "year: 2025, source: opinions", "pack.yaml", "没有来源"),
        ('when: state != "closed"', 'when: state != "shut"', "pack.yaml", "字典里没有"),
        ("value: rows()", "value: rows(inspection.acceptance.passed)", "pack.yaml", "没有字段"),
        ("value: rows()", "value: rows(photo_after > 0)", "pack.yaml", "没有字段"),
        ("item: type, by: [outfall.kind]}", "item: type}", "pack.yaml", "为什么没有"),
        ("figures: [all, fixed_share", "figures: [every, fixed_share", "pack.yaml", "没有指标计算"),
        ("{region}共排查", "{place}共排查", "pack.yaml", "占位符"),
        ("by: [outfall.kind]", "by: [outfall.sort]", "pack.yaml", "没有这一项"),
        ("systems: [S107]", "systems: [S107, S108]", "pack.yaml", "S108"),
        ("unit: mg/L", "unit: mg/升升", "types/outfall.yaml", "可用的写法"),
        ("kind: town_plant", "kind: plant", "samples/outfall.yaml", "可选"),
        ("type: outfall", "type: nothing", "samples/outfall.yaml", "没有类型"),
        ("state: closed", "state: shut", "samples/outfall.yaml", "没有状态"),
    ],
)  # fmt: skip
def test_every_mistake_is_named(copied, old, new, file, word):
    with pytest.raises(DefinitionFaults) as caught:
        pack.read(copied(old, new, file))
    found = [one for one in caught.value.faults if word in one.sentence_zh()]
    assert found, [one.sentence_zh() for one in caught.value.faults]
    assert found[0].where["文件"] == file and found[0].where["行"] >= 1


def test_a_sample_refers_to_rows_of_the_other_sample(tmp_path):
    folder = tmp_path / "rivers-lakes"
    shutil.copytree(pack.own_folder() / "rivers-lakes", folder)
    path = folder / "samples" / "river_problem.yaml"
    path.write_text(path.read_text("utf-8").replace("reach: 青溪干流石桥段", "reach: 无名河段", 1), "utf-8")
    with pytest.raises(DefinitionFaults) as caught:
        pack.read(folder)
    (fault,) = caught.value.faults
    assert (fault.where["文件"], fault.where["字段"]) == ("samples/river_problem.yaml", "rows.0.values.reach")
    assert fault.value == "无名河段" and "reach 样例" in fault.remedy_zh


def test_commands(tmp_path, capsys, copied, db):
    assert cli.main(["packs", "check"]) == 0
    assert OUTFALLS in capsys.readouterr().out
    assert cli.main(["packs", "new", "my-pack", "--folder", str(tmp_path)]) == 0
    assert cli.main(["packs", "check", str(tmp_path / "my-pack"), "--json"]) == 0
    capsys.readouterr()
    folder = copied(HELD, "version: one")
    assert cli.main(["packs", "check", str(folder), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["faults"][str(folder)][0]["where"]["字段"] == "version"
    assert cli.main(["packs", "diff", str(tmp_path / "my-pack")]) == 0
    assert cli.main(["packs", "load", str(tmp_path / "my-pack")]) == 0
    assert RegisterType.objects.get().code == "my_pack"
    assert cli.main(["packs", "load", "nothing"]) == 1
    for wrong in ("X", "my-pack"):
        with pytest.raises(DefinitionError):
            scaffold.begin(wrong, tmp_path)


def test_an_icon_that_pages_cannot_draw_is_refused(copied, capsys, monkeypatch):
    folder = copied("icon: waves", "icon: wave", "types/outfall.yaml")
    monkeypatch.setattr(icons, "names", lambda: frozenset({"waves", "leaf", "house"}))
    assert cli.main(["packs", "check", str(folder), "--json"]) == 1
    (fault,) = json.loads(capsys.readouterr().out)["faults"][str(folder)]
    assert (fault["where"]["文件"], fault["where"]["字段"], fault["value"]) == ("types/outfall.yaml", "icon", "wave")
    assert fault["where"]["行"] >= 1 and "waves" in fault["remedy_zh"]
    monkeypatch.setattr(icons, "names", lambda: None)  # no sprite installed: nothing is known
    assert cli.main(["packs", "check", str(folder)]) == 0


def test_icons_of_the_packs_of_the_product_are_in_the_list_of_the_sprite():
    listed = Path(__file__).parents[3] / "assets" / "icons.txt"
    made = [pack.read(pack.folder_of(code)) for code in pack.own_packs()]
    used = {definition.icon for one in made for definition in one.types}
    assert len(used) > 5 and sorted(used - set(listed.read_text("utf-8").split())) == []


def test_loading_upgrades_or_refuses(place, copied):
    made = pack.read(pack.own_folder() / OUTFALLS)
    assert packs.load(CONSOLE, made).new == ["outfall"]
    assert packs.load(CONSOLE, made).same
    more = "  - {code: remark, zh: 备注, en: Remark, kind: long, section: permit}\ncolumns:"
    copied(HELD, "version: 1.10.0")
    newer = pack.read(copied("columns:", more, "types/outfall.yaml"))
    assert packs.diff(newer).lines() == ["outfall：新增字段 remark（备注）"]
    assert open_register("outfall").version == 1
    packs.load(CONSOLE, newer)
    assert open_register("outfall").version == 2
    copied("version: 1.10.0", "version: 1.11.0")
    broken = pack.read(copied("unit: 立方米/天", "unit: 立方米/小时", "types/outfall.yaml"))
    with pytest.raises(MigrationNeeded) as caught:
        packs.load(CONSOLE, broken)
    assert "单位由“立方米/天”改为“立方米/小时”" in caught.value.conflicts[0]
    assert Pack.objects.get().digest == newer.digest


def test_an_older_version_or_another_content_under_the_same_number_is_refused(place, copied, capsys):
    packs.load(CONSOLE, pack.read(copied(HELD, "version: 1.10.0")))
    older = copied("version: 1.10.0", "version: 1.9.0")  # as numbers, not as text
    copied("{figure: fixed_share, code: WAT.OUTLET.FIXED}", "{figure: traced_share, code: WAT.OUTLET.FIXED}")
    with pytest.raises(PackVersionRefused) as caught:
        packs.load(CONSOLE, pack.read(older))
    refused = caught.value
    assert (refused.reason, refused.where, refused.value) == ("older", {"包": OUTFALLS}, "1.9.0")
    assert refused.differences == ("指标 WAT.OUTLET.FIXED 的 figure 由“fixed_share”改为“traced_share”",)
    assert "高于 1.10.0" in refused.remedy_zh and refused.as_dict()["differences"] == list(refused.differences)

    copied("version: 1.9.0", "version: 1.10.0")
    with pytest.raises(PackVersionRefused) as caught:
        packs.load(CONSOLE, pack.read(older))
    assert caught.value.reason == "same_number" and len(caught.value.differences) == 1
    assert Pack.objects.get().content["indicators"][0]["figure"] == "fixed_share"
    assert cli.main(["packs", "diff", str(older)]) == 1 and "版本号" in capsys.readouterr().out
    assert cli.main(["packs", "load", str(older)]) == 1 and "--replace" in capsys.readouterr().err

    assert cli.main(["packs", "load", str(older), "--replace"]) == 0
    assert Pack.objects.get().content["indicators"][0]["figure"] == "traced_share"
    told = Entry.objects.filter(action="registers.pack.load").latest("pk")
    assert json.loads(told.before)["version"] == "1.10.0" and json.loads(told.after)["replaced"] == "same_number"
    # Other words in a sample change nothing that is loaded: no other number is asked for.
    packs.load(CONSOLE, pack.read(copied("柳林村三组", "柳林村四组", "samples/outfall.yaml")))
    told = Entry.objects.filter(action="registers.pack.load").latest("pk")
    assert "replaced" not in json.loads(told.after)


def test_what_two_versions_say_otherwise():
    old = {"zh": "一", "systems": ["S107"], "figures": [{"code": "a", "value": "rows()"}, {"code": "b", "value": "1"}],
           "targets": [{"indicator": "X", "year": 2025, "value": "90"}]}  # fmt: skip
    new = {"zh": "二", "systems": ["S107", "S108"],
           "targets": [{"indicator": "X", "year": 2026, "value": "90"}],
           "figures": [{"code": "a", "value": "rows(" + 80 * "x", "unit": ""}, {"code": "c", "value": "1"}],
    }  # fmt: skip
    assert differences(old, new) == [
        "名称由“一”改为“二”", "对应系统由“S107”改为“S107、S108”", "指标计算增加 c", "指标计算删除 b",
        f"指标计算 a 的 value 由“rows()”改为“rows({'x' * 55}…”", "目标增加 X 2026", "目标删除 X 2025",
    ]  # fmt: skip
    assert differences(new, new) == []


def test_an_indicator_that_is_gone_is_refused_by_name_and_the_others_go_on(place, county, imported):
    Indicator.objects.create(code="WAT.OUTLET.FIXED", zh="入河排污口整治完成率", group="WAT", unit="%", decimals=1)
    made = pack.read(pack.own_folder() / OUTFALLS)
    packs.load(CONSOLE, made)
    imported(made)
    loaded = packs.open_pack(OUTFALLS)
    Indicator.objects.filter(code="WAT.OUTFALL.TRACED").update(code="WAT.OUTFALL.RENAMED")
    fed = {one.indicator: one for one in packs.feed(place.office, loaded, county, timezone.localdate().year)}
    assert {code: one.outcome for code, one in fed.items()} == {
        "WAT.OUTLET.FIXED": "recorded", "WAT.OUTFALL.TRACED": "refused", "WAT.OUTFALL.CUT": "recorded",
    }  # fmt: skip
    refusal = fed["WAT.OUTFALL.TRACED"].refusal
    assert refusal.where == {"包": OUTFALLS, "指标": "WAT.OUTFALL.TRACED"} and "重新装入" in refusal.remedy_zh
    with pytest.raises(NoSuchThing, match="WAT.OUTFALL.TRACED"):
        packs.adopt_targets(place.office, loaded, county)
    assert not Target.objects.exists()


@pytest.fixture
def outfalls(place, county, imported, photo):
    """The pack of river outfalls with its twelve sample rows, ``figure(code)`` of today and ``close()`` of one more."""
    Indicator.objects.create(code="WAT.OUTLET.FIXED", zh="入河排污口整治完成率", group="WAT", unit="%", decimals=1)
    made = pack.read(pack.own_folder() / OUTFALLS)
    packs.load(CONSOLE, made)
    imported(made)
    register, loaded, today = open_register("outfall"), packs.open_pack(OUTFALLS), timezone.localdate()
    row = RegisterObject.objects.get(name="柳林村三组生活污水口")
    step = {"rectified_on": "2024-05-30", "tested_on": "2024-06-20", "cod": 70, "nh3n": "9.5"}

    def close(**other):
        services.transition(place.office, register, row.pk, "close", given=step | other, opinion="验收合格")

    def accept():
        services.inspect(place.office, register, row.pk, "acceptance",
                         results={"measure_done": True, "no_bypass": True, "sign_set": True})  # fmt: skip
        services.attach(place.office, register, "photo_after", [(row.pk, photo())])

    return SimpleNamespace(
        register=register, loaded=loaded, today=today, row=row, close=close, accept=accept,
        figure=lambda code, day=today: packs.figure_value(place.office, loaded, code, county, day),
        tasks=lambda code: list(packs.task_objects(place.office, loaded, code, today)),
    )  # fmt: skip


def test_figures_and_tasks_of_outfalls_from_the_sample_workbook(outfalls):
    """Shares and loads are worked out by hand from the twelve rows of the sample workbook."""
    figure = outfalls.figure
    assert (figure("all"), figure("traced_share")) == (12, Decimal("66.7"))
    # 3 of 6 that need rectification are closed out: paper mill, gravel pit, village group five.
    assert figure("fixed_share") == Decimal(50)
    # Paper mill 900 x (165 - 72), gravel pit 60 x 310, village 9 x (172 - 64) grams a day.
    assert figure("cut") == Decimal("103.3")
    # Four of the twelve are closed out; one of them was closed down and needs no more tests.
    assert (len(outfalls.tasks("patrol")), len(outfalls.tasks("retest"))) == (8, 3)
    with pytest.raises(NoSuchThing):
        outfalls.tasks("nothing")

    with pytest.raises(StepRefused, match="passed acceptance"):
        outfalls.close()
    outfalls.accept()
    with pytest.raises(StepRefused):  # still above the limit
        outfalls.close(cod=170)
    outfalls.close()
    assert figure("fixed_share") == Decimal("66.7")
    assert figure("cut") == Decimal("104.7")  # and 12.5 x (186 - 70) grams a day more

    assert figure("all", outfalls.today - timedelta(days=1)) == 0
    with pytest.raises(NoSuchThing):
        packs.open_pack("nothing")
    with pytest.raises(NoSuchThing):
        figure("nothing", date(2025, 1, 1))


def test_outfalls_are_fed_into_evidence_and_the_report(place, county, outfalls):
    """The figures of the test above, fed, corrected and written out."""
    loaded, today = outfalls.loaded, outfalls.today
    with pytest.raises(StepRefused, match="passed acceptance"):
        outfalls.close()
    outfalls.accept()
    outfalls.close()
    with pytest.raises(Forbidden):
        packs.feed(place.clerk, loaded, county, today.year)
    fed = packs.feed(place.office, loaded, county, today.year)
    assert {one.indicator: (one.outcome, one.value) for one in fed} == {
        "WAT.OUTLET.FIXED": ("recorded", Decimal("66.7")), "WAT.OUTFALL.TRACED": ("recorded", Decimal("66.7")),
        "WAT.OUTFALL.CUT": ("recorded", Decimal("104.7")),
    }  # fmt: skip
    observation = Observation.objects.get(indicator__code="WAT.OUTFALL.CUT")
    found = resolve(observation.source, place.office)
    assert (found.allowed, "total(" in found.excerpt, found.place) == (True, True, today.isoformat())
    confirm(place.office2, observation)
    assert packs.feed(place.office, loaded, county, today.year)[2].outcome == "same"
    services.transition(place.office, outfalls.register, outfalls.row.pk, "reopen", opinion="反弹")
    assert packs.feed(place.office, loaded, county, today.year)[2].outcome == "corrected"

    text = packs.paragraphs(place.office, loaded, county, today)["progress"]
    assert f"截至{today.year}年{today.month}月{today.day}日，云溪县共排查入河排污口12个，溯源完成率66.7%" in text
    assert "削减化学需氧量103.3" in text and "{" not in text
    assert packs.adopt_targets(place.office, loaded, county)[0].value == 100
    assert resolve(Target.objects.get().document, place.office).title.startswith("国务院办公厅关于加强入河入海排污口")
    assert counts.differences() == {} and queries.slot_differences(outfalls.register) == {}


def test_green_mines_are_brought_to_the_index_of_2024(place, county, imported, tmp_path):
    """From the pack without the index of 2024: objects stay, and the lines of 2020 hold where no edition is given."""
    folder = tmp_path / "green-mines"
    shutil.copytree(pack.own_folder() / "green-mines", folder)
    fresh = {"edition", "pass_line", "group_line", "repair_rate", "norm_rate", "lowest_2024", "weakest_2024"}
    path = folder / "types" / "mine.yaml"
    kind = yaml.safe_load(path.read_text("utf-8"))
    kind["fields"] = [one for one in kind["fields"] if one["code"] not in fresh]
    next(one for one in kind["fields"] if one["code"] == "full_points")["minimum"] = 500
    kind["checks"] = kind["checks"][:2]
    guards = {"assess": "points <= full_points", "list": "score_rate >= 80[%] and lowest_rate >= 75[%]",
              "remove": "not missing(removed_for)"}  # fmt: skip
    for one in kind["transitions"]:
        one["guard"] = guards.get(one["action"], one["guard"])
    path.write_text(yaml.safe_dump(kind, allow_unicode=True), "utf-8")
    path = folder / "pack.yaml"
    old = yaml.safe_load(path.read_text("utf-8"))
    old["version"] = "1.0.0"
    old["figures"] = [one for one in old["figures"] if one["code"] != "new_index"]
    for one in old["coverage"]:
        one["by"] = [word for word in one["by"] if word != "figure:new_index" and word.split(".")[-1] not in fresh]
    path.write_text(yaml.safe_dump(old, allow_unicode=True), "utf-8")
    before = pack.read(folder)
    Indicator.objects.create(code="MIN.GREEN.SHARE", zh="绿色矿山建成率", group="MIN", unit="%", decimals=1)
    packs.load(CONSOLE, before)
    imported(before)
    made = pack.read(pack.own_folder() / "green-mines")
    assert packs.diff(made).conflicts == []
    packs.load(CONSOLE, made)
    assert Pack.objects.get().version == made.definition.version and RegisterObject.objects.count() == 20
    register = open_register("mine")
    assert queries.slot_differences(register) == {}
    assert [(one.indicator, one.value, one.year) for one in made.definition.targets] == [
        ("MIN.GREEN.LARGE", 90, 2028), ("MIN.GREEN.MEDIUM", 80, 2028)]  # fmt: skip
    row = RegisterObject.objects.filter(state="assessed").order_by("code").first()
    new = {"edition": "y2024", "full_points": 100, "points": 82, "self_points": 85, "repair_rate": 74, "norm_rate": 90}
    with pytest.raises(ValuesRefused):
        services.edit(place.office, register, row.pk, given={**new, "points": 101, "full_points": 101})
    services.edit(place.office, register, row.pk, given=new)
    typed = register.values(RegisterObject.objects.get(pk=row.pk))
    assert (typed["score_rate"], typed["lowest_2024"], typed["weakest_2024"]) == (82, 74, "repair")
    services.edit(place.office, register, row.pk, given={"group_line": 70})  # the line of a province, by hand
    assert register.values(RegisterObject.objects.get(pk=row.pk))["weakest_2024"] == "none"


def test_what_a_pack_of_the_product_says_only_in_chinese_is_named():
    from ecocloud.kernel.registers.pack_english import missing_english

    made = pack.read(pack.own_folder() / OUTFALLS)
    assert list(missing_english(made.definition)) == [] and list(missing_english(made.types[0])) == []
    bare = made.definition.model_copy(update={"summary_en": ""})
    assert list(missing_english(bare)) == [(("summary_en",), made.definition.summary)]
    kind = made.types[0]
    at = next(n for n, one in enumerate(kind.fields) if one.help)
    fields = list(kind.fields)
    fields[at] = fields[at].model_copy(update={"help_en": ""})
    assert [path for path, _text in missing_english(kind.model_copy(update={"fields": tuple(fields)}))] == [
        ("fields", at, "help_en")
    ]


def test_a_pack_in_the_product_without_its_english_is_refused_with_file_line_and_remedy(copied, monkeypatch):
    folder = copied("summary_en: >-", "x: >-")
    text = (folder / "pack.yaml").read_text("utf-8")
    start = text.index("x: >-")
    (folder / "pack.yaml").write_text(text[:start] + text[text.index("owner_role:") :], "utf-8")
    assert pack.read(folder).definition.summary_en == ""  # a pack of somebody else may be Chinese only
    monkeypatch.setattr(pack, "own_folder", lambda: folder.parent)
    with pytest.raises(DefinitionFaults) as caught:
        pack.read(folder)
    (fault,) = caught.value.faults
    assert (
        fault.where["文件"] == "pack.yaml" and fault.where["字段"] == "summary_en" and "summary_en" in fault.remedy_zh
    )


def test_the_report_of_a_pack_in_english_has_no_chinese_but_names(place, client):
    import io
    import re

    from django.utils import translation
    from docx import Document

    from ecocloud.kernel.registers import pack_figures, pack_report
    from ecocloud.kernel.registers.pack_page import About

    made = pack.read(pack.own_folder() / OUTFALLS)
    packs.load(CONSOLE, made)
    about = About(place.city, date(2026, 3, 1))
    with translation.override("en"):
        taken = pack_figures.take(place.office, made.definition, [one.code for one in made.definition.figures],
                                  about.region, about.day)  # fmt: skip
        paper = Document(io.BytesIO(pack_report.report(place.office, made.definition, about, taken)))
    text = re.sub(r"\[\d+\]", "", "\n".join(one.text for one in paper.paragraphs))
    assert "By 1 March 2026 试验市 had surveyed 0 river outfalls; no data are traced" in text
    ours = re.compile("试验市(生态文明办)?|^一、|^2026年3月1日$|^附件$|^数据与事实来源$")  # parts after GB/T 9704
    left = [line for line in text.splitlines() if re.search(r"[\u4e00-\u9fff]", ours.sub("", line.strip()))]
    assert left == []
