import plotly.graph_objects as go
import polars as pl

from analytics.charts.steps import best_of

LABELS = {"bureau": "Bureau", "bank": "Bank account", "tax": "Tax", "social": "Social"}
FRAME = pl.DataFrame(
    {
        "k": [1, 2, 3],
        "sources": [["bank"], ["bank", "tax"], ["bureau", "bank", "social"]],
        "added": [["bank"], ["tax"], ["bureau", "social"]],
        "dropped": [[], [], ["tax"]],
        "coverage": [0.5, 0.7, 0.8],
        "coverage_low": [0.49, 0.69, 0.79],
        "coverage_high": [0.51, 0.71, 0.81],
        "auc": [0.65, 0.7, 0.73],
        "auc_low": [0.64, 0.69, 0.72],
        "auc_high": [0.66, 0.71, 0.74],
        "price": [0.5, 0.9, None],
    },
    schema_overrides={"dropped": pl.List(pl.String)},
)


def named(figure: go.Figure, name: str) -> go.Scatter:
    return next(trace for trace in figure.data if trace.name == name)


def test_every_number_of_sources_is_a_level_step_as_wide_as_one() -> None:
    line = named(best_of(FRAME, labels=LABELS), "auc")
    assert (list(line.x), list(line.y)) == (
        [0.5, 1.5, 1.5, 2.5, 2.5, 3.5],
        [0.65, 0.65, 0.7, 0.7, 0.73, 0.73],
    )


def test_auc_is_above_and_coverage_below() -> None:
    figure = best_of(FRAME, labels=LABELS)
    assert (named(figure, "auc").yaxis, named(figure, "coverage").yaxis) == ("y", "y2")
    assert figure.layout.yaxis.domain[0] > figure.layout.yaxis2.domain[1]
    assert figure.layout.yaxis2.tickformat == ".0%"


def test_under_each_step_stands_what_came_in_and_what_went() -> None:
    ticks = best_of(FRAME, labels=LABELS).layout.xaxis.ticktext
    assert list(ticks) == [
        "<b>1</b><br>+ Bank<br>account",
        "<b>2</b><br>+ Tax",
        "<b>3</b><br>+ Bureau<br>+ Social<br>− Tax",
    ]


def test_a_phone_counts_further_changes() -> None:
    assert list(best_of(FRAME, labels=LABELS, narrow=True).layout.xaxis.ticktext) == [
        "<b>1</b> + Bank account",
        "<b>2</b> + Tax",
        "<b>3</b> + Bureau<br>and 2 more",
    ]


def test_pointing_says_it_in_words() -> None:
    figure = best_of(FRAME, labels=LABELS)
    assert (
        named(figure, "auc dots").customdata[0]
        == "<b>the best source</b><br>Bank account<br>AUC of everyone 0.650 (0.640 to"
        " 0.660)<br>price 0.50 per person"
    )
    assert (
        named(figure, "coverage dots").customdata[2]
        == "<b>the best 3 sources</b><br>Bureau, Bank account, Social<br>80.0% of people can be"
        " scored (79.0% to 81.0%)"
    )


def test_without_intervals_there_is_no_band() -> None:
    bare = best_of(FRAME.drop("auc_low", "auc_high"), labels=LABELS)
    assert (len(best_of(FRAME, labels=LABELS).data), len(bare.data)) == (8, 6)
    assert "AUC of everyone 0.650<br>" in named(bare, "auc dots").customdata[0]
