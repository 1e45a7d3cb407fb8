import polars as pl
import pytest

from analytics.data.catalog.toml import read
from analytics.data.population import people as everyone_of
from analytics.sources.design import draw
from analytics.sources.features import features
from analytics.sources.fitting import Fitted
from analytics.weighing.learned import learned
from analytics.weighing.quality import alone
from analytics.weighing.value import best_of, coalitions, next_source, value, worth
from analytics.weighing.weighting import Weighting
from pages.parts.sources.inputs import BASES
from pages.shared import words
from pages.shared.datasets import SAMPLE
from tests.pages.reader import alts, opened, people, said, table, told, usual, weighed, well

CATALOG = read(SAMPLE)
KEYS = CATALOG.keys
LOOKED_AT = f"under {BASES['looked at']}"  # as the address has it
LABELS = {source.key: source.label for source in CATALOG}


def valued(
    sample: Fitted, weighting: Weighting, *, cohort: str = "", split: str = "test"
) -> dict[str, list[str]]:
    """What the library says each source is worth, as the table writes it, most worth first."""
    found = value(people(sample, cohort, split), weighting, margin=CATALOG.people.margin).sort(
        "shapley_auc_everyone", descending=True
    )
    return {
        row["label"]: [
            words.change("auc", row["shapley_auc_everyone"]),
            words.change("coverage", row["shapley_coverage"]),
        ]
        for row in found.iter_rows(named=True)
    }


def worths(app) -> dict[str, list[str]]:
    """The two columns of worth, by source."""
    return {name: row[4:6] for name, row in table(app).items()}


def taught(sample: Fitted, floor: float = 0.4, missing: str = "neutral") -> Weighting:
    return learned(sample.evidence.split("calibrate"), floor, missing)


def test_a_source_is_known_filled_and_good_alone_as_the_library_says(sample: Fitted) -> None:
    rows, persons = table(opened("sources")), sample.evidence.split("test")
    filled = dict(zip(sample.report["key"], sample.report["fill"], strict=True))
    for row, hit in zip(
        alone(persons, sample.evidence.split("calibrate")).iter_rows(named=True),
        persons.known.mean(axis=0),
        strict=True,
    ):
        shown = [
            words.share(hit),
            words.share(filled[row["key"]]),
            words.written("auc", row["auc"]),
            words.written("ks", row["ks"]),
        ]
        assert rows[LABELS[row["key"]]][:4] == shown
    assert set(rows) == set(LABELS.values())


def test_worth_is_under_learned_weights_at_first_and_under_those_looked_at_when_asked(
    sample: Fitted,
) -> None:
    app = opened("sources")
    before = valued(sample, taught(sample))
    assert {name: worths(app)[name] for name in before} == before
    assert [name for name in worths(app) if name in before] == list(before)
    app.get("button_group")[0].set_value("looked at").run()
    after = valued(sample, usual(sample))
    assert {name: row for name, row in worths(app).items() if row != ["–", "–"]} == after
    assert before != after


def test_a_source_without_weight_is_worth_no_number(sample: Fitted) -> None:
    app = opened("sources", weights="bureau=2,bank=1", basis=LOOKED_AT)
    assert worths(app)[LABELS["tax"]] == ["–", "–"]
    assert (
        worths(app)[LABELS["bureau"]]
        == valued(sample, weighed(sample, "bureau=2,bank=1"))[LABELS["bureau"]]
    )


def test_the_cohort_and_the_floor_change_what_sources_are_worth(sample: Fitted) -> None:
    app = opened("sources", cohort="region == 'West'", floor="70")
    expected = valued(sample, taught(sample, 0.7), cohort="region == 'West'")
    assert {name: worths(app)[name] for name in expected} == expected


def test_what_an_added_person_costs_is_the_price_over_the_worth_in_coverage(sample: Fitted) -> None:
    gained = dict(
        value(sample.evidence.split("test"), taught(sample))
        .select("key", "shapley_coverage")
        .iter_rows()
    )
    rows = table(opened("sources"))
    for source in CATALOG:
        price, per_person = rows[source.label][6:8]
        assert price == (f"{source.cost:,.2f}" if source.cost else "–")
        worthy = source.cost and gained.get(source.key, 0) > 0
        assert per_person == (f"{source.cost / gained[source.key]:,.2f}" if worthy else "–")


