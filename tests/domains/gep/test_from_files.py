"""Forms as workbooks and an account of a folder of them: what comes back is what the site computes, faults by file and
row."""

import json
from decimal import Decimal as D

import pytest
from openpyxl import load_workbook

from ecocloud import cli
from ecocloud.domains.gep import datasheet, facts, formset, from_files, queries
from ecocloud.domains.gep.errors import GepError
from ecocloud.domains.gep.models import RunLine
from ecocloud.domains.gep.services import runs
from tests.domains.gep.conftest import SMALL

NAMES = {"county": "360802", "upper": "360802101", "lower": "360802102"}
EDITION, METHOD = "ndrc-481-2022", "recreation=tourism.revenue"
HEAD = "地区,年度,数据项,部分,数值,单位,数据来源\n"


@pytest.fixture
def typed(capsys):
    """``typed(words...)``: the exit code and what was printed."""

    def type_(*words):
        code = cli.main(["gep", *map(str, words)])
        told = capsys.readouterr()
        return code, told.out + told.err

    return type_


def filled(folder):
    """The forms of the command with the values of ``SMALL`` in them."""
    for path in folder.glob("*.xlsx"):
        book = load_workbook(path)
        sheet = book.worksheets[0]
        for (code, place), values in SMALL.items():
            if not path.name.startswith(code):
                continue
            for name, value in values.items():
                datum, _, part = name.partition("__")
                if name == "area__41":  # a second class of one datum: a row of its own
                    sheet.append([NAMES[place], 2023, datum, part, float(value), "平方公里"])
                    continue
                row = next(row for row in sheet.iter_rows(min_row=2) if (row[0].value, row[2].value.split()[0]) ==
                           (NAMES[place], datum))  # fmt: skip
                row[3].value, row[4].value = part or row[3].value, float(value)
        book.save(path)


@pytest.mark.django_db
def test_what_is_filled_in_comes_to_what_the_site_computes(typed, tmp_path, place, accounting, request):
    regions = [word for name in NAMES.values() for word in ("--region", name)]
    code, told = typed("forms", EDITION, *regions, "--year", 2023, "--method", METHOD, "--output", tmp_path / "forms")
    assert code == 0 and "GEP101" in told
    filled(tmp_path / "forms")
    book = tmp_path / "tables.xlsx"
    code, told = typed("account", tmp_path / "forms", "--edition", EDITION, "--method", METHOD, "--whole", "360802",
                       "--output", book, "--json")  # fmt: skip
    assert code == 0, told
    found = json.loads(told)
    request.getfixturevalue("filled")()
    accounting.methods = {"recreation": ["tourism.revenue"]}
    accounting.save(update_fields=["methods"])
    run = runs.make_run(place.office, accounting)
    assert D(found["total"]) == queries.totals(run)[2023] > 0
    for service, value in found["services"].items():
        lines = RunLine.objects.filter(account__run=run, account__year=2023, service=service)
        assert D(value) == sum(line.value for line in lines), service
    assert D(found["gdp"]) == (D(found["total"]) / 50000).quantize(D("0.01"))
    assert any("净化" in row[0] for row in found["gaps"])
    sheets = load_workbook(book)
    assert {"核算明细", "未核算事项", "说明"} <= {*sheets.sheetnames}


def test_forms_are_listed_with_codes_and_units_and_a_township_owes_its_own(typed):
    code, told = typed("forms", EDITION, "--json")
    rows = {one["form"]: one for one in json.loads(told)["forms"]}
    assert code == 0 and [*rows] == [*formset.forms()]
    rain = next(one for one in rows["GEP102"]["data"] if one["datum"] == "rain")
    assert rain == {"datum": "rain", "zh": "年降水量", "unit": "毫米", "needed": True}
    code, told = typed("forms", EDITION, "--region-level", "township", "--json")
    assert [one["form"] for one in json.loads(told)["forms"]] == ["GEP101", "GEP104", "GEP106"]
    assert typed("forms", "none")[0] == 1


def read(folder, text, encoding="utf-8", name="数据.csv"):
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(text.encode(encoding))
    return from_files.read(folder)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_csv_files_are_read_in_both_encodings_and_units_converted(tmp_path, encoding):
    given = read(
        tmp_path, HEAD + "甲县,2023,生态系统面积,阔叶林,1500,公顷,国土调查\n甲县,2023,gdp,全部,3,亿元,\n", encoding
    )
    area, gdp = given["甲县", 2023]
    assert (area.datum, area.part, area.value) == ("area", "11", D(15))
    assert area.source == "数据.csv第2行（国土调查，1500 公顷）" and gdp.value == D(30_000)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("甲县,2023,雨量,全部,3,,", ("数据.csv", "行 2", "数据项")),
        ("甲县,2023,area,全部,3,,", ("数据.csv", "行 2", "应为生态系统类型代码")),
        ("甲县,2023,area,11,三平方,,", ("数据.csv", "行 2", "数值")),
        ("甲县,2023,area,11,3,吨,", ("数据.csv", "行 2", "不能换算")),
        ("甲县,2023,gdp,全部,3,,\n甲县,2023,gdp,全部,4,,", ("行 3", "与第 2 行重复")),
    ],
)
def test_what_cannot_be_read_is_told_with_file_and_row(tmp_path, row, words):
    with pytest.raises(GepError) as refused:
        read(tmp_path, HEAD + row + "\n")
    assert all(word in refused.value.sentence_zh() for word in words), refused.value.sentence_zh()


