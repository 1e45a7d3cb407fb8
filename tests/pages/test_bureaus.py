from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from analytics.data.catalog.toml import read
from analytics.deciding.scorecard import scaled
from analytics.sources.evidence import Evidence
from analytics.sources.fitting import Fitted
from analytics.weighing.bureaus import View as Looking
from analytics.weighing.bureaus import joint, parts, seen, sight
from analytics.weighing.learned import learned
from analytics.weighing.readings import auc, calibrate, coverage
from analytics.weighing.tally import tally, weigh
from analytics.weighing.weighting import Weighting, preset
from pages.parts.bureaus.inputs import CHOSEN
from pages.shared import words
from pages.shared.datasets import SAMPLE
from pages.shared.view import presets
from tests.pages.reader import alts, opened, people, said, table, told, well
from tests.people import CATALOG as SMALL

CATALOG = read(SAMPLE)
BUREAUS = {bureau.key: bureau for bureau in CATALOG.bureaus}
ALLIANCES = {alliance.label: alliance.partners for alliance in CATALOG.alliances}


def sees(sample: Fitted, *keys: str, match: float = 1.0) -> Evidence:
    """Everyone, as partners see them."""
    return seen(
        sample.evidence, [sight(sample.population, BUREAUS[key]) for key in keys], match=match
    )


def weighs(*keys: str, floor: float = 0.4, missing: str = "neutral") -> Weighting:
    return joint([preset(CATALOG, BUREAUS[key], floor, missing) for key in keys])


def figures(persons: Evidence, weighting: Weighting) -> list[str]:
    """Coverage and AUC of everyone, as they are written."""
    counted = tally(persons, weighting)
    return [
        words.share(coverage(counted).value),
        words.written("auc", auc(counted, everyone=True).value),
    ]


def together(sample: Fitted, *keys: str, match: float = 1.0, floor: float = 0.4) -> list[str]:
    return figures(sees(sample, *keys, match=match).split("test"), weighs(*keys, floor=floor))


def union(app) -> list[str]:
    """Coverage and AUC of the union, as the sentence says."""
    text = said(app).partition(" score ")[2]
    return [text.partition(" of people")[0], text.partition("everyone of ")[2].partition(" (")[0]]


def test_every_bureau_reads_as_the_library_says(sample: Fitted) -> None:
    first, rest = (table(opened("bureaus"), place) for place in (0, 1))
    rows = first | rest
    for key, bureau in BUREAUS.items():
        mine = sees(sample, key).split("test")
        known = words.share(mine.known.any(axis=1).mean())
        assert rows[bureau.label][:3] == [known, *figures(mine, weighs(key))]
        assert rows[bureau.label][-1] == f"{weighs(key).price(CATALOG):,.2f}"
    opened_silos = figures(
        sample.evidence.split("test"), learned(sample.evidence.split("calibrate"))
    )
    assert rows["Full opening: all silos"][1:3] == opened_silos
    assert len(rows) == len(BUREAUS) + 1


def test_the_bureau_that_scores_most_people_comes_first() -> None:
    app = opened("bureaus")
    shares = [float(row[1].rstrip("%")) for place in (0, 1) for row in table(app, place).values()]
    assert shares == sorted(shares, reverse=True)


def test_a_cohort_and_a_floor_change_every_bureau(sample: Fitted) -> None:
    app = opened("bureaus", cohort="region == 'West'", floor="70")
    rows = table(app) | table(app, 1)
    west = people(sample, "region == 'West'", "test").people["row"].to_numpy()
    for key in ("zhima_a", "ccb"):
        assert rows[BUREAUS[key].label][1:3] == figures(
            sees(sample, key).rows(west), weighs(key, floor=0.7)
        )


@pytest.mark.parametrize("label", ALLIANCES)
def test_an_alliance_is_chosen_by_its_name(sample: Fitted, label: str) -> None:
    app = opened("bureaus")
    app.selectbox(key="alliance").select(label).run()
    assert app.multiselect(key="partners").value == list(ALLIANCES[label])
    assert union(app) == together(sample, *ALLIANCES[label])
    for key in ALLIANCES[label]:
        assert BUREAUS[key].label in said(app)


def test_partners_may_be_chosen_one_by_one(sample: Fitted) -> None:
    app = opened("bureaus")
    app.multiselect(key="partners").set_value(["zhima_a", "tencent", "xiaomi"]).run()
    assert union(app) == together(sample, "zhima_a", "tencent", "xiaomi")
    assert app.selectbox(key="alliance").value == CHOSEN


@pytest.mark.parametrize("match", [0, 50])
def test_a_worse_identity_match_scores_fewer_together(sample: Fitted, match: int) -> None:
    app = opened("bureaus")
    partners = next(iter(ALLIANCES.values()))
    before = union(app)
    app.slider(key="match").set_value(match).run()
    assert union(app) == together(sample, *partners, match=match / 100)
    assert float(union(app)[0].rstrip("%")) < float(before[0].rstrip("%"))


