"""Is what shap draws the score, and is what comes back the same statement?"""

import re
import subprocess
import sys
from dataclasses import replace
from importlib.metadata import requires
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import xgboost as xgb
from hypothesis import given, settings

from analytics.data.refusal import Refusal
from analytics.explaining.explanation import NEVER_SEEN, Explanation, Statement, state, weigh
from analytics.explaining.interchange import from_shap, read, tabulate, to_shap
from analytics.weighing import tally
from analytics.weighing.readings import Calibration
from tests.explaining.parts import PLAIN, explained
from tests.people import evidence, populations, trio, weightings, weights

SLOPED = Calibration(-1.7, 0.8)


def same(found: Statement, expected: Statement) -> bool:
    """Equal, but for what adding up in another order leaves."""
    close = {
        "log_odds": pytest.approx(expected.log_odds, abs=1e-12),
        "base_log_odds": pytest.approx(expected.base_log_odds, abs=1e-12),
    }
    return found == replace(expected, **close)


@pytest.mark.parametrize("missing", ["neutral", "renormalise"])
def test_values_and_base_are_the_shap_packages_own_weighed_by_hand(
    fitted, small: Explanation, missing: str
) -> None:
    import shap  # noqa: PLC0415 - seconds, and only where it is asked

    everyone, folder = fitted.evidence, fitted.population.catalog.path.parent
    weighting = weights(everyone, bureau=3, bank=1, floor=0.2, missing=missing)
    found = to_shap(weigh(small, everyone, weighting, SLOPED))

    bureau, bank = fitted.models()
    lines = pl.read_parquet(folder / "bureau.parquet")
    package = shap.TreeExplainer(bureau.forest.booster)
    values = package.shap_values(lines.select("late_30", "late_90", "utilisation").to_numpy())
    by_bureau = dict(zip(lines["person_id"], values, strict=True))
    table = pl.read_csv(folder / "bank.csv")
    codes = table["job"].replace_strict(bank.categories["job"], range(2))
    told = xgb.DMatrix(
        np.stack([table["balance"], codes], axis=1),
        feature_types=["q", "c"],
        enable_categorical=True,
    )
    contributions = bank.forest.booster.predict(told, pred_contribs=True)
    by_bank = dict(zip(table["person_id"], contributions[:, :-1], strict=True))
    start = np.log(everyone.base_rate / (1 - everyone.base_rate))
    starts = (float(package.expected_value) - start, contributions[0, -1] - start)

    assert found.feature_names == [
        *(f"bureau.{name}" for name in ("late_30", "late_90", "utilisation")),
        *("bank.balance", "bank.job"),
    ]
    assert len(found.instance_names) == len(set(by_bureau) | set(by_bank))
    for at, person in enumerate(found.instance_names):
        knows = np.array([person in by_bureau, person in by_bank])
        times = 0.8 * np.array([0.75, 0.25]) * knows
        times /= (knows @ [0.75, 0.25]) if missing == "renormalise" else 1
        parts = [
            times[0] * by_bureau.get(person, np.zeros(3)),
            times[1] * by_bank.get(person, np.zeros(2)),
        ]
        assert found.values[at] == pytest.approx(np.concatenate(parts), abs=1e-5)
        assert found.base_values[at] == pytest.approx(-1.7 + times @ starts, abs=1e-5)


@settings(max_examples=20)
@given(populations(), weightings())
def test_values_and_base_add_up_to_the_score_of_everyone_scored(persons, weighting) -> None:
    weighed = weigh(explained(persons), persons, weighting, SLOPED)
    score = SLOPED.log_odds(tally.weigh(persons, weighting))
    scored = np.argsort(persons.people["row"].to_numpy())
    scored = scored[~np.isnan(score[scored])]
    if not len(scored):
        with pytest.raises(Refusal, match="nobody here is scored"):
            to_shap(weighed)
        return
    found = to_shap(weighed)
    assert found.values.shape == found.data.shape == (len(scored), len(weighed.columns))
    assert found.values.sum(axis=1) + found.base_values == pytest.approx(score[scored], abs=1e-9)
    features = explained(persons).features
    back = from_shap(found, features, weighting)
    assert all(same(one, state(weighed, int(at))) for one, at in zip(back, scored, strict=True))


def test_a_file_reads_back_into_the_same_explanation_and_the_same_statements(
    fitted, small: Explanation, tmp_path
) -> None:
    everyone = fitted.evidence
    weighting = weights(everyone, bureau=3, bank=1, floor=0.2)
    weighed = weigh(small, everyone, weighting, SLOPED)
    tabulate(weighed).write_parquet(tmp_path / "shap.parquet")
    found, kept = to_shap(weighed), read(tmp_path / "shap.parquet")
    assert (kept.values == found.values).all()
    assert (kept.base_values == found.base_values).all()
    assert np.array_equal(kept.data, found.data, equal_nan=True)
    assert (kept.feature_names, kept.instance_names) == (found.feature_names, found.instance_names)
    place = {person: at for at, person in enumerate(everyone.people["person"])}
    for one in from_shap(kept, small.features, weighting):
        assert same(one, state(weighed, place[one.person]))
    alone = from_shap(kept[7], small.features, weighting)
    assert alone == from_shap(kept, small.features, weighting)[7:8]
    assert {text for text in kept.display_data[:, 4] if isinstance(text, str)} == {"free", "fixed"}


