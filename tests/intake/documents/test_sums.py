"""Parts against totals. Expected sums are added by hand in each test; the property builds lists that are right."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.intake.documents.read import read_document
from ecocloud.intake.documents.stated import Stated, half_step, measure
from ecocloud.intake.documents.sums import find_sums

HEAD = "全市围绕生态保护、环境治理等领域，"


def sums(text: str):
    stated = Stated.of(read_document(text.encode(), "x.txt"))
    found = find_sums(stated)
    for finding in found:
        for span in finding.spans:
            assert stated.text[span.start : span.end] == span.quote
    return found


def test_as_many_parts_as_classes_must_give_the_total():
    # 12 + 7 + 25 = 44, not 46
    text = f"{HEAD}实施3大类46个项目。其中，实施湿地保护类项目12个；实施清洁能源类项目7个；实施环境治理类项目25个。"
    (found,) = sums(text)
    assert not found.holds and found.arithmetic == "12 + 7 + 25 = 44 ≠ 46"
    assert found.facts["gap"] == "2个" and [s.role for s in found.spans] == ["合计", "分项", "分项", "分项"]
    (right,) = sums(text.replace("46个", "44个"))
    assert right.holds and right.arithmetic == "12 + 7 + 25 = 44"


def test_a_total_word_behind_a_list():
    # 1.2 + 3.4 = 4.6 and not 4.8; one decimal printed, so at most 0.15 may come from rounding
    text = "投入治理资金1.2亿元、修复资金3.4亿元，合计{}亿元。"
    assert [f.holds for f in sums(text.format("4.8"))] == [False]
    assert [f.holds for f in sums(text.format("4.6"))] == [True]
    assert [f.holds for f in sums(text.format("4.7"))] == [True]  # 1.24 + 3.44 = 4.68 prints as 4.7


def test_among_alone_may_leave_things_out():
    assert sums("建成公园20个，其中湿地公园3个、森林公园5个。") == []
    (found,) = sums("建成公园20个，其中湿地公园23个。")
    assert found.kind == "part" and not found.holds and found.arithmetic == "23个 > 20个"
    # 9 + 8 + 7 = 24 > 20
    (over,) = sums("建成公园20个，其中湿地公园9个、森林公园8个、地质公园7个。")
    assert over.kind == "sum" and not over.holds


def test_the_rest_closes_a_list():
    # 3 + 5 + 11 = 19
    (found,) = sums("建成公园20个，其中湿地公园3个、森林公园5个，其余11个。")
    assert not found.holds and found.arithmetic == "3 + 5 + 11 = 19 ≠ 20"


@pytest.mark.parametrize("text", [
    "建成公园20余个，其中湿地公园23个。",  # about 20
    "完成造林20万亩，其中项目23个。",  # other units
    "优良率90%，其中八月优良率100%。",  # shares are not added
    "新建厂站3座、改造5座，全市共40座。",  # the stock, not the sum
    "建设水站6座、空气站24座。累计投入9亿元。",
])  # fmt: skip
def test_what_is_no_sum_is_not_asked_about(text):
    assert [f for f in sums(text) if not f.holds] == []


def test_printed_additions():
    # 11 + 44 + 48 + 14 + 23 + 28 + 18 + 3 = 189
    (right,) = sums("项目构成为11+44+48+14+23+28+18+3=189。")
    assert right.holds and right.spans[0].quote == "11+44+48+14+23+28+18+3=189"
    (wrong,) = sums("项目构成为11+44+48+14+23+28+18+3=188。")
    assert not wrong.holds and wrong.facts["found"] == "189" and wrong.facts["gap"] == "1"
    assert sums("实施“4+1”工程和“3+1+X”产业布局。") == []


def test_totals_of_tables_column_by_column():
    rows = [["县", "造林（亩）", "投资（万元）", "成活率"], ["甲", "1,200", "30.5", "91"], ["乙", "800", "12.5", "95"]]
    # 1200 + 800 = 2000; 30.5 + 12.5 = 43.0, printed 45.0
    rows.append(["合计", "2000", "45.0", "93"])
    found = sums("情况如下\n" + "\n".join("\t".join(row) for row in rows) + "\n完\n")
    assert [(f.holds, f.arithmetic) for f in found] == [(True, "1200 + 800 = 2000"), (False, "30.5 + 12.5 = 43 ≠ 45")]
    assert found[1].spans[0].quote == "45.0"


def test_half_a_step_of_the_printed_number():
    assert half_step("189个", Decimal(189), *measure("个")) == 0
    assert half_step("4.8亿元", Decimal("4.8"), *measure("亿元")) == Decimal(5_000_000)
    assert half_step("31万亩", Decimal(31), *measure("万亩")) == Decimal(5000)


NAMES = ("湿地", "森林", "清洁能源", "环境治理", "生态农业", "生态旅游", "资源利用", "生态扶贫", "流域治理")
UNITS = st.sampled_from(["个", "座", "万亩", "亿元", "万元", "公里"])


@st.composite
def right_lists(draw):
    """A list of parts with its right total, as the four ways of writing put it; sometimes a sentence follows."""
    unit = draw(UNITS)
    places = 0 if unit in ("个", "座") else draw(st.integers(0, 2))
    parts = [Decimal(n).scaleb(-places) for n in draw(st.lists(st.integers(1, 99_999), min_size=2, max_size=9))]
    total = sum(parts)
    items = [f"{NAMES[i]}类项目{part}{unit}" for i, part in enumerate(parts)]
    tail = draw(st.sampled_from(["", "另有储备项目7个。", f"改造管网3{unit}。"]))
    way = draw(st.integers(0, 3))
    if way == 0:
        return f"{HEAD}实施{len(parts)}大类项目共{total}{unit}，其中{'；'.join(items)}。{tail}"
    if way == 1:
        return f"{HEAD}建设{'、'.join(items)}，合计{total}{unit}。{tail}"
    if way == 2:
        return f"{HEAD}建设项目{total}{unit}，其中{'、'.join(items)}。{tail}"
    return f"构成为{'+'.join(str(p) for p in parts)}={total}。{tail}"


@settings(max_examples=150, deadline=None, derandomize=True)
@given(right_lists())
def test_a_sum_that_is_right_is_never_called_wrong(text):
    assert [f.arithmetic for f in sums(text) if not f.holds] == []


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.integers(1, 9_999), min_size=2, max_size=9), st.integers(1, 50))
def test_a_counted_list_with_a_wrong_total_is_found(parts, off):
    items = "；".join(f"实施{NAMES[i]}类项目{part}个" for i, part in enumerate(parts))
    text = f"{HEAD}实施{len(parts)}大类{sum(parts) + off}个项目。其中，{items}。"
    (found,) = [f for f in sums(text) if f.kind == "sum"]
    assert not found.holds and found.facts["gap"] == f"{off}个"
