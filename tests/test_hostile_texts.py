"""Is every text of an address refused in a short sentence, whatever stands in it?"""

import sys
from collections.abc import Callable
from types import FrameType

import polars as pl
import pytest

from analytics.data.bounds import bounded, number, whole
from analytics.data.cohort import Cohort, Condition
from analytics.data.refusal import Refusal
from analytics.explaining.records import NoSuchPerson, find
from analytics.sources.model import Settings
from analytics.stress import stress
from analytics.weighing.scenario import open_scenario
from analytics.weighing.weighting import parse
from tests.people import catalog, evidence

SHOP = catalog("shop", "phone")
SCHEMA = {"age": pl.Int64(), "name": pl.String()}
DIGITS, MANY, NAME, HALF = "9" * 4000, "9" * 5000, "x" * 5000, "\ud800"
WORK = 3_000  # calls of functions
LONG = 600  # letters of a sentence


def weights(text: str) -> object:
    return parse(SHOP, text)


def stresses(text: str) -> object:
    return stress.parse(SHOP, text)


def cohort(text: str) -> object:
    return Cohort.parse(text).expression(SCHEMA)


def named(name: str) -> object:
    return Cohort.parse("", name)


def missing(text: str) -> object:
    return parse(SHOP, "shop=1", 0.4, text)


def scenario(text: str) -> object:
    return open_scenario(SHOP, text)


def person(id: str) -> object:
    return find(evidence({"a": [1.0, 2.0]}, [True, False], person=["P1", "P2"]), id)


HOSTILE: dict[Callable[[str], object], list[str]] = {
    weights: [
        f"shop={DIGITS}",
        f"shop=0.{DIGITS}",
        f"shop={MANY}",
        f"{NAME}=1",
        f"shop={NAME}",
        f"{NAME}=1,{NAME}=2",
        "shop=1," * 20_000,
        ",".join(f"s{i}=1" for i in range(50_000)),
        f"{HALF}=1",
        f"shop={HALF}",
    ],
    stresses: [
        f"fakery {NAME}",
        f"{NAME} shop",
        f"fakery shop share={DIGITS}",
        f"fakery shop share=0.{DIGITS}",
        f"late shop days={DIGITS}",
        f"late shop days={MANY}",
        f"match shop seed={DIGITS}",
        f"match shop seed=-{DIGITS}",
        f"fakery shop budget={DIGITS}",
        f"outage shop month={DIGITS}",
        f"outage shop month=2025-{DIGITS}",
        f"fakery shop who={NAME}",
        f"match shop {NAME}=1",
        f"consent shop among='age={HALF}'",
        "; ".join(["fakery shop share=0.1"] * 9),
        "; ".join(["fakery shop share=0.1"] * 500),
        "fakery shop;" * 20_000,
        "'" * 30_001,
    ],
    cohort: [
        f"age == {DIGITS}",
        f"age == -{DIGITS}",
        f"age == {MANY}",
        f"age == 0x{'f' * 9000}",
        f"age in [1, {DIGITS}]",
        f"{NAME} == 1",
        f"col('{NAME}') == 1",
        f"age == '{NAME}'",
        f"age {NAME} 1",
        "name == '\\ud800'",
        "name in ['a', '\\udfff']",
        "col('\\ud800') == 1",
        f"name == '{HALF}'",
        "name == '" + "x" * 30_000 + "'",
        " or ".join(["age == 1"] * 500),
        "age == 1 or " * 20_000 + "age == 1",
        f"age in [{'1,' * 5000}]",
        "not " * 5000 + "age == 1",
        f"age == {'-' * 5000}1",
    ],
    named: [NAME, HALF, f"West {HALF}"],
    missing: [NAME, HALF, DIGITS],
    Settings.parse: [
        f"depth={DIGITS}",
        f"depth={MANY}",
        f"eta={DIGITS}",
        f"eta=0.{DIGITS}",
        f"seed={DIGITS}",
        "seed=" + "9" * 20,
        f"rounds={NAME}",
        f"{NAME}=1",
        "eta=0.1," * 20_000,
        f"rounds={HALF}",
    ],
    SHOP.source: [NAME, HALF, DIGITS],
    SHOP.bureau: [NAME, HALF, DIGITS],
    person: [NAME, HALF, DIGITS],
    Cohort.from_json: [
        '{"name": "\\ud800", "conditions": []}',
        '{"name": "A", "conditions": [{"column": "name", "op": "==", "value": "\\ud800"}]}',
        '{"name": "A", "conditions": [{"column": "age", "op": "==", "value": ' + DIGITS + "}]}",
        '{"name": "A", "conditions": [{"column": "age", "op": "==", "value": ' + MANY + "}]}",
        '{"name": "A", "conditions": [' + '{"not": [' * 5000,
        " " * 1_000_000,
    ],
    scenario: [
        f"name = 'A'\nfloor = {DIGITS}\nweights = {{ shop = 1 }}",
        f"name = 'A'\nfloor = {MANY}\nweights = {{ shop = 1 }}",
        f"name = 'A'\nweights = {{ shop = {DIGITS} }}",
        f"name = 'A'\nweights = {{ {NAME} = 1 }}",
        f"cohort_name = '{NAME}'\nweights = {{ shop = 1 }}",
        "a = " + "[" * 50_000,
        "#" * 1_000_000,
    ],
}
CASES = [
    pytest.param(read, text, id=f"{read.__name__}-{i}")
    for read, texts in HOSTILE.items()
    for i, text in enumerate(texts)
]