def test_one_partner_is_no_alliance() -> None:
    app = opened("bureaus")
    app.multiselect(key="partners").set_value(["ccb"]).run()
    assert "An alliance needs two partners or more; choose another one" in told(app)
    app.multiselect(key="partners").set_value(["ccb", "jd"]).run()
    assert well(app)


def test_the_figures_behind_who_knows_them_add_up_to_everyone(sample: Fitted) -> None:
    partners = next(iter(ALLIANCES.values()))
    views = [
        Looking(key, BUREAUS[key].label, sees(sample, key).split("test"), weighs(key))
        for key in partners
    ]
    expected = parts(views)
    shown = next(
        element.value for element in opened("bureaus").dataframe if "part" in element.value.columns
    )
    assert shown["part"].tolist() == expected["part"].to_list()
    assert shown["persons"].tolist() == expected["persons"].to_list()
    assert (
        0 <= len(sample.evidence.split("test")) - shown["persons"].sum() < 100
    )  # a part of too few defaulters is left out


# what a gain is made of


def allied(*partners: str, match: float = 1.0, floor: float = 0.4):
    """The page with these partners."""
    app = opened("bureaus", floor=f"{100 * floor:.0f}")
    app.multiselect(key="partners").set_value(list(partners))
    app.slider(key="match").set_value(round(100 * match))
    return app.run()


def gained(app) -> pl.DataFrame:
    return pl.from_pandas(
        next(
            element.value
            for element in app.dataframe
            if "coverage_by_records" in element.value.columns
        )
    )


def steps(
    sample: Fitted, key: str, other: str, match: float, floor: float
) -> dict[str, list[float]]:
    """Coverage and AUC of everyone.

    Alone, under the alliance's weights and floor, with the other's records too.
    """
    alone, both = (
        sees(sample, key).split("test"),
        sees(sample, key, other, match=match).split("test"),
    )
    own, shared = weighs(key, floor=floor), weighs("boc", "tencent", floor=floor)
    counted = [tally(alone, own), tally(alone, shared), tally(both, shared)]
    return {
        "coverage": [coverage(t).value for t in counted],
        "auc": [auc(t, everyone=True).value for t in counted],
    }


@pytest.mark.parametrize(("match", "floor"), [(1.0, 0.4), (0.5, 0.4), (0.0, 0.4), (1.0, 0.0)])
def test_a_gain_says_what_comes_from_joined_records_and_what_from_the_divided_floor(
    sample: Fitted, match: float, floor: float
) -> None:
    app = allied("boc", "tencent", match=match, floor=floor)
    found = {row["key"]: row for row in gained(app).to_dicts()}
    for key, other in (("boc", "tencent"), ("tencent", "boc")):
        for name, (alone, unjoined, joined) in steps(sample, key, other, match, floor).items():
            parts_of = [
                found[key][f"{name}_{part}"]
                for part in ("alone", "by_floor", "by_records", "together")
            ]
            assert parts_of == pytest.approx(
                [alone, unjoined - alone, joined - unjoined, joined], abs=1e-9
            )
            if match == 0:
                assert found[key][f"{name}_by_records"] == 0
        if floor == 0:
            assert found[key]["coverage_by_floor"] == 0
    by = [
        words.change("coverage", found["tencent"][f"coverage_by_{part}"])
        for part in ("records", "floor")
    ]
    assert f"{by[0]} from joined records, {by[1]} from the lower floor" in said(app)


def test_full_opening_says_why_it_scores_fewer_than_an_alliance_that_divides_its_floor(
    sample: Fitted,
) -> None:
    app = allied("zhima_a", "tencent", "xiaomi")
    test, weighting = sample.evidence.split("test"), learned(sample.evidence.split("calibrate"))
    opened_silos, divided = (
        figures(test, replace(weighting, floor=floor))[0] for floor in (0.4, 0.4 / 3)
    )
    assert float(union(app)[0].rstrip("%")) > float(opened_silos.rstrip("%"))
    why = (
        "because its floor is divided among its partners, to 13%: at that floor all silos would"
        f" score {divided}"
    )
    assert why in told(app)
    marks = next(
        element.value for element in app.dataframe if "provenance" in element.value.columns
    )
    assert (
        why in marks.set_index("key")["provenance"]["opened"]
    )  # what the mark says when pointed at
    assert "because its floor" not in told(allied("ccb", "zhima_a"))


# two names


def test_a_bureau_and_its_weights_on_all_silos_have_two_names_and_both_figures_where_they_meet(
    sample: Fitted,
) -> None:
    all_silos = figures(sample.evidence.split("test"), weighs("zhima_a"))
    own = figures(sees(sample, "zhima_a").split("test"), weighs("zhima_a"))
    for page in ("bureaus", "person"):
        text = told(opened(page))
        assert "Zhima-like A weights on all silos: " in text
        assert "Zhima-like A, the bureau, which sees its own data only: " in text
    text = told(opened("bureaus"))
    score = "score {} of people at an AUC of everyone of {}"
    assert (
        f"Zhima-like A weights, in the line on top, weigh all silos and {score.format(*all_silos)};"
        " Zhima-like A is the bureau" in text
    )
    assert f"sees its own data only and {score.replace('score', 'scores').format(*own)}" in text
    assert all_silos != own
    assert "is the bureau" not in told(opened("bureaus", weights="bank=1"))


