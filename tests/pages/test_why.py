import polars as pl
import pytest

from analytics.data.cohort import Cohort
from analytics.deciding.scorecard import STANDARD
from analytics.explaining import cohorts, records
from analytics.explaining.explanation import Explanation, Weighed, draw_background, explain, weigh
from analytics.sources.fitting import Fitted
from analytics.weighing.readings import calibrate
from analytics.weighing.tally import tally
from pages.parts.why.sentences import pairs
from tests.pages.reader import alts, opened, said, told, usual, well


@pytest.fixture(scope="module")
def explained(sample: Fitted) -> Explanation:
    """What the models make of the test persons."""
    persons, models = sample.evidence.split("test"), sample.models()
    return explain(
        records.stream(sample.population, models, persons), models, sample.evidence.base_rate
    )


def weighed(sample: Fitted, explained: Explanation) -> Weighed:
    """The test persons under the weights of a first visit."""
    calibration = calibrate(tally(sample.evidence.split("calibrate"), usual(sample)))
    return weigh(explained, sample.evidence.split("test"), usual(sample), calibration)


@pytest.fixture(scope="module")
def everyone(sample: Fitted, explained: Explanation) -> Weighed:
    """What moves their scores."""
    return weighed(sample, explained)


def test_the_sentence_names_the_source_and_the_feature_that_move_the_score_most(
    everyone: Weighed,
) -> None:
    source, feature = (
        cohorts.importance(everyone, by).row(0, named=True) for by in ("source", "feature")
    )
    sentence = said(opened("why"))
    assert sentence.startswith(
        f"{source['label']} moves the score most: {source['share']:.1%} of all movement with"
        f" {source['weight']:.1%} of the weight."
    )
    assert f"{feature['label']} " in sentence
    assert f"{STANDARD.factor * feature['mean']:.1f} points on average" in sentence


def test_the_figures_behind_the_charts_are_the_library_s(everyone: Weighed) -> None:
    app = opened("why")
    assert (
        app.dataframe[0].value["share"].tolist()
        == cohorts.importance(everyone, "source")["share"].to_list()
    )
    assert app.dataframe[1].value["key"].tolist() == cohorts.importance(everyone)["key"].to_list()


def test_a_link_holds_the_rest_at_a_background_and_all_figures_follow(
    sample: Fitted, explained: Explanation
) -> None:
    app = opened("why", others="holding the rest", background="region: West")
    rows = sample.population.collect(Cohort.parse("region == 'West'"), ["row"])["row"]
    test = sample.evidence.split("test")
    west = test.where(
        test.people["row"].is_in(rows.cast(test.people.schema["row"]).implode()).to_numpy()
    )
    drawn = draw_background(explained, west)
    designs = [part.design for part in explained.parts]
    held = explain(designs, sample.models(), sample.evidence.base_rate, background=drawn)
    found = weighed(sample, held)
    assert well(app)
    assert (
        app.dataframe[0].value["share"].tolist()
        == cohorts.importance(found, "source")["share"].to_list()
    )
    assert (
        app.dataframe[1].value["mean"].tolist()
        != cohorts.importance(weighed(sample, explained))["mean"].to_list()
    )
    app.button_group(key="others").set_value("with").run()
    assert (
        app.dataframe[0].value["share"].tolist()
        == cohorts.importance(weighed(sample, explained), "source")["share"].to_list()
    )


def test_dimensions_stand_in_for_sources(everyone: Weighed) -> None:
    app = opened("why")
    app.get("button_group")[1].set_value("Dimensions").run()
    assert (
        app.dataframe[0].value["key"].tolist()
        == cohorts.importance(everyone, "dimension")["key"].to_list()
    )


@pytest.mark.parametrize(
    "key", ["payments.credit_line_use", "ecommerce.platform", "bank.main_bank"]
)
def test_another_feature_shows_its_own_dependence(everyone: Weighed, key: str) -> None:
    known = cohorts.importance(everyone)["key"].to_list()
    chosen = key if key in known else known[3]
    app = opened("why")
    app.selectbox(key="feature").select(chosen).run()
    found = cohorts.dependence(everyone, *chosen.split(".", 1))
    assert well(app)
    assert app.dataframe[2].value["persons"].tolist() == found["persons"].to_list()


def test_the_second_feature_is_another_of_the_same_source() -> None:
    app = opened("why")
    source = app.selectbox(key="feature").value.partition(".")[0]
    assert (
        app.selectbox(key="feature").value.partition(".")[2]
        not in app.selectbox(key="with").options
    )
    assert well(app.selectbox(key="with").select_index(1).run())
    assert source


def test_two_cohorts_are_told_apart_by_steps_from_one_mean_to_the_other(everyone: Weighed) -> None:
    app = opened("why", cohort="region == 'West'")
    app.selectbox(key="against").select("Everyone").run()
    start = STANDARD.anchor - STANDARD.factor * (
        app.dataframe[-1].value["step"].iloc[0] + pl.Series([STANDARD.odds]).log()[0]
    )
    assert f"{start:.1f} points of Everyone" in alts(app)[-1]
    assert "region is West" in alts(app)[-1]


def test_cells_of_a_heat_map_stand_in_the_order_of_their_values() -> None:
    frame = pl.DataFrame(
        {
            "first": ["1 to 2", "1 to 2", "3 to 4"],
            "second": ["missing", "10 to 20", "5 to 9"],
            "contribution": [0.1, 0.2, 0.3],
            "persons": [1, 2, 3],
        }
    ).with_columns(
        first_value=pl.Series([1.5, 1.5, 3.5]), second_value=pl.Series([None, 15.0, 7.0])
    )
    cells = pairs(frame, STANDARD)
    assert cells["a"].unique(maintain_order=True).to_list() == ["1 to 2", "3 to 4"]
    assert cells["b"].unique(maintain_order=True).to_list() == ["5 to 9", "10 to 20", "missing"]
    assert cells["persons"].sum() == 6


def test_a_cohort_of_whom_nobody_is_scored_says_so() -> None:
    app = opened("why", weights="enterprise=1", floor="100", cohort="file == 'thin'")
    assert not app.exception
    assert said(app) or told(app)


def test_a_cohort_is_not_compared_with_itself(turns: Fitted) -> None:
    app = opened("why")
    assert well(app)
    assert "Everyone and Everyone have the same mean score, " in told(app)
    assert not any(alt.startswith("The mean score is") for alt in alts(app))
