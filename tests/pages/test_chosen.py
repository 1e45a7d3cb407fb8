"""Is anything chosen on the persons it is read of?

Their outcomes are exchanged, and every winner must stay the same.
"""

import ast
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from analytics import study
from analytics.data.cohort import EVERYONE
from analytics.stress.stress import parse
from analytics.study.study import Study
from analytics.weighing.frontier import Wish
from analytics.weighing.weighting import equal, weigh_as
from tests.people import rewrite, settle

CHOOSERS = {
    "best", "best_of", "unstressed_best", "frontier", "learned", "loser", "moving", "next_source", "strongest", "trusting", "worthiest",
    "robust_best",
}  # fmt: skip


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, Study]:
    """The same people twice; in the second, the persons read had each other's outcomes."""
    found = []
    for name in ("as_it_was", "exchanged"):
        path = settle(tmp_path_factory.mktemp(name), persons=900)
        if found:
            people = found[0].fitted().evidence.people
            read = set(
                people.filter(pl.col("split").is_in(["test", "out_of_time"]))["person"].cast(
                    pl.String
                )
            )
            turned = pl.col("person_id").is_in(list(read))
            rewrite(
                path.parent / "people.csv",
                lambda f: f.with_columns(
                    defaulted=pl.when(turned).then(1 - pl.col("defaulted")).otherwise("defaulted")  # noqa: B023
                ),
            )
        found.append(Study.open(path))
        found[-1].fitted()
    return found[0], found[1]


def winners(of: Study) -> dict[str, object]:
    """Everything that is chosen, without what is read of it."""
    weights, both = (
        equal(of.catalog()),
        parse(of.catalog(), "outage bureau share=0.5; outage bank share=0.5"),
    )
    alone, asked = weigh_as(of.catalog(), {"bank": 1.0}, 0.4), of.question()
    return {
        "learned": of.learned(0.4, "neutral").weights,
        "frontier": set(of.frontier(EVERYONE, "test", 0.4, "neutral", "auc_everyone")),
        "best": of.best(Wish(), 0.4, "neutral").weighting.weights,
        "best_of": of.best_of(asked)["sources"].to_list(),  # type: ignore[index]
        "worthiest": of.worthiest(asked),
        "next_source": of.next_source(replace(asked, weighting=alone))["key"].to_list(),
        "loser": of.loser(EVERYONE, "test", weights, both)[0],
        "moving": of.moving(weights, "bank", both).weighting.weights,  # type: ignore[union-attr]
        "unstressed_best": of.unstressed_best(0.4, "neutral").weights,
        "robust_best": of.robust_best(0.4, "neutral", both).weights,
        "trusting": of.trusting(0.4, "neutral", both).weights,
        "strongest": of.strongest(asked, "mine"),
    }


@pytest.mark.usefixtures("every_cell")
def test_no_winner_depends_on_how_the_persons_read_turned_out(
    worlds: tuple[Study, Study], monkeypatch: pytest.MonkeyPatch
) -> None:
    # the learned weights are challenger enough, and nothing is fitted
    monkeypatch.setattr(Study, "challenged", lambda _: {})
    as_it_was, exchanged = map(winners, worlds)
    assert as_it_was == exchanged
    read = [of.read(of.question()).auc_everyone for of in worlds]
    assert read[0] + read[1] == pytest.approx(1)  # and what is read of them did change


def test_whoever_chooses_is_on_the_list_above() -> None:
    """A new function of the pages that takes a greatest is listed here and read in both worlds."""
    searching = {
        "best",
        "best_of",
        "robust_weights",
        "learned",
        "move",
        "frontier",
        "argmax",
        "argmin",
        "next_source",
        "arg_max",
    }
    found = set()
    folder = Path(str(study.__file__)).parent
    bodies = [
        ast.parse(path.read_text("utf-8")).body
        for path in folder.glob("*.py")
        if path.stem not in ("memo", "jobs", "check")
    ]
    for each in (node for body in bodies for node in body if isinstance(node, ast.FunctionDef)):
        calls = [node for node in ast.walk(each) if isinstance(node, ast.Call)]
        names = {
            node.func.attr
            for node in calls
            if isinstance(node.func, ast.Attribute)
            and getattr(node.func.value, "id", "") != "study"
        }
        greatest = any(
            getattr(node.func, "id", "") in ("max", "min")
            and any(k.arg == "key" for k in node.keywords)
            for node in calls
        )
        falling = any(
            getattr(node.func, "attr", "") == "sort"
            and any(k.arg == "descending" for k in node.keywords)
            for node in calls
        )
        if names & searching or greatest or falling:
            found.add(each.name)
    assert found - CHOOSERS == {
        "bureau_readings",
        "source_table",
        "_partners",
        "_reasons_beside",
        "example",
    }  # orders of rows in which all are shown; a person whom most sources know
    assert found >= CHOOSERS
