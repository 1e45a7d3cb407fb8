"""Which records look fake?"""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import roc_auc_score

from analytics.data.catalog.model import Fakes, Feature, Source
from analytics.data.catalog.toml import read
from analytics.data.population import find, people
from analytics.data.refusal import Refusal
from analytics.data.split import FOLDS, fold
from analytics.sources.design import Design, draw, pick
from analytics.sources.model import Cancelled, Settings
from analytics.stress.detector import Detector, curve, detect, flagged, learn, quality, signs
from tests.people import NOT, rewrite, settle, told

SAMPLE = Path(__file__).parents[2] / "sample_data" / "catalog.toml"
FEW = Settings(rounds=15, patience=5)
SIZE = 900
SHOP = Source("shop", "Shop", ("*",), fakes=Fakes(("burst*", "loops"), "fake"))


def shoppers(*, seed: int = 1, folds: bool = False) -> tuple[Design, np.ndarray, pl.DataFrame]:
    """A shop that knows nine of ten people.

    Bursts and loops are high in fakes, the spending says nothing; every tenth flag is unknown.
    """
    chance = np.random.default_rng(seed)
    fake = (chance.random(SIZE) < 0.25).astype(float)
    columns = [
        2 * fake + chance.normal(size=SIZE),
        chance.normal(size=SIZE),
        1.5 * fake + chance.normal(size=SIZE),
    ]
    features = (
        Feature("burst_share", "Bursts", direction="safer"),
        Feature("spent"),
        Feature("loops"),
    )
    rows = np.flatnonzero(np.arange(SIZE) % 10)
    ids = pl.Series("person", [f"p{i}" for i in range(SIZE)])
    everyone = pl.DataFrame(
        {
            "row": pl.Series(range(SIZE), dtype=pl.UInt32),
            "person": ids,
            "defaulted": pl.Series(
                [None if i % 7 == 0 else i % 3 == 0 for i in range(SIZE)], dtype=pl.Boolean
            ),
            "split": chance.choice(
                (
                    ["calibrate", "test", "out_of_time"]
                    if folds
                    else ["train", "calibrate", "test", "out_of_time"]
                ),
                SIZE,
            ),
            **({"fold": fold(ids)} if folds else {}),
        }
    )
    matrix = np.asfortranarray(np.array(columns, np.float32).T)[rows]
    design = Design(
        SHOP,
        features,
        matrix,
        rows,
        {},
        SIZE,
        0,
        everyone["fold"].to_numpy()[rows] if folds else None,
    )
    return design, np.where(np.arange(SIZE) % 11 == 0, NOT, fake), everyone


def alone(design: Design, person: int) -> Design:
    """The design of one person."""
    return replace(
        design,
        matrix=design.matrix[[person]],
        rows=design.rows[[person]],
        folds=None if design.folds is None else design.folds[[person]],
    )


def mixed(flags: np.ndarray, among: np.ndarray) -> np.ndarray:
    """The same flags, those of some persons changed hands."""
    changed = flags.copy()
    changed[among] = np.random.default_rng(5).permutation(flags[among])
    return changed


