"""Charts drawn on the server: heights in proportion (computed by hand), gaps stay gaps, labels never cover another."""

from hypothesis import given
from hypothesis import strategies as st

from ecocloud.base.pages import drawing
from ecocloud.base.pages.charts import Chart, Limit, Series


def bar_chart(values, limits=()):
    months = [f"{n + 1}月" for n in range(len(values))]
    return Chart("bar", "比例", months, [Series("今年", values)], "%", limits=limits)


def test_bars_start_at_zero_and_keep_their_proportion():
    made = drawing.bars(bar_chart([50, 100, 0]), height=142)
    # 142 - 20 above - 22 below = 100 px for the highest value
    assert [box.height for box in made.boxes] == ["50.0", "100.0", "0.0"]
    assert {box.css for box in made.boxes} == {"bar-full"}


def test_a_bar_equal_to_the_target_is_not_pale():
    made = drawing.bars(bar_chart([93.9, 94, 94.1], (Limit("目标", 94, target=True),)))
    assert [box.css for box in made.boxes] == ["bar-pale", "bar-full", "bar-full"]


def test_a_missing_value_is_a_dash_and_no_bar():
    made = drawing.bars(bar_chart([1, None, 2]))
    assert len(made.boxes) == 2 and [word.text for word in made.words].count("—") == 1


def test_steps_start_where_the_one_before_ends():
    """30 up, 10 down, 20 up make 40; 162 - 2 · 20 - 22 = 100 px for 40, so 2.5 px each."""
    made = drawing.steps(bar_chart([30, -10, 20, 40]), height=162)
    assert [(box.y, box.height, box.css) for box in made.boxes] == [
        ("45.0", "75.0", "bar-more"), ("45.0", "25.0", "bar-less"), ("20.0", "50.0", "bar-more"),
        ("20.0", "100.0", "bar-full"),
    ]  # fmt: skip
    assert [word.text for word in made.words if word.css == "bar-word"] == ["+30", "−10", "+20", "+40"]
    assert len(made.strokes) == 3  # the axis and what joins the three effects


def test_steps_below_zero_and_of_nothing():
    made = drawing.steps(bar_chart([-30, 10, -20]), height=162)
    assert [(box.y, box.height) for box in made.boxes] == [("20.0", "100.0"), ("86.7", "33.3"), ("20.0", "66.7")]
    flat = drawing.steps(bar_chart([0, 0]), height=162)
    assert {box.height for box in flat.boxes} == {"0.0"}


def test_lines_do_not_cross_a_gap():
    chart = Chart("line", "浓度", list("abcd"), [Series("2026年", [1, None, 2, 3])], limits=(Limit("限值", 4),))
    made = drawing.lines(chart)
    assert [stroke.css for stroke in made.strokes].count("now-line") == 1
    assert len(made.dots) == 3
    assert [stroke.css for stroke in made.strokes].count("limit-line") == 1


def test_nothing_to_draw_is_no_error():
    assert drawing.bars(bar_chart([])).boxes == ()
    assert drawing.lines(Chart("line", "无", ["a", "b"], [Series("x", [None, None])])).dots == ()


@given(st.floats(min_value=0.001, max_value=1e9))
def test_the_axis_ends_above_the_highest_value(value):
    top, step = drawing.nice_top(value)
    assert top >= value * 0.999999 and 1 <= round(top / step) <= 5


@given(st.lists(st.floats(min_value=0, max_value=50), min_size=1, max_size=4))
def test_labels_at_the_right_end_keep_their_distance(lasts):
    series = [Series(f"线{n}", [last, last]) for n, last in enumerate(lasts)]
    made = drawing.lines(Chart("line", "浓度", ["a", "b"], series, limits=(Limit("限值", 30),)), height=170)
    heights = sorted(float(word.y) for word in made.words if word.anchor == "start")
    assert all(after - before >= 16.9 for before, after in zip(heights, heights[1:], strict=False))


def test_the_page_has_the_same_numbers_as_a_table(render):
    html = render("{% drawn spec %}", spec=drawing.bars(bar_chart([50, 100])))
    assert html.count("<rect") == 2 and html.count("<td>") == 2 and "style=" not in html
