"""Text of the public: nothing invisible stays, nothing visible goes."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from ecocloud.base import typed
from ecocloud.portal.plain import cleaned, one_line


@given(st.text(max_size=300))
def test_what_is_cleaned_can_be_stored_shown_and_cleaned_again(text):
    done = cleaned(text)
    assert cleaned(done) == done == done.strip()
    # the house's own reader of typed text finds nothing to refuse
    assert typed.visible(done) == done
    assert "\n\n\n" not in done
    assert not any(unicodedata.category(sign) in ("Cs", "Cc") for sign in done if sign not in "\n\t")


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=200))
def test_everything_visible_stays(text):
    assert cleaned(text) == text


@given(st.text(max_size=200))
def test_one_line_is_one_line(text):
    assert "\n" not in one_line(text) and one_line(one_line(text)) == one_line(text)


def test_markup_and_statements_stay_text():
    for text in ("<script>alert(1)</script>", "'; DROP TABLE portal_report; --", "=1+1", "👨‍👩‍👧 家"):
        assert cleaned(text) == text
    assert cleaned("a\u202eb\u200bc\x07") == "abc"
    assert cleaned("一\r\n二\u2028三") == "一\n二\n三"
