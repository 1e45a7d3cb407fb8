"""What does a new kind of source need? An entry of the catalog, and no code."""

from pathlib import Path

import polars as pl
import pytest

from analytics.data.catalog.toml import read
from analytics.explaining import cohorts, explanation, records
from analytics.sources.fitting import load
from analytics.weighing.readings import calibrate
from analytics.weighing.tally import tally
from analytics.weighing.weighting import parse
from tests.people import settle

ENTRY = """
[[sources]]
key = "telematics"
label = "Telematics"
dimension = "Mobility"
table = "drives.csv"
columns = ["hard_braking"]

[sources.features.hard_braking]
label = "Hard braking, per 100 km"
direction = "riskier"
reason_high = "Brakes hard more often than usual"
"""


def test_a_new_kind_of_source_is_an_entry_of_the_catalog(tmp_path: Path) -> None:
    path = settle(tmp_path)
    people = pl.read_csv(tmp_path / "people.csv")
    braking = (pl.col("defaulted") * 3 + pl.int_range(pl.len()) * 7 % 5).alias("hard_braking")
    known = people.select("person_id", braking).filter(pl.int_range(pl.len()) % 4 > 0)
    known.write_csv(tmp_path / "drives.csv")
    path.write_text(
        path.read_text("utf-8").replace("[[bureaus]]", f"{ENTRY}\n[[bureaus]]"), "utf-8"
    )

    fitted = load(read(path), folder=tmp_path / "home")
    test, weighting = fitted.evidence.split("test"), parse(fitted.evidence.catalog, "telematics=1")
    counted = tally(test, weighting)
    told = test.people["person"].cast(pl.String).is_in(known["person_id"].to_list())
    assert (counted.counts.sum(), counted.unscored.sum()) == (told.sum(), (~told).sum())

    calibration = calibrate(tally(fitted.evidence.split("calibrate"), weighting))
    models = fitted.models()
    shap = explanation.explain(
        records.read(fitted.population, models, test), models, fitted.evidence.base_rate
    )
    weighed = explanation.weigh(shap, test, weighting, calibration)
    assert cohorts.importance(weighed, "dimension").row(0, named=True)["label"] == "Mobility"
    assert weighed.log_odds[told.to_numpy()] == pytest.approx(
        calibration.log_odds(test.column("telematics")[told.to_numpy()]), abs=1e-5
    )