def test_no_ready_weighting_has_the_name_of_a_bureau() -> None:
    assert not {bureau.label for bureau in BUREAUS.values()} & set(presets(CATALOG))


# one person


def shown(app) -> pl.DataFrame:
    """The figures behind one person's scales."""
    return pl.from_pandas(
        next(element.value for element in app.dataframe if "points" in element.value.columns)
    )


def test_one_person_has_the_same_probability_and_other_points_on_every_scale(
    sample: Fitted,
) -> None:
    read = sample.evidence.split("test").people
    id = str(read["person"][17])
    app = opened("bureaus")
    app.text_input(key="person").set_value(f" {id} ").run()
    rows = {row["label"]: row for row in shown(app).to_dicts()}
    for key in ("zhima_a", "tencent", "ccb"):
        mine = sees(sample, key)
        log_odds = calibrate(tally(mine.split("calibrate"), weighs(key))).log_odds(
            weigh(mine.where((mine.people["person"].cast(pl.String) == id).to_numpy()), weighs(key))
        )
        row = rows[BUREAUS[key].label]
        assert row["scored"] == np.isfinite(log_odds[0])
        if row["scored"]:
            assert row["points"] == pytest.approx(
                scaled(row["low"], row["high"]).points(log_odds)[0]
            )
            assert row["probability"] == pytest.approx(1 / (1 + np.exp(-log_odds[0])))
    assert (
        f"Person {id} is scored by {sum(row['scored'] for row in rows.values())} of {len(BUREAUS)}"
        " bureaus" in alts(app)
    )


def test_the_page_begins_with_a_person_of_the_test_whom_most_sources_know(sample: Fitted) -> None:
    test = sample.evidence.split("test")
    id = opened("bureaus").text_input(key="person").value
    known = test.known.sum(axis=1)
    assert known[test.people["person"].cast(pl.String).to_list().index(id)] == known.max()


def test_a_person_whom_no_source_knows_is_said_so(sample: Fitted) -> None:
    test = sample.evidence.split("test")
    id = str(test.people["person"][int(np.flatnonzero(~test.known.any(axis=1))[0])])
    assert f"No source knows person '{id}'" in told(opened("bureaus", person=id))


def test_an_unknown_person_is_refused_and_the_next_one_is_shown(sample: Fitted) -> None:
    app = opened("bureaus")
    app.text_input(key="person").set_value("nobody").run()
    assert "No person 'nobody' in people.parquet" in told(app)
    test = sample.evidence.split("test")
    app.text_input(key="person").set_value(
        str(test.people["person"][int(np.flatnonzero(test.known.any(axis=1))[0])])
    ).run()
    assert well(app)


def test_the_four_charts_say_in_words_what_they_show() -> None:
    found = alts(opened("bureaus"))
    assert [found[0].split()[0], found[2].split()[0], found[3].split()[0]] == [
        "Coverage",
        "Together",
        "Person",
    ]
    assert found[0].startswith(f"Coverage and accuracy of {len(BUREAUS) + 1} bureaus")
    assert "both: " in found[1]


# catalogs with few bureaus


@pytest.mark.parametrize("bureaus", [0, 1])
def test_a_catalog_with_too_few_bureaus_says_what_to_add(
    folder, monkeypatch: pytest.MonkeyPatch, bureaus: int
) -> None:
    if not bureaus:
        (folder / "catalog.toml").write_text(SMALL.partition("[[bureaus]]")[0], "utf-8")
    monkeypatch.setenv("WEIGHBRIDGE_CATALOG", str(folder / "catalog.toml"))
    app = opened("bureaus")
    assert not app.exception
    assert "Refused" not in told(app)
    assert said(app).endswith(f"these data name {'only one' if bureaus else 'none'} so far.")
    assert app.code[0].value.startswith("[[bureaus]]")


def test_two_bureaus_without_an_alliance_are_partners_at_first(
    folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (
        SMALL + '\n[[bureaus]]\nkey = "bank_alone"\nlabel = "Bank alone"\nweights = { bank = 1 }\n'
    )
    (folder / "catalog.toml").write_text(text, "utf-8")
    monkeypatch.setenv("WEIGHBRIDGE_CATALOG", str(folder / "catalog.toml"))
    app = opened("bureaus")
    assert well(app)
    assert app.multiselect(key="partners").value == ["half", "bank_alone"]
    assert "Half and half" in said(app)


def test_without_bureaus_the_page_says_what_it_is_for_and_which_bureaus_would_fit(
    turns: Fitted,
) -> None:
    app = opened("bureaus")
    assert well(app)
    assert said(app).startswith("A bureau sees some sources of some people")
    path = turns.population.catalog.path
    path.write_text(path.read_text("utf-8") + "\n" + app.code[0].value, "utf-8")
    assert [(b.key, dict(b.weights)) for b in read(path).bureaus] == [
        ("ours", {"bureau": 1, "bank": 1}),
        ("partner", {"bureau": 1}),
    ]
    assert said(opened("bureaus")).startswith("Together All sources and A partner score ")
