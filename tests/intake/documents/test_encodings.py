"""Encodings: Python's own codecs make the bytes; every wrong encoding is named in one sentence."""

from __future__ import annotations

import pytest

from ecocloud.intake.documents import errors
from ecocloud.intake.documents.read import read_document
from ecocloud.intake.documents.text.encodings import decode
from ecocloud.intake.documents.text.loaders import load

TEXT = (
    "关于推进节水工作的通知\r\n一、完成改造管网12.5公里。（县水利局负责）\r\n二、全市生态环境质量持续改善，森林覆盖率达61.5%。\r\n"
    * 12
)
TRADITIONAL = (
    "關於推進節水工作的通知\r\n一、完成改造管網12.5公里。（縣水利局負責）\r\n二、全市生態環境質量持續改善，森林覆蓋率達61.5%。\r\n"
    * 12
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
def test_simplified_text_in_every_encoding(encoding):
    found = decode(TEXT.encode(encoding), "a.txt")
    assert found.text.removeprefix("\ufeff") == TEXT and found.broken == 0


@pytest.mark.parametrize("encoding", ["big5", "gb18030", "utf-8", "utf-16-le"])
def test_traditional_text_in_every_encoding(encoding):
    assert decode(TRADITIONAL.encode(encoding), "a.txt").text == TRADITIONAL


def test_four_byte_characters_of_gb18030():
    text = TEXT + "㐀㑇䶮𠮷𬭚堌镇、𠅤头村治理面积3.5公顷。"
    data = text.encode("gb18030")
    assert len("𠮷".encode("gb18030")) == 4
    assert decode(data, "a.txt").text == text


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_few_broken_bytes_are_kept_as_lost_characters(encoding):
    data = bytearray(TEXT.encode(encoding))
    at = TEXT[: TEXT.rindex("森林覆盖率")].encode(encoding)
    data[len(at) : len(at) + 1] = b"\xff"
    found = decode(bytes(data), "a.txt")
    assert found.encoding == encoding and 1 <= found.broken <= 3
    assert found.text.count("管网12.5公里") == 12
    reading = read_document(bytes(data), "a.txt")
    for record in reading.records():
        assert record["quote"] == reading.source.original[record["start"] : record["end"]]


def test_a_text_cut_inside_its_last_character():
    for encoding in ("utf-8", "gb18030", "utf-16"):
        found = decode((TEXT + "水").encode(encoding)[:-1], "a.txt")
        assert found.text.startswith(TEXT[:200]) and found.broken == 1


def test_a_number_with_a_lost_character_has_no_value():
    source = load((TEXT + "全市森林覆盖率达6\ufffd.5%。").encode(), "a.txt")
    assert source.text.endswith("6_.5%。") and source.repairs["lost_characters"] == 1
    values = [f["value"] for f in read_document((TEXT + "\n全市湿地保护率达6\ufffd.5%。").encode(), "a.txt").figures]
    assert 6 not in values and 0.5 not in values and 5 not in values


WRONG = {
    "two encodings": (TEXT.encode() + TEXT.encode("gb18030"), "两种编码：第 1 行是 UTF-8，第 37 行是 GB18030"),
    "lost before": (TEXT[:200].encode() + "锟斤拷".encode() * 9, "已经丢失"),
    "read as gb18030": (TEXT.encode().decode("gb18030", "ignore").encode(), "被当作 GB18030"),
    "read as latin": (TEXT.encode().decode("latin-1").encode(), "被当作"),
    "too many broken": (b"".join(c.encode() + b"\xff" for c in TEXT[:90]), "编码无法识别"),
    "japanese": ("水質の改善について、環境基準を達成した。".encode("shift_jis") * 9, "编码无法识别"),
}


@pytest.mark.parametrize("case", list(WRONG))
def test_a_wrong_encoding_is_named_in_one_sentence(case):
    data, words = WRONG[case]
    with pytest.raises(errors.WrongEncoding) as caught:
        decode(data, "a.txt")
    assert words in caught.value.message_zh and caught.value.message_zh.count("。") == 1
    assert caught.value.remedy_zh
