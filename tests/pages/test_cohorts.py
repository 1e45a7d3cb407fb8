import pytest

from analytics.data.cohort import Cohort, Condition
from analytics.sources.fitting import Fitted
from analytics.weighing.groups import overlap
from pages.parts.cohorts import sentences as cohorts_sentences
from pages.shared import words
from tests.pages.reader import (
    alts,
    buttons,
    counted,
    line,
    opened,
    people,
    press,
    readings,
    said,
    table,
    tiles,
    told,
    usual,
    well,
)

WEST = "region == 'West'"


def size(sample: Fitted, cohort: str) -> str:
    """How many people of the whole file meet the conditions, as the page writes it."""
    return f"{len(sample.population.collect(Cohort.parse(cohort), ['row'])):,}"


def test_two_cohorts_stand_side_by_side(sample: Fitted) -> None:
    app = opened("cohorts", cohort=WEST)
    mine, everyone = readings(sample, usual(sample), WEST), readings(sample, usual(sample))
    assert table(app) == {"region is West": counted(mine), "Everyone": counted(everyone)}
    assert said(app) == cohorts_sentences.cohort(
        "region is West", mine, "Everyone", everyone
    ).replace("**", "")
    assert "In Everyone, to compare," in said(app)


def test_the_other_cohort_is_chosen_among_the_segments(sample: Fitted) -> None:
    app = opened("cohorts")
    app.selectbox(key="against").select("age band: 50+").run()
    assert table(app)["age band: 50+"] == counted(
        readings(sample, usual(sample), "age_band == '50+'")
    )


def test_a_condition_on_texts_is_built_by_picking_them(sample: Fitted) -> None:
    app = opened("cohorts")
    app.selectbox(key="column").select("region").run()
    app.multiselect(key="values.region").select("West").select("East").run()
    built = "region in ['West', 'East']"
    press(app, f"Add: {size(sample, built)} people")
    assert app.query_params["cohort"] == built
    assert table(app)["region is West or East"] == counted(readings(sample, usual(sample), built))
    assert app.selectbox(key="column").value is None


def test_a_condition_on_numbers_is_built_from_an_end_and_narrows_what_there_is(
    sample: Fitted,
) -> None:
    app = opened("cohorts", cohort=WEST)
    app.selectbox(key="column").select("loan_amount").run()
    app.get("button_group")[0].set_value("<=").run()
    app.number_input(key="end.loan_amount").set_value(20_000).run()
    built = f"{WEST} and loan_amount < 20000"  # the nearest step
    assert "At the nearest step: loan amount below 20000." in told(app)
    press(app, f"And: {size(sample, built)} people")
    assert table(app)["region is West, loan amount below 20000"] == counted(
        readings(sample, usual(sample), built)
    )
    read = len(people(sample, built, "test"))
    assert (
        f"loan amount below 20000 {size(sample, built)} of 60,000 people in the file, {read:,} of"
        " 9,923 test persons" in told(app)
    )


def test_a_condition_on_dates_is_built_from_an_end(sample: Fitted) -> None:
    app = opened("cohorts")
    app.selectbox(key="column").select("applied_on").run()
    app.date_input(key="end.applied_on").set_value("2025-07-01").run()
    built = "applied_on >= '2025-07-01'"
    press(app, f"Add: {size(sample, built)} people")
    assert table(app)["applied on from 2025-07-01"] == counted(
        readings(sample, usual(sample), built)
    )


def test_a_condition_on_yes_and_no_is_built_by_picking_one(sample: Fitted) -> None:
    app = opened("cohorts")
    app.selectbox(key="column").select("device.consent_device").run()
    app.multiselect(key="values.device.consent_device").select(True).run()
    built = "device.consent_device in [True]"
    press(app, f"Add: {size(sample, built)} people")
    assert app.query_params["cohort"] == built
    assert well(app)


def test_a_column_of_every_type_can_be_asked_for(sample: Fitted) -> None:
    app = opened("cohorts")
    for column in {kind: column for column, kind in sample.population.schema.items()}.values():
        app.selectbox(key="column").select(column).run()
        assert well(app), column


