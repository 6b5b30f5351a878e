"""Properties: evidence is exact, offset maps are monotone and lead back, nothing but EcoError is ever raised."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecocloud.base.errors import EcoError
from ecocloud.intake.documents.read import read_document, read_source
from ecocloud.intake.documents.text.repair import repair
from ecocloud.intake.documents.text.source import SourceText

CORPUS = Path(__file__).parent / "corpus" / "open"
SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.txt"))
PIECES = [
    "一、",
    "（一）",
    "1.",
    "（1）",
    "一是",
    "二是",
    "责任单位：",
    "（县水利局负责）",
    "(县水利局、县林业局",
    "))",
    "分别达到",
    "3.5、2.1%",
    "202_亩",
    "全市",
    "2024年",
    "6月底前",
    "增长",
    "同比下降8.2%",
    "，",
    "。",
    "；",
    "\n",
    "\r\n",
    "\t",
    "森林覆盖率达",
    "67.7%以上",
    "《",
    "》",
    "“",
    "”",
    "位居全省第一",
    "乡(xiāng)",
    "縣(xiàn)",
    "鎮(zhèn)",
    "\ufeff",
    "百分之九十",
    "由6%提高到15%",
    "12万余户",
    "第",
    "①",
    " ",
    "\u3000",
    "到2025年",
    "完成时限：",
    "2024年13月",
    "31日",
    "2月30日前",
    "名词注释",
    "(",
    ")",
    "1-8月",
    "…",
    "建设",
    "项目",
    "工程",
    "13个",
    "等",
]
fragments = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=40).map("".join)


def check(text: str, source: SourceText, reading) -> None:
    for record in reading.records():
        assert record["quote"] == source.original[record["start"] : record["end"]]
        assert 0 <= record["start"] < record["end"] <= len(source.original)
        assert 0 <= record["confidence"] <= 1 and record["rules"]
    for figure in reading.figures:
        assert figure["value_quote"] == source.original[figure["value_start"] : figure["value_end"]]
    for task in reading.tasks:
        for unit in task["units"]:
            assert task["start"] <= unit["start"] < unit["end"] <= task["end"]
        for limit in task["deadlines"]:
            assert limit["quote"] == source.original[limit["start"] : limit["end"]]


def read_text(text: str) -> None:
    source = repair(SourceText.plain("x.txt", "txt", text))
    check(text, source, read_source(source))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(fragments)
def test_any_text_gives_exact_evidence(text):
    read_text(text)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_cut_joined_and_mutated_documents_give_exact_evidence(data):
    texts = [p.read_text("utf-8") for p in SAMPLES]
    first, second = data.draw(st.sampled_from(texts)), data.draw(st.sampled_from(texts))
    a, b = data.draw(st.integers(0, len(first))), data.draw(st.integers(0, len(second)))
    cut = first[:a] + data.draw(st.sampled_from(PIECES)) + second[b:]
    read_text(cut)


def mutated(rng: random.Random, texts: list[str]) -> str:
    """A stretch of a document with words put in, characters exchanged and taken out."""
    text = rng.choice(texts)
    at = rng.randrange(len(text))
    chars = list(text[at : at + rng.randrange(10, 900)])
    for _ in range(rng.randrange(25)):
        where, kind = rng.randrange(len(chars) + 1), rng.random()
        if kind < 0.4:
            chars.insert(where, rng.choice(PIECES))
        elif kind < 0.7 and where < len(chars):
            chars[where] = chr(rng.choice([rng.randrange(0x20, 0x7F), rng.randrange(0x3000, 0x9FFF), 0xFF05, 0xFFFD]))
        else:
            del chars[where : where + rng.randrange(1, 6)]
    return "".join(chars)


def test_mutated_and_repeated_texts_raise_nothing_but_our_errors(full_size):
    """10,000 inputs at full size: stretches of documents with slips, runs of markers, one piece repeated."""
    rng = random.Random(20240607)
    texts = [p.read_text("utf-8") for p in [*SAMPLES, *(CORPUS.glob("*.txt"))]]
    for number in range(10_000 if full_size else 150):
        if number % 20 == 0:
            text = rng.choice(PIECES) * rng.randrange(1, 1500)
        elif number % 3:
            text = mutated(rng, texts)
        else:
            text = "".join(rng.choice(PIECES) for _ in range(rng.randrange(1, 80)))
        try:
            reading = read_document(text.encode("utf-8"), "a.txt")
        except EcoError:
            continue
        check(text, reading.source, reading)


@pytest.mark.parametrize(
    "piece", ["12万余户", "由6%提高到15%", "位居全省第一", "(县水利局", "一是", "1.", "《", "“", "分别3、4%、"]
)
def test_work_grows_with_the_length_also_for_one_piece_repeated(piece):
    """Ten times the text costs at most thirteen times the calls: linear, never quadratic.

    Calls are counted and not seconds, so that a busy machine cannot fail it; the seconds are measured in
    `benchmarks/documents.py`.
    """

    def calls(size: int) -> int:
        data = (piece * (size // len(piece))).encode("utf-8")
        count = 0

        def one_more(frame, event, argument):
            nonlocal count
            count += event in ("call", "c_call")

        before = sys.getprofile()
        sys.setprofile(one_more)
        try:
            read_document(data, "a.txt")
        finally:
            sys.setprofile(before)
        return count

    calls(500)
    assert calls(20_000) <= 13 * calls(2_000)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["a.txt", "a.docx", "a.pdf", "a.html", "a", "a.doc"]))
def test_arbitrary_bytes_raise_nothing_but_our_errors(data, name):
    try:
        reading = read_document(data, name)
    except EcoError:
        return
    check("", reading.source, reading)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(
        [b"PK\x03\x04", b"%PDF-1.7\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<html>", b"\xff\xfe", b"\xef\xbb\xbf"]
    ),
    st.binary(max_size=120),
)
def test_bytes_behind_a_known_signature_raise_nothing_but_our_errors(head, data):
    try:
        read_document(head + data, "a")
    except EcoError:
        return


@settings(max_examples=150, deadline=None)
@given(fragments)
def test_offset_map_is_monotone_and_leads_back(text):
    source = repair(SourceText.plain("x", "txt", text))
    assert source.map.length == len(source.text) == len(source.folded)
    last = 0
    for at in range(len(source.text)):
        start, end = source.map.span(at, at + 1)
        assert last <= start < end <= len(text)
        assert source.map.back(start) == at
        last = end


def test_glosses_and_traditional_characters_map_to_the_original():
    original = "全縣(xiàn)森林覆蓋率達(dá)67.2%,鄉(xiāng)鎮(zhèn)建設(shè)"
    source = repair(SourceText.plain("x", "txt", original))
    assert source.text == "全县森林覆盖率达67.2%,乡镇建设"
    start = source.text.index("达")
    assert source.quote(start, start + 6) == ("達(dá)67.2%", original.index("達"), original.index("%") + 1)
    assert source.quote(1, 2)[0] == "縣"


def test_a_text_with_brackets_but_without_tone_marks_is_left_alone():
    text = "设备(abc)和乡(x)村(ab)"
    assert repair(SourceText.plain("x", "txt", text)).text == text


def seeds() -> list[Path]:
    root = os.environ.get("ECOCLOUD_SHARED")
    shared = Path(root) if root else Path(__file__).resolve().parents[4] / "shared"
    return sorted((shared / "seeds").glob("*.txt"))


@pytest.mark.skipif(not seeds(), reason="the shared seed documents are not here")
def test_seed_documents_are_read_with_exact_evidence():
    for path in seeds():
        with open(path, encoding="utf-8", newline="") as handle:
            original = handle.read()
        reading = read_document(path.read_bytes(), path.name)
        assert reading.source.original == original
        assert reading.figures and reading.projects and reading.mechanisms
        check(original, reading.source, reading)