@pytest.mark.parametrize("key", ["bureau", "tax", "enterprise"])
def test_the_sheet_shows_the_columns_of_the_source_chosen(sample: Fitted, key: str) -> None:
    app = opened("sources")
    app.selectbox(key="source").select(key).run()
    everyone = everyone_of(sample.population)
    design = draw(sample.population, everyone, CATALOG.source(key))
    outcome = everyone.select(
        pl.when(pl.col("split") == "train").then(pl.col("defaulted").cast(pl.Float64))
    )["defaulted"].fill_null(float("nan"))
    expected = features(design, outcome.to_numpy()[design.rows])
    shown = table(app, 1)
    assert list(shown) == expected["label"].to_list()
    for row in expected.iter_rows(named=True):
        assert shown[row["label"]][:3] == [
            words.share(row["fill"]),
            f"{row['iv']:.2f}",
            row["trend"] or "–",
        ]
    assert f"Evaluation of {LABELS[key]}" in told(app)


def test_the_sheet_s_first_line_repeats_the_table(sample: Fitted) -> None:
    app = opened("sources", source=LABELS["bank"])
    hit, fill, auc, ks = table(app)[LABELS["bank"]][:4]
    assert (
        f"hit {hit}, fill {fill}, KS alone {ks}, AUC alone {auc}, {CATALOG.source('bank').cost:.2f}"
        f" {CATALOG.people.currency} a query" in told(app)
    )


def test_the_sentence_names_the_next_source_to_buy_and_what_it_brings(sample: Fitted) -> None:
    now = weighed(sample, "bureau=1,identity=1")
    best = next_source(sample.evidence.split("test"), now, sample.evidence.split("calibrate")).row(
        0, named=True
    )
    sentence = said(opened("sources", weights="bureau=1,identity=1"))
    assert sentence.startswith(
        f"Next to buy: {LABELS[best['key']]}. At 33% of the weight, beside Own weights, it brings"
        f" AUC of everyone {words.change('auc', best['gain'])}"
    )
    assert f"{words.change('coverage', best['coverage_gain'])} points of coverage" in sentence


def test_where_every_source_is_bought_the_sentence_names_the_most_and_the_least_worth(
    sample: Fitted,
) -> None:
    chosen, read = (
        list(valued(sample, taught(sample), split="calibrate")),
        valued(sample, taught(sample)),
    )
    sentence = said(opened("sources", weights=",".join(f"{key}=1" for key in KEYS)))
    assert sentence.startswith(
        f"{chosen[0]} is worth most: {read[chosen[0]][0]} AUC of everyone; {chosen[-1]} "
    )


def test_the_figures_behind_the_pictures_are_the_library_s(sample: Fitted) -> None:
    app, weighting, persons = (
        opened("sources", weights="bureau=2,bank=1,tax=1", basis=LOOKED_AT),
        weighed(sample, "bureau=2,bank=1,tax=1"),
        sample.evidence.split("test"),
    )
    frames = [element.value for element in app.dataframe]
    steps = next(frame for frame in frames if "k" in frame.columns)
    searched, read = (
        worth(each, weighting, coalitions(3))
        for each in (sample.evidence.split("calibrate"), persons)
    )
    expected = best_of(searched, read)
    assert steps["k"].tolist() == [1, 2, 3]
    assert steps["auc"].tolist() == expected["auc_everyone"].to_list()
    shared = next(
        frame for frame in frames if "shared" in frame.columns and "correlation" in frame.columns
    )
    assert list(zip(shared["a"], shared["b"], strict=True)) == [
        ("bureau", "bank"),
        ("bureau", "tax"),
        ("bank", "tax"),
    ]


def test_every_chart_says_in_words_what_it_shows(sample: Fitted) -> None:
    found = alts(opened("sources"))
    assert [alt.split()[0] for alt in found] == ["What", "What", "AUC", "What", "PSI", "Who"]
    most = next(iter(valued(sample, taught(sample))))
    assert f"What each source is worth; most: {most}" in found


def test_one_source_alone_still_reads() -> None:
    app = opened("sources", weights="bureau=1", basis=LOOKED_AT)
    assert well(app)
    assert "One source shares nothing" in alts(app)


def test_the_latest_months_are_valued_by_themselves(sample: Fitted) -> None:
    app = opened("sources", split="out_of_time")
    expected = valued(sample, taught(sample), split="out_of_time")
    assert {name: worths(app)[name] for name in expected} == expected


def test_a_gain_beside_the_weights_looked_at_and_a_worth_under_others_are_told_apart(
    sample: Fitted,
) -> None:
    app = opened("sources")
    name = sample.evidence.catalog.bureaus[0].weighting
    assert f", beside {name}, it brings" in said(app)
    assert "most worth first, under learned weights" in told(app)
    app.segmented_control(key="basis").set_value("looked at").run()
    assert f"most worth first, under {name}" in told(app)