@pytest.fixture(scope="module")
def learned() -> Detector:
    return learn(*shoppers(), settings=FEW)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The shop of the sample people, and its detector."""
    catalog = read(SAMPLE)
    population = find(
        replace(catalog, sources=(catalog.source("ecommerce"),), bureaus=(), alliances=()),
        tmp_path_factory.mktemp("shelf"),
    )
    everyone, source = people(population), population.catalog.source("ecommerce")
    detector = detect(population, everyone, source)
    return SimpleNamespace(
        population=population,
        everyone=everyone,
        source=source,
        design=draw(population, everyone, source),
        flags=flagged(population, everyone, source),
        detector=detector,
    )


# the sample people


def test_the_planted_fakes_are_told_on_persons_the_detector_never_saw(sample) -> None:
    found = quality(sample.detector, sample.design, sample.flags, sample.everyone)
    mine = sample.everyone[sample.design.rows]
    tested = (mine["split"] == "test").to_numpy()
    fake, trust = (
        sample.flags[sample.design.rows][tested],
        sample.detector.trust(sample.design)[tested],
    )
    assert (found.persons, found.fakes) == (tested.sum(), fake.sum())
    assert 0.95 <= found.auc_low <= found.auc <= found.auc_high <= 1
    assert found.auc == pytest.approx(roc_auc_score(fake, -trust), abs=1e-12)
    assert found.caught > 0.9
    assert found.payer_alarms < 0.01
    assert found.caught == (trust[fake == 1] < 0.5).mean()
    assert found.false_alarms == (trust[fake == 0] < 0.5).mean()


def test_flags_of_test_persons_never_reach_the_detector(sample) -> None:
    split = sample.everyone["split"].cast(pl.String).is_in(["test", "out_of_time"]).to_numpy()
    honest, poisoned = (
        learn(sample.design, f, sample.everyone, settings=FEW)
        for f in (sample.flags, mixed(sample.flags, split))
    )
    assert (mixed(sample.flags, split) != sample.flags).sum() > 500
    assert honest.model.forest == poisoned.model.forest
    assert honest.base_rate == poisoned.base_rate
    np.testing.assert_array_equal(honest.marks, poisoned.marks)


def test_the_sample_s_fake_flag_is_read_by_the_id_of_the_people(sample) -> None:
    truth = pl.read_parquet(SAMPLE.parent / "truth.parquet")
    by_id = dict(zip(truth["person_id"], truth["fake_orders"], strict=True))
    assert sample.flags.tolist() == [by_id[p] for p in sample.everyone["person"]]


def test_a_person_picked_alone_is_trusted_as_in_the_crowd_bit_for_bit(sample) -> None:
    crowd = sample.detector.trust(sample.design)
    for place in (0, 17, len(crowd) - 1):
        person = sample.everyone.filter(pl.col("row") == sample.design.rows[place])
        picked = sample.detector.trust(
            pick(sample.population, person, sample.source, sample.detector.model.categories)
        )
        assert picked.tobytes() == crowd[[place]].tobytes()


def test_the_marks_are_those_of_the_training_fakes_and_only_in_the_signs(sample) -> None:
    detector, mine = sample.detector, sample.everyone[sample.design.rows]
    taught = (mine["split"] == "train").to_numpy() & (sample.flags[sample.design.rows] == 1)
    assert (
        tuple(sample.design.features[i].name for i in detector.columns) == sample.source.fakes.signs
    )
    np.testing.assert_array_equal(
        detector.marks[:, detector.columns], sample.design.matrix[np.ix_(taught, detector.columns)]
    )
    assert np.isnan(np.delete(detector.marks, detector.columns, axis=1)).all()
    assert detector.marks.dtype == np.float32


# a shop of our own


@given(
    arrays(
        np.float32,
        (8, 3),
        elements=st.one_of(st.just(NOT), st.floats(width=32, allow_infinity=False)),
    )
)
def test_trust_is_between_nothing_and_all_whatever_the_record_says(
    learned, values: np.ndarray
) -> None:
    design, _, _ = shoppers()
    trust = learned.trust(replace(design, matrix=np.asfortranarray(values), rows=np.arange(8)))
    assert trust.shape == (8,)
    assert ((trust >= 0) & (trust <= 1)).all()


@pytest.mark.parametrize("folds", [False, True])
def test_each_person_alone_gets_the_trust_of_the_crowd(folds: bool) -> None:
    design, flags, everyone = shoppers(folds=folds)
    detector = learn(design, flags, everyone, settings=FEW)
    crowd = detector.trust(design)
    assert crowd.std() > 0.1
    assert all(
        detector.trust(alone(design, i)).tobytes() == crowd[[i]].tobytes()
        for i in range(0, len(crowd), 90)
    )


def test_only_the_signs_are_looked_at_and_their_direction_is_free(learned) -> None:
    design, _, _ = shoppers()
    other = design.matrix.copy(order="F")
    other[:, 1] = np.random.default_rng(9).normal(size=len(other))
    np.testing.assert_array_equal(
        learned.trust(replace(design, matrix=other)), learned.trust(design)
    )
    assert [(f.name, f.direction) for f in learned.features] == [
        ("burst_share", "unknown"),
        ("loops", "unknown"),
    ]
    bursts = np.zeros((50, 3), np.float32)
    bursts[:, 0] = np.linspace(-3, 5, 50)
    first, *_, last = learned.trust(replace(design, matrix=bursts, rows=np.arange(50)))
    assert last < first - 0.1


def test_trust_is_one_less_the_share_of_fakes_where_the_signs_say_nothing() -> None:
    design, flags, everyone = shoppers()
    mute = learn(
        replace(design, matrix=np.zeros_like(design.matrix)), flags, everyone, settings=FEW
    )
    taught = flags[design.rows][(everyone[design.rows]["split"] == "train").to_numpy()]
    assert mute.base_rate == np.nanmean(taught)
    np.testing.assert_allclose(mute.trust(design), 1 - np.nanmean(taught), atol=0.002)


def test_where_people_take_turns_a_fold_is_asked_of_a_model_its_flags_never_reached() -> None:
    design, flags, everyone = shoppers(folds=True)
    usual = learn(design, flags, everyone, settings=FEW)
    assert len(usual.model.turns) == FOLDS
    late = (everyone["split"] == "out_of_time").to_numpy()
    known = ~np.isnan(flags) & np.isin(np.arange(SIZE), design.rows) & ~late
    for asked in (0, 3):
        poisoned = learn(
            design,
            mixed(flags, known & (everyone["fold"] == asked).to_numpy()),
            everyone,
            settings=FEW,
        )
        same = [
            a.forest == b.forest
            for a, b in zip(usual.model.turns, poisoned.model.turns, strict=True)
        ]
        assert same == [turn == asked for turn in range(FOLDS)]
    assert [
        t.forest for t in learn(design, mixed(flags, late), everyone, settings=FEW).model.turns
    ] == [t.forest for t in usual.model.turns]


def test_records_nobody_judged_teach_nothing_and_are_not_read(learned) -> None:
    design, flags, everyone = shoppers()
    judged = ~np.isnan(flags[design.rows])
    rest = replace(design, matrix=design.matrix[judged], rows=design.rows[judged])
    assert learn(rest, flags, everyone, settings=FEW).model.forest == learned.model.forest
    assert quality(learned, rest, flags, everyone) == quality(learned, design, flags, everyone)


def test_payers_are_honest_records_of_people_who_are_known_to_have_paid(learned) -> None:
    design, flags, everyone = shoppers()
    mine, fake, trust = everyone[design.rows], flags[design.rows], learned.trust(design)
    payers = (
        (mine["split"] == "test") & (~mine["defaulted"]).fill_null(value=False)
    ).to_numpy() & (fake == 0)
    found = quality(learned, design, flags, everyone)
    assert found.payer_alarms == (trust[payers] < 0.5).mean()
    assert found.trust_payers == pytest.approx(trust[payers].mean(), abs=1e-6)
    assert found.trust_fakes < 0.5 < found.trust_honest
    nobody = quality(learned, design, flags, everyone.with_columns(defaulted=pl.lit(value=True)))
    assert np.isnan([nobody.payer_alarms, nobody.trust_payers]).all()
    assert nobody.auc == found.auc


def test_the_curve_rises_from_nobody_caught_to_everybody_and_meets_the_quality_at_one_half(
    learned,
) -> None:
    design, flags, everyone = shoppers()
    line, found = curve(learned, design, flags, everyone), quality(learned, design, flags, everyone)
    assert line.columns == ["trust", "caught", "false_alarms"]
    assert line["trust"].to_list() == [i / 100 for i in range(101)]
    assert line.row(0) == (0.0, 0.0, 0.0)
    assert line.row(100) == (1.0, 1.0, 1.0)
    assert line.row(50) == (0.5, found.caught, found.payer_alarms)
    assert (line["caught"].diff().drop_nulls() >= 0).all()
    assert (line["false_alarms"].diff().drop_nulls() >= 0).all()


def test_the_signs_are_told_with_their_share_the_strongest_first(learned) -> None:
    told_of = signs(learned)
    assert told_of.select("feature", "label").rows() == [
        ("burst_share", "Bursts"),
        ("loops", "loops"),
    ]
    assert told_of["importance"].sum() == pytest.approx(1)
    design, flags, everyone = shoppers()
    mute = learn(
        replace(design, matrix=np.zeros_like(design.matrix)), flags, everyone, settings=FEW
    )
    assert signs(mute)["importance"].to_list() == [0, 0]


# what cannot be learned


@pytest.mark.parametrize(
    ("split", "kind", "keep", "sentence"),
    [
        (
            "train",
            1,
            29,
            (
                "source 'shop': only 29 records are known to be fake among its training persons, to"
                " learn from, and 30 are needed; flag more"
            ),
        ),
        (
            "train",
            0,
            0,
            (
                "source 'shop': only 0 records are known to be honest among its training persons,"
                " to learn from, and 30 are needed; flag more"
            ),
        ),
        (
            "test",
            1,
            4,
            (
                "source 'shop': only 4 records are known to be fake among its test persons, to be"
                " tested on, and 5 are needed; flag more"
            ),
        ),
    ],
)
def test_too_few_known_records_are_refused(
    learned, split: str, kind: int, keep: int, sentence: str
) -> None:
    design, flags, everyone = shoppers()
    known = np.zeros(SIZE, bool)
    known[design.rows] = True
    found = np.flatnonzero(known & (flags == kind) & (everyone["split"] == split).to_numpy())
    scarce = flags.copy()
    scarce[found[keep:]] = NOT
    with pytest.raises(Refusal) as refused:
        learn(design, scarce, everyone, settings=FEW)
    assert (
        str(refused.value)
        == f"{sentence} records as {'fake' if kind else 'honest'}, or leave out its 'fakes'"
    )
    enough = flags.copy()
    enough[found[{"train": 30, "test": 5}[split] :]] = NOT
    assert learn(design, enough, everyone, settings=FEW).key == "shop"
    if split == "test":
        for reader in (quality, curve):
            with pytest.raises(
                Refusal,
                match=r"^source 'shop': only 4 records are known to be fake among its test persons",
            ):
                reader(learned, design, scarce, everyone)


def test_learning_can_be_stopped() -> None:
    with pytest.raises(
        Cancelled, match=r"^fitting of 'shop' was stopped after 3 of at most 15 rounds"
    ):
        learn(*shoppers(), settings=FEW, should_continue=lambda done, most: done < 3)


def test_a_source_without_fakes_has_nothing_to_learn(settled) -> None:
    population = find(settled)
    with pytest.raises(
        Refusal,
        match=(
            r"^source 'bank' has no 'fakes' in catalog.toml; name there the signs of fake records"
            r" and the flag of known ones$"
        ),
    ):
        detect(population, people(population), settled.source("bank"))


def test_flags_stand_by_the_row_in_the_file_and_are_unknown_where_nobody_judged(tmp_path) -> None:
    settle(tmp_path, persons=900)
    rewrite(
        tmp_path / "bureau.parquet",
        lambda f: f.with_columns(
            fake=pl.when(pl.int_range(pl.len()) > 0).then(pl.int_range(pl.len()) % 2)
        ),
    )
    catalog = told(
        tmp_path,
        (
            "[sources.features.late_90]",
            '[sources.fakes]\nsigns = ["late_*"]\nflag = "fake"\n\n[sources.features.late_90]',
        ),
    )
    population = find(catalog)
    everyone, source = people(population), catalog.source("bureau")
    flags = flagged(population, everyone, source)
    assert flags.shape == (900,)
    np.testing.assert_array_equal(flags[:8], [NOT, NOT, 1, NOT, 0, NOT, 1, NOT])
    detector = detect(population, everyone, source, settings=FEW)
    assert [f.name for f in detector.features] == ["late_30", "late_90"]
    assert (
        detector.model.forest
        == learn(draw(population, everyone, source), flags, everyone, settings=FEW).model.forest
    )