@pytest.mark.parametrize(("read", "text"), CASES)
def test_a_hostile_text_is_refused_in_a_short_sentence_that_any_screen_can_show(
    read: Callable[[str], object], text: str
) -> None:
    with pytest.raises(Refusal) as refusal:
        read(text)
    said = str(refusal.value)
    said.encode()
    assert 0 < len(said) <= LONG


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (weights, "shop=1," * 200_000),
        (stresses, "fakery shop;" * 200_000),
        (cohort, "age == 1 or " * 200_000 + "age == 1"),
        (Settings.parse, "eta=0.1," * 200_000),
        (Cohort.from_json, "[" * 1_000_000),
        (scenario, "a = 1\n" * 200_000),
        (named, "x" * 1_000_000),
    ],
)
def test_a_text_without_end_is_refused_before_it_is_read(
    read: Callable[[str], object], text: str
) -> None:
    calls = 0

    def count(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        with pytest.raises(
            Refusal, match=r"must have at most [0-9,]+ letters, got [0-9,]+; write less"
        ):
            read(text)
    finally:
        sys.setprofile(None)
    assert calls < WORK


def test_eight_stresses_are_looked_at_together_and_no_ninth() -> None:
    line = "; ".join(["match shop share=0.1"] * 8)
    assert len(stress.parse(SHOP, line)) == 8
    with pytest.raises(Refusal) as refusal:
        stress.parse(SHOP, f"{line}; match shop")
    assert (
        str(refusal.value)
        == "at most 8 stresses are looked at together, and the line has more; leave some out"
    )


def test_what_people_write_is_within_the_bounds() -> None:
    wide = catalog(*(f"source_{i}" for i in range(300)))
    line = ",".join(f"{key}=0.3333333333333333" for key in wide.keys)
    assert parse(wide, line).shares["source_7"] == pytest.approx(1 / 300)
    levels = tuple(f"district {i}" for i in range(900))
    assert Cohort.parse(f"name in {list(levels)!r}").conditions == (
        Condition("name", "in", levels),
    )
    assert (
        len(Cohort.parse(" or ".join(f"age == {i}" for i in range(100))).conditions[0].parts) == 100
    )  # type: ignore[union-attr]
    assert Cohort.parse(f"age < {2**63 - 1}").conditions == (Condition("age", "<", 2**63 - 1),)
    assert Cohort.parse("name == '\U0001f3e6 银行'").name == "name == '\U0001f3e6 银行'"


def test_a_person_whose_id_is_without_end_is_none_of_ours() -> None:
    for id in (NAME, HALF):
        with pytest.raises(NoSuchPerson, match="no person"):
            person(id)


@pytest.mark.parametrize("value", [0.0, -1.5, 1 / 3, 5e-324, 1.7976931348623157e308])
def test_every_number_that_is_one_is_read(value: float) -> None:
    assert number(repr(value)) == value
    assert whole(str(int(value % 1e15))) == int(value % 1e15)


def test_a_text_at_its_bound_is_read() -> None:
    assert bounded("é" * 10, "a text", 10) == "é" * 10
    with pytest.raises(Refusal, match="a text must have at most 10 letters, got 11; write less"):
        bounded("é" * 11, "a text", 10)