def test_dropping_a_condition_brings_its_people_back(sample: Fitted) -> None:
    app = opened("cohorts", cohort=f"{WEST} and age_band == '50+'")
    app.button(key="drop.0").click().run()
    assert table(app)["age band is 50+"] == counted(
        readings(sample, usual(sample), "age_band == '50+'")
    )
    app.button(key="drop.0").click().run()
    assert (
        "No condition yet: 60,000 people in the file; 9,923 of them are test persons, whom every"
        " figure here is read on" in told(app)
    )


def test_a_name_goes_with_the_cohort_to_every_picture() -> None:
    app = opened("cohorts", cohort=WEST)
    app.text_input(key="cohort_name.again").set_value("The West").run()
    assert "The West" in table(app)
    assert line(app).startswith("The West 2,")
    assert "in The West," in said(app)
    assert alts(app)[0].startswith("Score distributions of The West (")
    assert app.query_params["cohort_name"] == "The West"


def test_a_cohort_brought_as_json_is_looked_at(sample: Fitted) -> None:
    brought = Cohort(
        "Young in the West",
        (Condition("region", "==", "West"), Condition("age_band", "in", ("18-24", "25-34"))),
    )
    app = opened("cohorts")
    app.file_uploader(key="cohort_file").upload(
        "young.json", brought.json().encode(), "application/json"
    ).run()
    press(app, "Look at Young in the West")
    assert table(app)["Young in the West"] == counted(readings(sample, usual(sample), brought.text))


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00",
        b"{}",
        b"[1]",
        b'{"name": "x", "conditions": [{"column": "nix", "op": "==", "value": 1}]}',
    ],
)
def test_a_file_that_is_no_cohort_is_refused_and_the_page_works_on(content: bytes) -> None:
    app = opened("cohorts")
    app.file_uploader(key="cohort_file").upload("odd.json", content, "application/json").run()
    assert not app.exception
    assert "Refused" in told(app)
    app.file_uploader(key="cohort_file").clear().run()
    assert well(app)


def test_the_figures_behind_the_overlap_are_the_library_s(sample: Fitted) -> None:
    known = overlap(people(sample, WEST, "test"))
    app = opened("cohorts", cohort=WEST)
    assert app.dataframe[1].value["persons"].tolist() == known["persons"].to_list()
    assert words.overlap_alt(
        known, {source.key: source.label for source in sample.evidence.catalog}
    ) in alts(app)


def test_hit_is_the_share_of_the_cohort_a_source_knows(sample: Fitted) -> None:
    hit = (
        opened("cohorts", cohort="bureau.accounts_open == None")
        .dataframe[2]
        .value.set_index("source")["hit"]
    )
    assert hit["bureau"] == 0
    assert hit["identity"] > 0.9


def test_no_condition_no_drop() -> None:
    assert "Drop" not in buttons(opened("cohorts"))


def test_another_condition_widens_the_cohort_as_another_way_in(sample: Fitted) -> None:
    app = opened("cohorts", cohort=WEST)
    app.selectbox(key="column").select("age_band").run()
    app.multiselect(key="values.age_band").select("50+").run()
    built = f"({WEST} or age_band in ['50+'])"
    press(app, f"Or: {size(sample, built)} people")
    assert app.query_params["cohort"] == built
    assert table(app)["region is West, or age band is 50+"] == counted(
        readings(sample, usual(sample), built)
    )


def test_the_rest_of_a_cohort_is_everybody_else(sample: Fitted) -> None:
    thin = "bureau.accounts_open >= 1"  # whom the bureau does not know is the rest
    app = opened("cohorts", cohort=thin)
    app.selectbox(key="against").select("The rest").run()
    rest = f"not ({thin})"
    assert table(app)["The rest"] == counted(readings(sample, usual(sample), rest))
    assert (
        int(table(app)["The rest"][0].replace(",", "")) + len(people(sample, thin, "test")) == 9923
    )
    press(app, f"Look at the rest: {size(sample, rest)} people")
    assert app.query_params["cohort"] == rest


