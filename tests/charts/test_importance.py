import plotly.graph_objects as go
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.charts.importance import importance
from analytics.charts.look import GREY, canvas
from analytics.charts.rows import LINE, Rows, cut, key, signed, ticks

COLOURS = {"bank": "#8a78fd", "tax": "#0a7591"}
LABELS = {"bank": "Bank account", "tax": "Tax"}
SOURCES = pl.DataFrame(
    {
        "key": ["bank", "tax"],
        "label": ["Bank account", "Tax"],
        "share": [0.7, 0.3],
        "weight": [0.4, 0.6],
        "mean": [14.0, 6.0],
    }
)
FEATURES = pl.DataFrame(
    {
        "key": ["a", "b", "c", "d"],
        "label": ["Balance", "Overdrafts", "Tax paid", "Inflow"],
        "source": ["bank", "bank", "tax", "bank"],
        "share": [0.4, 0.3, 0.2, 0.1],
        "mean": [4.0, 3.0, 2.0, 1.0],
        "weight": [None, None, None, None],
    }
)


def named(figure: go.Figure, name: str) -> object:
    return next(trace for trace in figure.data if trace.name == name)


def texts(figure: go.Figure) -> list[str]:
    return [note.text for note in figure.layout.annotations]


def test_bars_are_shares_in_the_sources_colours_with_the_first_on_top() -> None:
    figure = importance(SOURCES, colours=COLOURS)
    bars = named(figure, "share")
    assert list(zip(bars.y, bars.x, bars.marker.color, strict=True)) == [
        (0, 0.7, "#8a78fd"),
        (1, 0.3, "#0a7591"),
    ]
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]


def test_the_weight_of_the_policy_is_a_tick_beside_what_the_model_did() -> None:
    figure = importance(SOURCES, colours=COLOURS)
    tick = named(figure, "weight")
    assert (list(tick.x), tick.marker.symbol) == ([0.4, 0.6], "line-ns")
    assert texts(figure) == [
        "40.0%",
        "60.0%",
        "weight",
        "<b>70.0%</b>",
        "<b>30.0%</b>",
        "<b>did</b>",
    ]
    assert (
        figure.layout.xaxis.title.text
        == "share of what moved the score · <b>|</b> weight in the policy"
    )


def test_features_have_no_weight_the_colour_of_their_source_and_a_key() -> None:
    figure = importance(FEATURES, colours=COLOURS, labels=LABELS)
    assert list(named(figure, "share").marker.color) == ["#8a78fd", "#8a78fd", "#0a7591", "#8a78fd"]
    assert [trace.name for trace in figure.data] == ["share"]
    assert (
        texts(figure)[-1] == '<span style="color:#8a78fd">■</span> Bank account&nbsp;&nbsp; <span'
        ' style="color:#0a7591">■</span> Tax'
    )


def test_dimensions_are_in_ink_which_is_pale_so_that_ticks_show() -> None:
    bars = named(importance(SOURCES.with_columns(key=pl.col("label")), colours=COLOURS), "share")
    assert (bars.marker.color, bars.marker.opacity) == (None, 0.45)


def test_the_long_tail_is_one_row_with_its_sum_in_figures_but_without_a_bar() -> None:
    figure = importance(FEATURES, colours=COLOURS, most=3)
    bars = named(figure, "share")
    assert list(figure.layout.yaxis.ticktext) == ["Balance", "Overdrafts", "2 others together"]
    assert texts(figure)[-1] == "<b>30.0%</b>"
    assert list(bars.x)[:2] == [0.4, 0.3]
    assert bars.x[2] is None or bars.x[2] != bars.x[2]
    assert bars.marker.color[2] == GREY


def test_pointing_says_it_in_words() -> None:
    said = named(importance(SOURCES, colours=COLOURS), "share").customdata
    assert (
        said[0]
        == "<b>Bank account</b><br>70.0% of what moved the score<br>14.00 points up or down for a"
        " person, on average<br>the policy gives it 40.0% of the weight"
    )
    of_feature = named(
        importance(FEATURES, colours=COLOURS, labels=LABELS, unit="log-odds"), "share"
    ).customdata
    assert (
        of_feature[2]
        == "<b>Tax paid</b><br>Tax<br>20.0% of what moved the score<br>2.00 log-odds up or down for"
        " a person, on average"
    )


def test_on_a_phone_names_stand_above_their_bars_and_no_figure_is_lost() -> None:
    wide, phone = (importance(SOURCES, colours=COLOURS, narrow=narrow) for narrow in (False, True))
    assert (wide.layout.yaxis.showticklabels, phone.layout.yaxis.showticklabels) == (True, False)
    assert set(texts(phone)) == {*texts(wide), "Bank account", "Tax"}
    assert phone.layout.height == wide.layout.height + 2 * LINE


def test_the_axis_holds_every_bar_and_tick_in_percent() -> None:
    axis = importance(
        SOURCES.with_columns(weight=pl.Series([0.9, 0.1])), colours=COLOURS
    ).layout.xaxis
    assert axis.range[0] == 0
    assert axis.range[1] > 0.9
    assert axis.tickformat == ".0%"


def test_no_rows_are_drawn_without_complaint() -> None:
    assert len(importance(SOURCES.clear(), colours=COLOURS).data[0].x) == 0


def test_the_frame_stays_as_it_was() -> None:
    before = FEATURES.clone()
    importance(FEATURES, colours=COLOURS, labels=LABELS, most=2, narrow=True)
    assert before.equals(FEATURES)


@given(st.text(), st.integers(4, 60))
def test_a_cut_text_is_never_longer_than_asked_for(text: str, most: int) -> None:
    assert len(cut(text, most)) <= most
    assert len(text) > most or cut(text, most) == text


def test_a_text_without_spaces_is_cut_between_letters() -> None:
    assert cut("一二三四五六七八", 6) == "一二三四五…"


@pytest.mark.parametrize(
    ("points", "text"), [(12.34, "+12.3"), (-3.0, "−3.0"), (0.0, "0.0"), (-0.04, "0.0")]
)
def test_a_difference_has_its_sign_and_nothing_has_none(points: float, text: str) -> None:
    assert signed(points) == text


def test_ticks_of_differences_have_signs_but_zero_has_none() -> None:
    assert ticks(-22, 30, most=5) == {"tickvals": [-20, 0, 20], "ticktext": ["−20", "0", "+20"]}


@given(st.floats(-1e3, 1e3), st.floats(0.01, 1e3))
def test_ticks_stay_within_the_axis(low: float, width: float) -> None:
    at = ticks(low, low + width, most=5)["tickvals"]
    assert all(low - 1e-6 * width <= tick <= low + width + 1e-6 * width for tick in at)


def test_marks_stand_in_the_middle_of_a_row_and_on_a_phone_below_their_name() -> None:
    assert Rows(["a", "b"], 20).y == [0, 1]
    phone = Rows(["a"], LINE, narrow=True)
    assert phone.y == [0.25]  # half of the row is the name's
    assert phone.part(1) == 0.5


def test_a_key_that_is_too_long_for_a_line_takes_two() -> None:
    names = {f"A source with a long name {i}": "#456c4b" for i in range(2)}
    assert (
        key(canvas(100), names, narrow=True),
        key(canvas(100), names, narrow=False),
        key(canvas(100), {}, narrow=False),
    ) == (38, 21, 0)
