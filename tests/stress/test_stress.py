"""Which stresses are there, and how are they written down?"""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.data.population import find
from analytics.data.refusal import Refusal
from analytics.sources.fitting import load
from analytics.sources.model import Settings
from analytics.stress import stress as stresses_of
from analytics.stress.kind import Stress
from analytics.stress.kinds import KINDS
from analytics.stress.kinds.consent import Consent
from analytics.stress.kinds.drift import Drift
from analytics.stress.kinds.fakery import Fakery
from analytics.stress.kinds.late import Late, late
from analytics.stress.kinds.match import Match
from analytics.stress.kinds.outage import Outage
from analytics.stress.stress import at, parse, stress_context, text
from tests.people import catalog, told

KEYS = ("shop", "phone", "银行", "naïve_2")
CATALOG = catalog(*KEYS)

sources = st.sampled_from(KEYS)
whole = st.integers(-(2**70), 2**70)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["North East", "O'Neill", 'the "best"', "a;b", "x=y", "西部", "a\\b"]
)
names = words.filter(str.strip)
groups = st.just("") | st.tuples(names.filter(lambda n: "=" not in n), names).map("=".join)
months = st.just("") | st.dates().filter(lambda d: d.year >= 1000).map(lambda d: f"{d:%Y-%m}")


def numbers(low: float, high: float, *, exact: bool) -> st.SearchStrategy[float]:
    """Numbers between limits; of six digits unless exact."""
    drawn = st.floats(low, high)
    return drawn if exact else drawn.map(lambda x: float(f"{x:.6g}"))


def kinds(*, exact: bool = False) -> st.SearchStrategy[Stress]:
    """Any stress there can be."""
    share = numbers(0, 1, exact=exact)
    return st.one_of(
        st.builds(
            Fakery,
            sources,
            share,
            st.sampled_from(["bad", "all", "gain"]),
            st.sampled_from(["features", "readings"]),
            numbers(0, 1e12, exact=exact),
            st.booleans(),
            whole,
        ),
        st.builds(
            Consent, sources, share, numbers(0.001, 1000, exact=exact), groups, st.booleans(), whole
        ),
        st.builds(Outage, sources, share, months, st.sampled_from(["weighed", "refuse"]), whole),
        st.builds(Late, sources, share, st.integers(0, 365), whole),
        st.builds(Match, sources, share, whole),
        st.builds(
            Drift, sources, share, numbers(-10, 10, exact=exact), numbers(0, 10, exact=exact), whole
        ),
    )


# as text and back


@settings(max_examples=300)
@given(st.lists(kinds(), max_size=4))
def test_what_is_written_is_read_back_the_same(drawn) -> None:
    assert parse(CATALOG, text(drawn)) == tuple(drawn)


@given(kinds(exact=True))
def test_numbers_survive_to_six_digits_and_all_else_to_the_letter(stress) -> None:
    (again,) = parse(CATALOG, text([stress]))
    assert type(again) is type(stress)
    for field in fields(stress):
        then, now = getattr(stress, field.name), getattr(again, field.name)
        assert now == (pytest.approx(then, rel=5.1e-6, abs=0) if isinstance(then, float) else then)
        assert type(now) is type(then)


@given(kinds(), st.floats(0, 1))
def test_at_another_share_only_the_share_is_another(stress, share) -> None:
    assert at(stress, share).share == share
    assert replace(at(stress, share), share=stress.share) == stress


@pytest.mark.parametrize("word", KINDS)
def test_every_kind_has_its_word_and_at_its_usual_says_nothing_but_its_source(word: str) -> None:
    usual = KINDS[word]("shop")
    assert usual.word == word
    assert text([usual]) == f"{word} shop"
    assert parse(CATALOG, f"{word} shop") == (usual,)


def test_the_fields_of_every_kind_are_plain() -> None:
    assert {
        type(field.default)
        for noun in KINDS.values()
        for field in fields(noun)
        if field.name != "source"
    } == {float, str, int, bool}
    assert {fields(noun)[0].name for noun in KINDS.values()} == {"source"}


@pytest.mark.parametrize("line", ["", " ", ";", " ; ;; ", "\n"])
def test_an_empty_text_is_no_stress(line: str) -> None:
    assert parse(CATALOG, line) == ()
    assert text(()) == ""