def test_texts_missing_and_never_seen_and_silent_sources_are_told_apart() -> None:
    persons = evidence(
        {"a": [1.0, 2.0, 3.0, float("nan")], "b": [1.0] * 4}, [False, True, False, True]
    )
    parts = explained(persons)
    nan = float("nan")
    matrix = np.array([[0.1, 1], [nan, nan], [nan, nan]], np.float32)
    design = replace(
        parts.parts[0].design,
        matrix=matrix,
        categories={"y": ("no", "yes")},
        unseen={"y": np.array([2])},
    )
    # known, though all is missing and adds 0
    nothing = np.array([[1, 2], [0, 0], [0, 0]], np.float32)
    parts = Explanation((replace(parts.parts[0], design=design, shap=nothing), parts.parts[1]))
    weighting = weights(persons, a=1, b=1, floor=0)
    weighed = weigh(parts, persons, weighting, PLAIN)
    found = to_shap(weighed)
    assert found.data[:, :2].tolist() == [
        [np.float32(0.1), 1],
        *[[pytest.approx(nan, nan_ok=True)] * 2] * 3,
    ]
    assert found.display_data[[0, 2, 3], 1].tolist() == ["yes", NEVER_SEEN, None]
    assert (found.values[3, :2] == 0).all()
    back = from_shap(found, parts.features, weighting)
    assert [c.value for one in back for c in one.contributions if c.source.key == "a"] == [
        *(0.1, "yes"),
        *(None, None),
        *(None, NEVER_SEEN),
    ]
    assert [len(one.absent) for one in back] == [0, 0, 0, 1]
    place = {str(row): at for at, row in enumerate(persons.people["row"])}
    assert all(same(one, state(weighed, place[one.person])) for one in back)


def test_an_explanation_made_elsewhere_is_read_by_its_names() -> None:
    import shap  # noqa: PLC0415 - seconds, and only where it is asked

    weighting = weights(trio(), bureau=3, bank=1, floor=0)
    features = explained(trio()).features
    values = np.array([[0.5, 0.0], [0.0, 0.25]])
    data = np.array([[7.0, np.nan], [np.nan, 0.0]])
    foreign = shap.Explanation(values, -2.0, data, feature_names=["bank.y", "bureau.x"])
    ann, bob = from_shap(foreign, features, weighting)
    assert (ann.person, ann.log_odds, ann.reach, bob.reach) == ("0", -1.5, 0.25, 0.75)
    assert [(c.source.key, c.feature.name, c.value) for c in ann.contributions] == [
        ("bank", "y", 7.0)
    ]
    assert [s.key for s in bob.absent] == ["bank"]
    for names, told in ((["bank.y", "bank.z"], "'bank.z'"), (None, "0 names for 2 features")):
        with pytest.raises(Refusal, match=f"named source.feature, as in 'bureau.x'; got {told}"):
            from_shap(
                shap.Explanation(values, -2.0, data, feature_names=names), features, weighting
            )
    with pytest.raises(Refusal, match="several outputs"):
        from_shap(shap.Explanation(values[None], np.zeros(2)), features, weighting)


def test_another_file_is_refused(tmp_path) -> None:
    (tmp_path / "no.parquet").write_text("person,values")
    pl.DataFrame({"person": ["a"]}).write_parquet(tmp_path / "table.parquet")
    for name in ("no.parquet", "table.parquet", "nowhere.parquet"):
        path = tmp_path / name
        with pytest.raises(
            Refusal, match=re.escape(f"{path} holds no explanation for shap; write one")
        ):
            read(path)


def test_no_verb_imports_shap_to_start() -> None:
    code = (
        "import sys, analytics.__main__, analytics.explaining.interchange; sys.exit('shap' in"
        " sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    assert ended.returncode == 0, ended.stderr


def test_no_file_of_a_page_imports_shap_to_start() -> None:
    root = Path(__file__).parents[2]
    files = [root / "app.py", *(root / "pages").rglob("*.py"), *(root / "analytics").rglob("*.py")]
    first = re.compile(r"^(import|from) shap\b", re.MULTILINE)
    assert len(files) > 100
    assert not [path for path in files if first.search(path.read_text("utf-8"))]


def test_shap_comes_without_matplotlib() -> None:
    needed = [line for line in requires("shap") or () if "extra" not in line]
    assert needed
    assert not [line for line in needed if line.lower().startswith("matplotlib")]
