import pytest

from analytics.metrics import METRICS, shown
from analytics.sources.fitting import Fitted
from analytics.weighing.weighting import weigh_as
from pages.parts.overview import sentences as overview_sentences
from pages.shared import markup, words
from tests.pages.reader import alts, figures, opened, said, tiled, tiles, told, usual, weighed, well


def test_the_tiles_show_what_the_library_says(sample: Fitted) -> None:
    app = opened()
    found = figures(sample, usual(sample))
    assert tiles(app) == tiled(found)
    assert said(app) == overview_sentences.overview(found, 600).replace("**", "")


def test_each_tile_has_its_interval_its_difference_and_its_definition(sample: Fitted) -> None:
    found = figures(sample, usual(sample))
    for name, tile in zip(shown("tile"), opened().metric, strict=True):
        assert words.between(name, found[name].low, found[name].high) in tile.value
        assert tile.delta.startswith(words.change(name, found[name].difference.value))
        assert tile.help == METRICS[name].meaning


@pytest.mark.parametrize("cutoff", [350, 530, 700])
def test_the_cutoff_moves_who_is_accepted_and_how_many_of_them_default(
    sample: Fitted, cutoff: int
) -> None:
    app = opened()
    app.slider(key="cutoff").set_value(cutoff).run()
    assert tiles(app) == tiled(figures(sample, usual(sample), cutoff=cutoff))
    assert f"At {cutoff} points" in said(app)


def test_above_the_best_score_nobody_is_accepted() -> None:
    app = opened(cutoff="950", weights="bureau=1")
    assert said(app).endswith("At 950 points nobody is accepted.")
    assert tiles(app)["Bad rate of the accepted"] == "none"


def test_the_figures_behind_the_distribution_add_up_with_those_who_have_no_score(
    sample: Fitted,
) -> None:
    app = opened()
    frame = app.dataframe[0].value
    scored = figures(sample, usual(sample))["coverage"].value
    assert frame["share"].sum() == pytest.approx(scored, abs=1e-9)


def test_the_figures_behind_the_segments_are_those_of_the_picture() -> None:
    frame = opened().dataframe[1].value
    assert (
        f"Coverage of {len(frame)} segments; lowest in"
        f" {frame.loc[frame['value'].idxmin(), 'segment']}, {frame['value'].min():.1%}"
        in alts(opened())
    )


def test_every_chart_says_in_words_what_it_shows() -> None:
    assert [alt.split()[0] for alt in alts(opened())] == [
        "Score",
        "Coverage",
        "Coverage",
        "AUC",
        "PSI",
    ]


def test_where_nobody_of_both_outcomes_is_scored_the_sentence_says_what_to_do() -> None:
    app = opened(weights="bureau=1", cohort="bureau.accounts_open == None")
    assert well(app)
    assert (
        said(app)
        == "We can score 0.0% of people. Nobody of both outcomes is scored: give weight to sources"
        " that know more people, or lower the floor."
    )


def test_the_strictest_floor_still_reads(sample: Fitted) -> None:
    everything = ",".join(f"{key}=1" for key in sample.evidence.catalog.keys)
    assert tiles(opened(weights=everything, floor="100")) == tiled(
        figures(sample, weighed(sample, everything, floor=1.0))
    )


def test_where_outcomes_are_few_the_note_stands_under_the_sentence(turns: Fitted) -> None:
    app = opened()
    assert well(app)
    assert any(markup.beneath(turns.note) == html.proto.body for html in app.get("html"))


def test_without_segments_the_page_says_how_to_name_some(turns: Fitted) -> None:
    app = opened()
    assert "The catalog names no segments" in told(app)
    assert not any(alt.endswith("segments") for alt in alts(app))


def test_where_no_month_is_large_enough_to_read_there_are_no_empty_charts(turns: Fitted) -> None:
    app = opened(cohort="bureau.utilisation > 0.3")
    assert well(app)
    assert "no month has 30 persons and 5 of each outcome" in told(app)
    assert [alt.split()[0] for alt in alts(app)] == ["Score"]


def test_where_everybody_has_a_score_the_tile_says_so_in_few_letters(turns: Fitted) -> None:
    found = figures(
        turns,
        weigh_as(turns.evidence.catalog, {"bank": 1, "bureau": 1}, 0.01),
        cohort="bank.balance != None",
    )
    assert found["coverage"].value == 1
    told = words.tile("coverage", found["coverage"], "equal")
    assert told["value"] == "100%"
    assert told["interval"].endswith("–100%")


def test_equal_weights_are_not_compared_with_themselves(turns: Fitted) -> None:
    found = figures(turns, weigh_as(turns.evidence.catalog, {"bank": 1, "bureau": 1}, 0.01))
    alone, beside = (words.tile("coverage", found["coverage"], other) for other in ("", "equal"))
    assert (alone["change"], alone["versus"]) == (None, "")
    assert beside["versus"] == "vs equal"
    assert not any(tile.delta for tile in opened(weights="bank=1,bureau=1").metric)
    assert all(tile.delta for tile in opened(weights="bank=1,bureau=2").metric[:2])