@pytest.mark.parametrize(
    "line",
    [
        "fakery shop share=0.17; drift phone shift=-0.2 scale=1.5",
        "fakery shop share=0.17;drift phone shift=-0.2 scale=1.5",
        ";;  fakery  shop\tshare=0.17 ;\n drift phone scale=1.5 shift=-.2;",
        "fakery 'shop' share='0.17'; drift \"phone\" scale=15e-1 'shift=-0.20'",
    ],
)
def test_blanks_quotes_and_order_are_as_people_like(line: str) -> None:
    assert parse(CATALOG, line) == (Fakery("shop", 0.17), Drift("phone", shift=-0.2, scale=1.5))


@pytest.mark.parametrize(
    "group",
    [
        "region=North East",
        "region=O'Neill",
        'region=the "best"',
        "region=a;b",
        "region==",
        "region=a = b",
        "地区=西部",
        "region=#1",
        "region=a\\",
    ],
)
def test_a_group_is_written_so_that_its_blanks_and_signs_stay(group: str) -> None:
    both = (Consent("shop", 0.5, among=group), Match("phone", 0.1))
    assert parse(CATALOG, text(both)) == both


@pytest.mark.parametrize(
    ("word", "flag"), [("true", True), ("Yes", True), ("FALSE", False), ("no", False)]
)
def test_a_flag_is_read_in_words(word: str, flag: bool) -> None:
    assert parse(CATALOG, f"fakery shop trust={word}") == (Fakery("shop", trust=flag),)


# refusals

THERE = "there are: fakery, consent, outage, late, match, drift"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("flood shop", f"no stress 'flood'; {THERE}"),
        ("Fakery shop", f"no stress 'Fakery'; {THERE}"),
        ("match shop; " + "long" * 20, f"no stress 'longlonglonglonglong'; {THERE}"),
        ("fakery", "the stress 'fakery' names no source; write it like fakery shop share=0.2"),
        (
            "match shop; drift;",
            "the stress 'drift' names no source; write it like drift shop share=0.2",
        ),
        ("fakery stop", "no source 'stop' in catalog.toml; it has: shop, phone, 银行, naïve_2"),
        (
            "fakery share=0.2",
            "no source 'share=0.2' in catalog.toml; it has: shop, phone, 银行, naïve_2",
        ),
        ("match shop who=bad", "the stress 'match' has no option 'who'; it has: share, seed"),
        ("match shop 0.2", "the stress 'match' has no option '0.2'; it has: share, seed"),
        (
            "match shop source=phone",
            "the stress 'match' has no option 'source'; it has: share, seed",
        ),
        ("match shop share=many", "cannot read share='many' of a stress; write a number"),
        ("match shop share", "cannot read share='' of a stress; write a number"),
        ("match shop share=0,2", "cannot read share='0,2' of a stress; write a number"),
        ("match shop seed=1.5", "cannot read seed='1.5' of a stress; write a whole number"),
        ("late shop days=nan", "cannot read days='nan' of a stress; write a whole number"),
        (
            "match shop seed=" + "9" * 5000,
            "cannot read seed='99999999999999999999' of a stress; write a whole number",
        ),
        ("fakery shop trust=maybe", "cannot read trust='maybe' of a stress; write true or false"),
        ("consent shop tells", "cannot read tells='' of a stress; write true or false"),
        ("match shop share=2", "the share joined to a wrong record must be between 0 and 1, got 2"),
        (
            "match shop share=nan",
            "the share joined to a wrong record must be between 0 and 1, got nan",
        ),
        ("fakery shop share=2", "share of those who fake 'shop' must be between 0 and 1, got 2"),
        (
            "fakery shop share=-0.1",
            "share of those who fake 'shop' must be between 0 and 1, got -0.1",
        ),
        (
            "fakery shop budget=nan",
            "the budget for faking 'shop' must be an amount of 0 or more, got nan",
        ),
        ("fakery shop who=none", "'who' of a fakery is 'none'; it may be: bad, all, gain"),
        (
            "consent shop share=inf",
            "the share who withdraw consent must be between 0 and 1, got inf",
        ),
        (
            "consent shop odds=inf",
            "the odds of withdrawing consent must be between 0.001 and 1,000, got inf",
        ),
        (
            "consent shop among=West",
            "cannot read among='West'; write a column and one of its values, like region=West",
        ),
        (
            "outage shop month=March",
            "cannot read the month 'March' of an outage; write it like 2025-03",
        ),
        ("outage shop fallback=guess", "no fallback 'guess'; it may be: weighed, refuse"),
        (
            "late shop share=1e9",
            "the share whose records are late must be between 0 and 1, got 1e+09",
        ),
        (
            "late shop days=-1",
            "the days by which records are late must be between 0 and 365, got -1",
        ),
        (
            "drift shop shift=-inf",
            "the shift of a drift must be between -10 and 10 log-odds, got -inf",
        ),
        ("drift shop scale=nan", "the scale of a drift must be between 0 and 10, got nan"),
        (
            "consent shop among='region=North East",
            (
                "a quotation mark is not closed in the stress \"consent shop among='region=North"
                ' East"; close it'
            ),
        ),
        (
            'match shop; drift "shop',
            "a quotation mark is not closed in the stress 'match shop; drift \"shop'; close it",
        ),
    ],
)
def test_what_cannot_be_read_or_cannot_be_is_refused_with_a_sentence(
    line: str, sentence: str
) -> None:
    with pytest.raises(Refusal) as refusal:
        parse(CATALOG, line)
    assert str(refusal.value) == sentence


