"""The text as people see it. Expected places were counted by hand in the texts below."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.intake.documents import paragraphs

TEXT = (
    "关于样例的通知\n\n一、总体要求\n　　第一段第一句。第一段第二句，较长。\n"
    "（一）小标题\n第二段只有一句（附注）。\n第四条 应当登记。应当公示。\n"
)


def place(words):
    segments = paragraphs.split(TEXT)
    start = TEXT.index(words)
    return paragraphs.place_of(TEXT, segments, start, start + len(words)).words


def test_places_are_counted_in_paragraphs_and_sentences():
    assert place("第一段第二句") == "第 1 段 第 2 句"
    assert place("第一句。第一段第二句，") == "第 1 段 第 1–2 句"
    assert place("第一段第一句。第一段第二句，较长。") == "第 1 段"
    assert place("第二段只有一句（附注）。") == "第 2 段"
    assert place("应当公示。") == "第四条 第 2 句"
    assert place("一、总体要求") == "第 1 段前标题"


def test_kinds_and_numbers_of_segments():
    assert [(s[2], s[3]) for s in paragraphs.split(TEXT)] == [
        ("t", 0), ("1", 0), ("p", 1), ("2", 1), ("p", 2), ("p", 3),
    ]  # fmt: skip


def test_table_rows_are_named_by_table_and_row():
    text = "序号\t问题\n1\t污水直排\n"
    segments = paragraphs.split(text, [(0, 1, 1), (6, 1, 2)])
    found = paragraphs.place_of(text, segments, 8, 12)
    assert (found.words, found.anchor) == ("表 1 第 2 行", "t1-2")


@settings(max_examples=150)
@given(st.text(alphabet="一、甲乙。！（）\n \u3000\t", max_size=200), st.integers(3, 40))
def test_segments_never_overlap_and_lose_only_white_space(text, longest):
    segments = paragraphs.split(text, longest=longest)
    at = 0
    for start, end, kind, *_ in segments:
        assert at <= start < end <= len(text) and not text[at:start].strip(" \t\n\u3000")
        assert kind != "p" or end - start <= longest
        at = end
    assert not text[at:].strip(" \t\n\u3000")


@settings(max_examples=100)
@given(
    st.text(alphabet="甲乙丙丁。", min_size=1, max_size=40),
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), max_size=6),
)
def test_marked_runs_give_the_text_back(text, raw):
    spans = [paragraphs.Span(a, a + n, "t", i) for i, (a, n) in enumerate(raw)]
    found = paragraphs.runs(text, 0, len(text), spans, {0: [1]})
    assert "".join(run.text for run in found) == text
    assert all(run.at == sum(len(one.text) for one in found[:i]) for i, run in enumerate(found))


def test_pages_hold_every_segment_once():
    segments = [[i * 10, i * 10 + 9, "p", i, 0] for i in range(95)]
    ranges = paragraphs.pages(segments, 30, 10_000)
    assert ranges == [(0, 30), (30, 60), (60, 90), (90, 95)]
    assert paragraphs.pages([], 30, 100) == [(0, 0)]
    assert len(paragraphs.pages(segments, 200, 90)) == 10
