import polars as pl

from analytics.charts.weights import one_weight

FRAME = pl.DataFrame(
    {
        "weight": [0.0, 0.5, 1.0],
        "coverage": [0.8, 0.7, 0.5],
        "auc": [0.7, 0.75, 0.72],
        "auc_low": [0.69, 0.74, 0.7],
        "auc_high": [0.71, 0.76, 0.74],
    }
)


def test_coverage_stands_above_accuracy_over_one_axis_of_weight() -> None:
    figure = one_weight(FRAME, current=0.35, label="Bank", colour="#8a78fd")
    coverage, auc = figure.data[0], figure.data[-1]
    assert (list(coverage.y), coverage.yaxis, list(auc.y), auc.yaxis) == (
        [0.8, 0.7, 0.5],
        "y",
        [0.7, 0.75, 0.72],
        "y2",
    )
    assert figure.layout.yaxis.domain[0] > figure.layout.yaxis2.domain[1]
    assert (figure.layout.xaxis.title.text, figure.layout.xaxis.tickformat) == (
        "weight of Bank",
        ".0%",
    )


def test_the_rule_is_the_weight_now() -> None:
    figure = one_weight(FRAME, current=0.35, label="Bank", colour="#8a78fd")
    assert (figure.layout.shapes[0].x0, figure.layout.annotations[0].text) == (0.35, "now 35%")


def test_pointing_says_it_in_words() -> None:
    figure = one_weight(FRAME, current=0.35, label="Bank", colour="#8a78fd")
    assert (
        figure.data[0].customdata[1] == "Bank at 50% of the weight<br>70.0% of people can be scored"
    )
    assert figure.data[-1].customdata[1] == "Bank at 50% of the weight<br>AUC of everyone 0.750"


def test_only_a_reading_with_an_interval_has_a_band() -> None:
    assert [
        trace.yaxis for trace in one_weight(FRAME, current=0, label="Bank", colour="#8a78fd").data
    ] == ["y", "y2", "y2", "y2"]