def test_a_backslash_is_a_letter_like_any_other() -> None:
    with pytest.raises(Refusal, match=r"^no source 'shop\\\\' in catalog.toml"):
        parse(CATALOG, "match shop\\")


pieces = st.sampled_from(
    [
        *KINDS,
        *KEYS,
        "share=",
        "=",
        "odds=2",
        "days=1e3",
        "trust=yes",
        "nan",
        ";",
        "'",
        '"',
        "\\",
        "#",
        " ",
        "\n",
        "0.5",
    ]
) | st.text(max_size=4)


@settings(max_examples=300)
@given(st.lists(pieces, max_size=10).map("".join) | st.lists(pieces, max_size=8).map(" ".join))
def test_any_text_is_read_or_refused(line) -> None:
    try:
        found = parse(CATALOG, line)
    except Refusal:
        return
    assert [stress.word for stress in parse(CATALOG, text(found))] == [
        stress.word for stress in found
    ]


# what lies behind the evidence


@pytest.fixture
def asked(monkeypatch) -> list[tuple[object, ...]]:
    """What is asked of models, detectors and records, in turn."""
    told: list[tuple[object, ...]] = []

    def detect(_population, _everyone, source) -> str:
        told.append(("detect", source.key))
        return "detector"

    def fake(_population, model, _persons, key, budget, *, bad, detect) -> tuple[object, ...]:
        told.append(("fake", model.key, key, budget, bad, detect))
        return told[-1]

    monkeypatch.setattr(stresses_of, "detect", detect)
    monkeypatch.setattr(stresses_of, "fake", fake)
    return told


def test_nothing_is_read_before_it_is_asked_for_and_each_thing_once(
    fitted, asked, monkeypatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(type(fitted), "models", lambda _: pytest.fail("read"))
        behind = stress_context(fitted, fitted.evidence.split("test"))
    assert asked == []
    answers = [
        behind.faked(*words, False)
        for words in (("bank", 5.0), ("bank", 5.0), ("bureau", 5.0), ("bank", 6.0), ("bank", 5.0))
    ]
    assert asked == [
        ("fake", "bank", "bank", 5.0, False, None),
        ("fake", "bureau", "bureau", 5.0, False, None),
        ("fake", "bank", "bank", 6.0, False, None),
    ]
    assert answers == [asked[0], asked[0], asked[1], asked[2], asked[0]]


def test_the_detector_is_of_a_source_whose_known_fakes_the_catalog_names(
    folder, tmp_path, asked
) -> None:
    columns = 'columns = ["balance", "job"]\n'
    (folder / "found.csv").write_text("person_id,fake\np0001,1\np0002,0\n")
    flagged = told(
        folder,
        (
            columns,
            f'{columns}fakes = {{ signs = ["balance"], flag = "fake", table = "found.csv" }}\n',
        ),
    )
    fitted = load(flagged, folder=tmp_path / "work", settings=Settings(rounds=3))
    behind = stress_context(fitted, fitted.evidence)
    for words in (("bank", 5.0), ("bank", 6.0), ("bureau", 5.0)):
        behind.faked(*words, True)
    assert asked == [
        ("detect", "bank"),
        ("fake", "bank", "bank", 5.0, True, "detector"),
        ("fake", "bank", "bank", 6.0, True, "detector"),
        ("fake", "bureau", "bureau", 5.0, True, None),
    ]


def test_late_records_are_those_of_the_source_and_its_model(fitted, tmp_path) -> None:
    persons = fitted.evidence.split("test")
    bank = next(model for model in fitted.models() if model.key == "bank")
    expected = late(find(fitted.population.catalog, tmp_path), bank, persons, "bank", 90, tmp_path)
    assert np.array_equal(
        stress_context(fitted, persons, shelf=tmp_path).late("bank", 90), expected, equal_nan=True
    )
