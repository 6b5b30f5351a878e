"""Formula signs per OWASP's page on CSV injection (= + - @ tab CR) and their full-width twins."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecocloud.base.sheets.guard import DANGEROUS, escape, is_quoted, quote, unescape, unquote

NASTY = st.text(alphabet=st.sampled_from("=+-@\t\r\n' ＝a甲_x0D"), max_size=12)


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@a", "\ta", "\ra", "=cmd|' /C calc'!A0", "＝1", "'=1", " a", "a "]
)
def test_dangerous_texts_are_quoted(text):
    assert quote(text) == "'" + text and unquote(quote(text)) == text and is_quoted(quote(text))


@pytest.mark.parametrize("text", ["", "a=1", "甲", "'", "''", "'甲", "1-2"])
def test_harmless_texts_stay(text):
    assert quote(text) == text and unquote(text) == text


@given(st.one_of(st.text(max_size=30), NASTY))
@settings(max_examples=300)
def test_identity_and_safety(text):
    assert unquote(quote(text)) == text
    assert quote(text)[:1] not in DANGEROUS
    assert unescape(escape(text)) == text