def test_columns_are_named_by_their_labels(sample: Fitted) -> None:
    app = opened("cohorts", cohort="bureau.accounts_open >= 1")
    label = sample.evidence.catalog.source("bureau").feature("accounts_open").label
    assert line(app).startswith(f"Credit bureau: {label} from 1 ")
    assert f"Credit bureau: {label}" in app.selectbox(key="column").options


def test_the_example_of_a_condition_exists_in_these_data(sample: Fitted) -> None:
    example = opened().text_input(key="cohort").placeholder
    assert len(sample.population.collect(Cohort.parse(example), ["row"])) > 0


@pytest.mark.parametrize("bad", ["region ==", "shoe == 1", "region == 1", "region = 'West'"])
@pytest.mark.parametrize("page", ["cohorts", "overview"])
def test_a_bad_condition_leaves_the_page_standing(page: str, bad: str) -> None:
    app = opened(page, cohort=WEST)
    before = said(app)
    app.text_input(key="cohort").set_value(bad).run()
    assert "Refused" in told(app)
    assert "Still looked at: region is West." in told(app)
    assert said(app) == before
    app.text_input(key="cohort").set_value(WEST).run()
    assert well(app)


# nobody is singled out


@pytest.mark.parametrize(
    "cohort",
    [
        "person_id == 'P00000003'",
        "person_id != 'P00000003'",
        "defaulted == 1",
        "defaulted in [0, 1]",
        "loan_amount >= 1e12",
        "loan_amount < 1e12 and loan_amount != 10000.123",
    ],
)
def test_no_page_counts_few_people_or_those_left_out(cohort: str, sample: Fitted) -> None:
    app = opened("cohorts", cohort=cohort)
    rows = len(sample.population.collect(Cohort.parse(cohort), ["row"]))
    if 60_000 - rows in (0, 60_000) and rows:
        return  # such a condition leaves nobody out, and tells nothing
    shown = told(app) + line(app) + said(app)
    assert said(app) == ""
    assert "too few" in shown
    assert f"{rows:,} left" not in shown
    assert f" {rows:,} persons" not in shown


def test_ids_and_outcome_are_not_offered_and_ends_are_not_those_of_one_person(
    sample: Fitted,
) -> None:
    app = opened("cohorts")
    assert not {"person_id", "defaulted"} & set(app.selectbox(key="column").options)
    app.selectbox(key="column").select("loan_amount").run()
    values = sample.population.collect(Cohort.parse(""), ["loan_amount"])["loan_amount"].sort()
    low, high = (
        app.number_input(key="end.loan_amount").min,
        app.number_input(key="end.loan_amount").max,
    )
    assert (values <= low).sum() > 30
    assert (values >= high).sum() > 30


def test_no_cell_that_a_page_sends_holds_fewer_than_thirty(sample: Fitted) -> None:
    for page in ("cohorts", "why", "overview", "models", "sources"):
        app = opened(page, cohort="region == 'West' and age_band == '50+'")
        assert well(app)
        for frame in app.dataframe:
            if "persons" in frame.value.columns:
                persons = frame.value["persons"].dropna()
                assert ((persons == 0) | (persons >= 30)).all(), (
                    page,
                    list(frame.value.columns),
                    persons.tolist(),
                )


def test_thresholds_one_apart_are_one_cohort_and_a_chip_says_so_and_writes_it() -> None:
    near, next_to_it = (
        opened("overview", cohort=f"loan_amount <= {at}") for at in (15_400, 15_401)
    )
    assert tiles(near) == tiles(next_to_it)
    assert line(near) == line(next_to_it)
    assert line(near).startswith("loan amount below 15000 ")
    chip = r"read at the nearest step\: loan amount below 15000"
    assert chip in buttons(near)
    press(near, chip)
    assert near.query_params["cohort"] == "loan_amount < 15000"
    assert chip not in buttons(near)
    assert tiles(near) == tiles(next_to_it)


def test_a_cohort_beside_itself_is_told_once() -> None:
    app = opened("cohorts", against="Everyone")
    tables = [
        element.proto.body for element in app.get("html") if 'class="wb-table' in element.proto.body
    ]
    assert tables[0].count("<b>Everyone</b>") == 1
