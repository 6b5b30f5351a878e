"""Cutting text. Expected terms written out by hand."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.base.search.text import marks, normal, parts, relaxed, snippet, streams, terms


def test_streams_of_mixed_text():
    assert streams("PM2.5浓度，降3%") == ("pm 2 5 浓 度 降 3", "pm 2 5 浓度 降 3")
    assert streams("") == ("", "")
    assert streams("生态文明") == ("生 态 文 明", "生态 态文 文明")


def test_full_width_is_the_same():
    assert streams("ＰＭ２．５") == streams("pm2.5")
    assert normal("ａB") == ("ab", None)  # as long as before
    assert normal("㎡水") == ("m2水", [0, 0, 1])


def test_terms_choose_their_stream():
    found = terms("河长制  水 PM2.5 —— 第3批")
    assert [(term.stream, term.tokens) for term in found] == [
        ("pairs", ("河长", "长制")),
        ("uni", ("水",)),
        ("uni", ("pm", "2", "5")),
        ("uni", ("第", "3", "批")),
    ]
    assert terms("，。 ！") == []


def test_relaxed_cuts_long_runs_into_pairs():
    assert [t.tokens for t in relaxed(terms("长江流域治理"))] == [("长江",), ("流域",), ("治理",)]
    assert [t.tokens for t in relaxed(terms("河长制度改"))] == [("河长",), ("制度",), ("度改",)]
    assert relaxed(terms("河长制")) == terms("河长制")


def test_marks_point_into_the_original():
    text = "㎡①ＰＭ２．５浓度；pm2.5"
    found = [text[a:b] for a, b in marks(text, terms("PM2.5"))]
    assert found == ["ＰＭ２．５", "pm2.5"]


def test_snippet_surrounds_the_first_match():
    body = "前" * 200 + "河长制" + "后" * 200
    excerpt, spans = snippet(body, terms("河长制"))
    assert excerpt.startswith("…") and excerpt.endswith("…") and len(excerpt) <= 142
    assert [excerpt[a:b] for a, b in spans] == ["河长制"]
    assert parts(excerpt, spans)[1] == ("河长制", True)
    assert snippet("短文", terms("河长制")) == ("短文", [])


anything = st.text(st.characters(exclude_categories=()), max_size=60)


@given(body=anything, query=anything)
@settings(max_examples=200, deadline=None)
def test_any_text_is_cut_and_pieces_join_to_the_whole(body, query):
    for stream in streams(body):
        assert re.search(r"\s\s|^\s|\s$", stream) is None
    found = terms(query)
    excerpt, spans = snippet(body, found)
    assert "".join(piece for piece, _ in parts(excerpt, spans)) == excerpt
    assert all(0 <= a < b <= len(excerpt) for a, b in spans)
    assert terms(query) == found and relaxed(found) is not None