def test_a_value_that_two_files_tell_is_refused(tmp_path):
    read(tmp_path, HEAD + "甲县,2023,gdp,全部,3,,\n", name="a.csv")
    with pytest.raises(GepError) as refused:
        read(tmp_path, HEAD + "甲县,2023,gdp,全部,3,,\n", name="b.csv")
    assert "b.csv" in refused.value.sentence_zh() and "a.csv 第 2 行" in refused.value.sentence_zh()


def test_what_cannot_be_is_refused_and_what_is_not_plausible_is_told(typed, tmp_path):
    read(tmp_path / "a", HEAD + "甲,2023,area,1,9,,\n甲,2023,area,11,3,,\n")
    code, told = typed("account", tmp_path / "a", "--edition", EDITION)
    assert code == 1 and "大类和其中的小类" in told
    read(tmp_path / "b", HEAD + "甲,2023,area,11,9,,\n甲,2023,rain,全部,9000,,\n")
    code, told = typed("account", tmp_path / "b", "--edition", EDITION)
    assert code == 0 and "超出常见范围" in told and "未核算" in told
    (tmp_path / "c").mkdir()
    assert "没有报表" in typed("account", tmp_path / "c")[1]


def test_a_price_of_ones_own_stands_before_the_published_and_a_year_that_is_not_there_is_refused(tmp_path):
    given = read(
        tmp_path, HEAD + "甲,2023,area,11,10,,\n甲,2023,rain,全部,1600,,\n甲,2023,evapotranspiration,全部,800,,\n"
    )
    (tmp_path / from_files.PRICES).write_text("kind,year,value,source\nreservoir,2022,8,县水利局\n", "utf-8")
    assert from_files.read(tmp_path) == given  # prices are no values
    made_by = from_files.basis(facts.load(), EDITION, {}, from_files.prices_of(facts.load(), tmp_path))
    (line,) = [one for one in from_files.outcome(made_by, given).accounts[0].lines if one.item == "retained"]
    assert line.value == D("5804.80")  # 7,256,000 m³ at 8 yuan, the amount by hand in test_runs
    for more in ({"year": 2020}, {"whole": "乙"}):
        with pytest.raises(GepError, match="nothing of"):
            from_files.outcome(made_by, given, **more)
    for row, said in (("reservoir,,8,县水利局", "bad price"), ("reservoir,2022", "bad price"),
                      ("resevoir,2022,8,县水利局", "no kind of price resevoir")):  # fmt: skip
        (tmp_path / from_files.PRICES).write_text(f"kind,year,value,source\n{row}\n", "utf-8")
        with pytest.raises(GepError, match=said) as refused:
            from_files.prices_of(facts.load(), tmp_path)
        assert refused.value.where == {"文件": from_files.PRICES, "行": 2}


def test_regions_by_name_stay_apart_and_the_lock_of_an_open_workbook_is_no_form(tmp_path):
    (tmp_path / "~$a.csv").write_bytes(b"\x00")
    given = read(tmp_path, HEAD + "North A,2023,rain,全部,1600,,\nNorth B,2023,rain,全部,1700,,\n"
                                  "360802 青山县,2023,rain,全部,1500,,\n")  # fmt: skip
    assert set(given) == {("North A", 2023), ("North B", 2023), ("360802", 2023)}


def test_the_table_of_a_raster_run_goes_in_beside_the_forms(tmp_path):
    """``ecocloud gep table`` names its columns in English and has no year: with a year it is a file like the others."""
    text = "zone,年度,datum,zh,part,value,unit,source\n甲,2023,area,生态系统面积,11,12.5,平方公里,栅格\n"
    assert read(tmp_path, text)["甲", 2023][0].value == D("12.5")


def test_a_blank_row_asks_for_what_the_datum_needs():
    known = datasheet.known()
    assert [datasheet.blank("甲", 2023, known[one])["part"] for one in ("area", "rain", "lake_area", "gdp")] == [
        "11", "全部", "（填写名称）", "全部"]  # fmt: skip
