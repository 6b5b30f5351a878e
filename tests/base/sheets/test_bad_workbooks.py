"""Files that are no usable workbook: one clear sentence each, never another kind of exception."""

import io
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecocloud.base.errors import EcoError
from ecocloud.base.sheets import faults, guess_workbook, read_rows
from tests.base.files.test_sniff_and_checks import compound

HEAD = ["编号", "任务名称"]


@pytest.mark.parametrize(
    ("data", "error", "says"),
    [
        (b"", faults.EmptyWorkbook, "空的"),
        (b"\x00\x01\x02", faults.NotAWorkbook, "无法识别"),
        ("一、任务".encode(), faults.NotAWorkbook, "纯文本"),
        (b"<html><table></table></html>", faults.NotAWorkbook, "网页"),
        (compound("EncryptedPackage"), faults.EncryptedWorkbook, "密码"),
        (compound("Workbook"), faults.OldWorkbook, ".xls"),
    ],
)
def test_what_is_no_workbook(data, error, says, spec):
    with pytest.raises(error) as caught:
        guess_workbook(data, spec)
    assert says in caught.value.message_zh and caught.value.remedy_zh


def rewritten(data, edit):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = edit(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return out.getvalue()


def test_parts_missing_cut_or_hostile(book, spec):
    data = book([HEAD, *([f"T{n}", "a"] for n in range(50))])
    without = rewritten(data, lambda name, content: None if "sheet1" in name else content)
    cut = rewritten(data, lambda name, content: content[: len(content) // 2] if "sheet1" in name else content)
    entity = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
    hostile = rewritten(data, lambda name, content: entity + content if "sheet1" in name else content)
    for broken in (without, cut, hostile, data[:-30]):
        with pytest.raises(EcoError) as caught:
            list(read_rows(broken, spec, guess_workbook(broken, spec)))
        assert isinstance(caught.value, faults.WorkbookRefused) and "\n" not in caught.value.message_zh


@given(position=st.floats(0, 1), junk=st.binary(min_size=1, max_size=40))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_bytes_give_rows_or_a_sentence(position, junk, book, spec):
    data = bytearray(DATA or DATA.extend(book([HEAD, *([f"T{n}", "a"] for n in range(20))])) or DATA)
    start = int(position * (len(data) - len(junk)))
    data[start : start + len(junk)] = junk
    try:
        rows = list(read_rows(bytes(data), spec, guess_workbook(bytes(data), spec)))
    except EcoError as error:
        assert error.message_zh
    else:
        assert rows


DATA = bytearray()


def test_many_cells_far_away_are_cheap(book, spec):
    def far(_, sheet):
        sheet["A1048576"] = "T9"
        sheet["B1048576"] = "末行"

    data = book([HEAD, ["T1", "a"]], change=far)
    rows = list(read_rows(data, spec, guess_workbook(data, spec)))
    assert [row.number for row in rows] == [2, 1048576]
