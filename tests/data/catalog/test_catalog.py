"""How do data describe themselves?"""

from pathlib import Path

import numpy as np
import pytest

from analytics.data.catalog.model import Alliance, Bureau, Fakes, Feature, Source
from analytics.data.catalog.toml import read
from analytics.data.cohort import Condition
from analytics.data.refusal import Refusal

ROOT = Path(__file__).parents[3]
WHOLE = """
[population]
table = "people.parquet"
id = "person_id"
outcome = "status"
bad = ["late", 2, 1.5]
label = "Four towns"
fictional = true
time = "applied_on"
segments = ["region", "age_band"]
protected = ["gender", "age_band"]
missing = [-9, -8.5, "?"]
currency = "EUR"
gain = 120
loss = 1500.5

[[sources]]
key = "bureau"
label = "Credit bureau"
dimension = "History"
table = "bureau.csv"
columns = ["late_*", "grade"]
present = "found"
cost = 2
consent = "agreed"
label_zh = "征信机构"

[sources.features.late_90]
label = "Payments 90+ days late"
unit = "count"
direction = "riskier"
actionable = true
type = "number"
label_zh = "逾期90天次数"
reason_high = "Payments were late"
reason_high_zh = "有逾期"
reason_low = "Hardly any payments to judge by"
reason_low_zh = "可供参考的还款较少"

[[sources]]
key = "bank"
columns = ["balance"]

[[bureaus]]
key = "zhima"
label = "Zhima-like"
weights = { bureau = 35, bank = 25.5 }
sees = { bureau = "region == 'West'", bank = "" }
points = { low = 300, high = 900, bands = [500, 700], names = ["C", "B", "A"] }
provenance = "unofficial"

[[bureaus]]
key = "ccb"
weights = { bank = 1 }

[[alliances]]
key = "both"
label = "A bank and a shop"
partners = ["ccb", "zhima"]
"""


@pytest.fixture
def written(tmp_path: Path):
    def write(text: str, *edits: tuple[str, str]):
        for old, new in edits:
            assert old in text
            text = text.replace(old, new, 1)
        (tmp_path / "catalog.toml").write_text(text, "utf-8")
        return read(tmp_path / "catalog.toml")

    return write


def test_every_key_of_the_catalog_is_read(written) -> None:
    catalog = written(WHOLE)
    people, (bureau, bank), (zhima, ccb) = catalog.people, catalog.sources, catalog.bureaus
    assert (people.table, people.id, people.outcome, people.bad) == (
        "people.parquet",
        "person_id",
        "status",
        ("late", 2, 1.5),
    )
    assert (people.label, people.fictional, people.time, people.currency, people.missing) == (
        "Four towns",
        True,
        "applied_on",
        "EUR",
        (-9, -8.5, "?"),
    )
    assert people.groups == ("region", "age_band", "gender")
    texts = (
        "逾期90天次数",
        "Payments were late",
        "有逾期",
        "Hardly any payments to judge by",
        "可供参考的还款较少",
    )
    late = Feature("late_90", "Payments 90+ days late", "count", "riskier", True, "number", *texts)
    assert bureau == Source(
        "bureau",
        "Credit bureau",
        ("late_*", "grade"),
        "History",
        (late,),
        "bureau.csv",
        "found",
        2.0,
        "agreed",
        "征信机构",
    )
    assert bank == Source("bank", "bank", ("balance",))
    conditions = (("bureau", (Condition("region", "==", "West"),)), ("bank", ()))
    weights = (("bureau", 35.0), ("bank", 25.5))
    assert zhima == Bureau(
        "zhima",
        "Zhima-like",
        weights,
        conditions,
        300.0,
        900.0,
        (500.0, 700.0),
        ("C", "B", "A"),
        "unofficial",
    )
    assert ccb == Bureau("ccb", "ccb", (("bank", 1.0),))
    assert catalog.alliances == (Alliance("both", "A bank and a shop", ("ccb", "zhima")),)
    assert (people.gain, people.loss, people.margin) == (120.0, 1500.5, (120.0, 1500.5))


def test_a_catalog_iterates_over_its_sources_and_finds_each_by_key(written) -> None:
    catalog = written(WHOLE)
    assert [s.key for s in catalog] == list(catalog.keys) == ["bureau", "bank"]
    assert len(catalog) == 2
    assert catalog.source("bank").label == "bank"
    assert catalog.bureau("zhima").low == 300
    assert catalog.title == "Four towns"


def test_a_catalog_without_a_label_is_called_like_its_folder(written, tmp_path) -> None:
    assert written(WHOLE, ('label = "Four towns"\n', "")).title == tmp_path.name


def test_without_gain_and_loss_there_is_no_margin_and_one_of_them_is_enough(written) -> None:
    neither = written(WHOLE, ("gain = 120\n", ""), ("loss = 1500.5\n", "")).people
    assert np.isnan(neither.margin).all()
    assert written(WHOLE, ("gain = 120\n", "")).people.margin == (0.0, 1500.5)
    assert written(WHOLE, ("loss = 1500.5\n", "")).people.margin == (120.0, 0.0)


def test_an_alliance_without_a_label_is_called_by_its_key(written) -> None:
    assert written(WHOLE, ('label = "A bank and a shop"\n', "")).alliances == (
        Alliance("both", "both", ("ccb", "zhima")),
    )


def test_a_catalog_may_have_no_alliances(written) -> None:
    assert written(WHOLE.partition("[[alliances]]")[0]).alliances == ()


def test_a_feature_of_which_nothing_is_said_is_its_name(written) -> None:
    bureau = written(WHOLE).source("bureau")
    assert bureau.feature("grade") == Feature("grade")
    assert (bureau.feature("grade").title, bureau.feature("grade").numeric) == ("grade", False)
    assert (bureau.feature("late_90").title, bureau.feature("late_90").numeric) == (
        "Payments 90+ days late",
        True,
    )


def test_without_chinese_words_the_label_stands_in(written) -> None:
    bureau, bank = written(WHOLE).sources
    assert (
        bureau.title_zh,
        bureau.feature("late_90").title_zh,
        bureau.feature("grade").title_zh,
        bank.title_zh,
    ) == ("征信机构", "逾期90天次数", "grade", "bank")
    assert (
        written(WHOLE, ('label_zh = "逾期90天次数"\n', ""))
        .source("bureau")
        .feature("late_90")
        .title_zh
        == "Payments 90+ days late"
    )


def test_the_catalog_of_the_sample_people_is_valid() -> None:
    assert len(read(ROOT / "sample_data" / "catalog.toml")) == 10


FAKED = """
[population]
table = "people.csv"
id = "id"
outcome = "bad"
time = "day"

[[sources]]
key = "shop"
table = "orders.csv"
date = "made_on"
lag = 14
fakes = { signs = ["burst*", "loops"], flag = "fake", table = "found.csv" }

[sources.features.spent]
fakeable = true
price = 0.25

[sources.aggregates.spent]
of = "sum"
column = "paid"
"""


def test_what_can_be_faked_how_fakes_are_told_and_how_late_records_come(written) -> None:
    catalog = written(FAKED)
    shop = catalog.source("shop")
    assert shop.fakes == Fakes(("burst*", "loops"), "fake", "found.csv")
    assert shop.feature("spent") == Feature("spent", fakeable=True, price=0.25)
    assert shop.feature("spent").numeric
    assert shop.lag == 14
    assert catalog.names == ("people.csv", "orders.csv", "found.csv")


def test_a_flag_in_the_source_s_own_table_needs_no_other(written) -> None:
    catalog = written(FAKED, (', table = "found.csv"', ""))
    assert catalog.source("shop").fakes == Fakes(("burst*", "loops"), "fake")
    assert catalog.names == ("people.csv", "orders.csv")


def test_a_source_of_which_nothing_is_said_has_no_fakes_and_comes_at_once(written) -> None:
    bank = written(WHOLE).source("bank")
    assert (
        bank.fakes,
        bank.lag,
        bank.feature("balance").fakeable,
        bank.feature("balance").price,
    ) == (None, 0, False, 0.0)


BOUGHT = (
    "feature 'spent': 'fakeable = true' and a 'price' above 0, of one unit more, go together; give"
    " both or neither"
)
LATE = (
    "source 'shop': 'lag' is a number of days of 0 or more, and needs 'aggregates' and their 'date'"
)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("price = 0.25\n", "", BOUGHT),
        ("price = 0.25", "price = 0", BOUGHT),
        ("price = 0.25", "price = -1", BOUGHT),
        ("price = 0.25", "price = inf", BOUGHT),
        ("price = 0.25", "price = nan", BOUGHT),
        ("fakeable = true\n", "", BOUGHT),
        ("price = 0.25", 'price = 0.25\ntype = "category"', "feature 'spent' is a category, and only more of a number can be bought; drop 'fakeable'"),
        ("price = 0.25", 'price = "much"', "[[sources]] 'shop', feature 'spent': 'price' must be a number, got 'much'"),
        ("fakeable = true", "fakeable = 1", "[[sources]] 'shop', feature 'spent': 'fakeable' must be true or false, got 1"),
        ('["burst*", "loops"]', "[]", "'fakes' names no 'signs'; list the columns that give fake records away"),
        ('signs = ["burst*", "loops"], ', "", "'fakes' names no 'signs'; list the columns that give fake records away"),
        ('["burst*", "loops"]', '"loops"', "[[sources]] 'shop', fakes: 'signs' must be a list, got 'loops'"),
        (', flag = "fake"', "", "[[sources]] 'shop', fakes lacks the key 'flag'; add it"),
        ('flag = "fake"', "flag = 1", "[[sources]] 'shop', fakes: 'flag' must be a text in quotes, got 1"),
        ('table = "found.csv"', 'file = "found.csv"', "[[sources]] 'shop', fakes has an unknown key 'file'; it may have: signs, flag, table"),
        ('{ signs = ["burst*", "loops"], flag = "fake", table = "found.csv" }', '"fake"', "[[sources]] 'shop': 'fakes' must be a table, got 'fake'"),
        ("lag = 14", "lag = -1", LATE),
        ('date = "made_on"\n', "", LATE),
        ("lag = 14", "lag = 1.5", "[[sources]] 'shop': 'lag' must be a number, got 1.5"),
    ],
)  # fmt: skip
def test_a_broken_rule_of_fakes_and_lag_is_refused_with_its_sentence(
    written, old: str, new: str, sentence: str
) -> None:
    with pytest.raises(Refusal) as refused:
        written(FAKED, (old, new))
    assert str(refused.value) == f"catalog.toml: {sentence}"


def test_a_lag_without_records_to_sum_up_is_refused(written) -> None:
    with pytest.raises(Refusal) as refused:
        written(WHOLE, ("cost = 2", "cost = 2\nlag = 7"))
    assert str(refused.value) == f"catalog.toml: {LATE}".replace("shop", "bureau")


RULES = [
    # the population
    (
        "[population]",
        "[peoples]",
        (
            "the top level has an unknown key 'peoples'; it may have: population, tables, sources,"
            " bureaus"
        ),
    ),
    ('id = "person_id"\n', "", "[population] lacks the key 'id'; add it"),
    ('table = "people.parquet"\n', "", "[population] lacks the key 'table'; add it"),
    ('outcome = "status"\n', "", "[population] lacks the key 'outcome'; add it"),
    ('id = "person_id"', "id = 7", "[population]: 'id' must be a text in quotes, got 7"),
    (
        "fictional = true",
        'fictional = "yes"',
        "[population]: 'fictional' must be true or false, got 'yes'",
    ),
    (
        'segments = ["region", "age_band"]',
        'segments = "region"',
        "[population]: 'segments' must be a list, got 'region'",
    ),
    (
        'segments = ["region", "age_band"]',
        "segments = [1]",
        "[population]: 'segments' must be a list of texts, got [1]",
    ),
    (
        '"region", "age_band"',
        '"month"',
        "[population]: a segment cannot be called 'month', a word of our own; rename the column",
    ),
    (
        '"gender", "age_band"',
        '"base_rate"',
        (
            "[population]: a segment cannot be called 'base_rate', a word of our own; rename the"
            " column"
        ),
    ),
    ('bad = ["late", 2, 1.5]', "bad = 1", "[population]: 'bad' must be a list, got 1"),
    (
        'bad = ["late", 2, 1.5]',
        "bad = [[1]]",
        "[population]: 'bad' must be a list of texts and numbers, got [[1]]",
    ),
    (
        'currency = "EUR"',
        'money = "EUR"',
        (
            "[population] has an unknown key 'money'; it may have: table, id, outcome, bad, label,"
            " fictional, time, segments, protected"
        ),
    ),
    # sources
    ('key = "bureau"\n', "", "[[sources]] '?' lacks the key 'key'; add it"),
    (
        'key = "bureau"',
        'key = "credit bureau"',
        (
            "source key 'credit bureau' must be one word of letters, digits and _, not starting"
            " with a digit"
        ),
    ),
    (
        'key = "bank"',
        'key = "bureau"',
        "source 'bureau' stands twice in the catalog; give each source its own key",
    ),
    (
        'columns = ["balance"]',
        "",
        "source 'bank' names no columns; list at least one under 'columns'",
    ),
    (
        'columns = ["balance"]',
        'columns = "balance"',
        "[[sources]] 'bank': 'columns' must be a list, got 'balance'",
    ),
    (
        'columns = ["balance"]',
        "columns = [3]",
        "[[sources]] 'bank': 'columns' must be a list of texts, got [3]",
    ),
    ("cost = 2", "cost = -2", "source 'bureau': 'cost' must be 0 or more, got -2"),
    ("cost = 2", "cost = nan", "source 'bureau': 'cost' must be 0 or more, got nan"),
    ("cost = 2", "cost = inf", "source 'bureau': 'cost' must be 0 or more, got inf"),
    ("cost = 2", "cost = true", "[[sources]] 'bureau': 'cost' must be a number, got True"),
    ("cost = 2", 'cost = "2"', "[[sources]] 'bureau': 'cost' must be a number, got '2'"),
    (
        "consent =",
        "consents =",
        (
            "[[sources]] 'bureau' has an unknown key 'consents'; it may have: key, label,"
            " dimension, table, columns, present, cost, consent, features"
        ),
    ),
    # features
    (
        'direction = "riskier"',
        'direction = "up"',
        "feature 'late_90': 'direction' is 'up'; it may be: riskier, safer, unknown",
    ),
    (
        'type = "number"',
        'type = "text"',
        "feature 'late_90': 'type' is 'text'; it may be: number, category",
    ),
    (
        'type = "number"',
        'type = "category"',
        (
            "feature 'late_90' is a category, so it cannot be 'riskier'; drop the direction or make"
            " it a number"
        ),
    ),
    (
        'unit = "count"',
        'units = "count"',
        (
            "feature 'late_90' has an unknown key 'units'; it may have: label, unit, direction,"
            " actionable, type"
        ),
    ),
    (
        'reason_high = "Payments were late"',
        "reason_high = 3",
        "feature 'late_90': 'reason_high' must be a text in quotes, got 3",
    ),
    (
        'reason_low_zh = "可',
        'reason_down = "可',
        (
            "feature 'late_90' has an unknown key 'reason_down'; it may have: label, unit,"
            " direction, actionable, type, label_zh"
        ),
    ),
    (
        'label_zh = "征信机构"',
        "label_zh = true",
        "[[sources]] 'bureau': 'label_zh' must be a text in quotes, got True",
    ),
    (
        "actionable = true",
        "actionable = 1",
        "feature 'late_90': 'actionable' must be true or false, got 1",
    ),
    (
        "[sources.features.late_90]",
        "[sources.features]",
        "[[sources]] 'bureau': 'features' must hold tables, and 'label' is none",
    ),
    # bureaus
    ('key = "zhima"\n', "", "[[bureaus]] '?' lacks the key 'key'; add it"),
    (
        "weights = { bureau = 35, bank = 25.5 }\n",
        "",
        "[[bureaus]] 'zhima' lacks the key 'weights'; add it",
    ),
    (
        "bank = 25.5",
        "banc = 25.5",
        "bureau 'zhima' names no source 'banc' in catalog.toml; it has: bureau, bank",
    ),
    (
        'bank = ""',
        'banc = ""',
        "bureau 'zhima' names no source 'banc' in catalog.toml; it has: bureau, bank",
    ),
    (
        ', bank = ""',
        "",
        (
            "bureau 'zhima' gives weight to 'bank' but does not list it under 'sees'; add it there"
            " or drop the weight"
        ),
    ),
    ("bank = 25.5", "bank = -1", "bureau 'zhima': weights must be 0 or more and not all 0"),
    ("bank = 25.5", "bank = inf", "bureau 'zhima': weights must be 0 or more and not all 0"),
    (
        "bureau = 35, bank = 25.5",
        "bureau = 0",
        "bureau 'zhima': weights must be 0 or more and not all 0",
    ),
    (
        "bank = 25.5",
        'bank = "many"',
        "[[bureaus]] 'zhima': weight of 'bank' must hold numbers, got 'many'",
    ),
    (
        "region == 'West'",
        "region is West",
        (
            "cannot read the condition 'region is West'; write a column, a comparison and a value,"
            " such as: column == 'text'"
        ),
    ),
    (
        "low = 300",
        "low = 900",
        "bureau 'zhima': points must have 'low' below 'high', got 900 and 900",
    ),
    (
        "bands = [500, 700]",
        "bands = [700, 500]",
        "bureau 'zhima': 'bands' must rise and lie between 300 and 900",
    ),
    (
        "bands = [500, 700]",
        "bands = [300, 700]",
        "bureau 'zhima': 'bands' must rise and lie between 300 and 900",
    ),
    (
        "bands = [500, 700]",
        'bands = ["a", 700]',
        "[[bureaus]] 'zhima', points: 'bands' must hold numbers, got 'a'",
    ),
    (
        'names = ["C", "B", "A"]',
        'names = ["C"]',
        "bureau 'zhima': 2 bands make 3 classes, but 'names' has 1",
    ),
    (
        "low = 300",
        "least = 300",
        (
            "[[bureaus]] 'zhima', points has an unknown key 'least'; it may have: low, high, bands,"
            " names"
        ),
    ),
    ('key = "zhima"', 'key = "zhima"\nscale = 1', "[[bureaus]] 'zhima' has an unknown key 'scale'"),
    # alliances
    ('key = "both"\n', "", "[[alliances]] '?' lacks the key 'key'; add it"),
    (
        'partners = ["ccb", "zhima"]\n',
        "",
        "alliance 'both' needs two partners or more, each named once",
    ),
    (
        'partners = ["ccb", "zhima"]',
        'partners = ["ccb"]',
        "alliance 'both' needs two partners or more, each named once",
    ),
    (
        'partners = ["ccb", "zhima"]',
        'partners = ["ccb", "ccb"]',
        "alliance 'both' needs two partners or more, each named once",
    ),
    (
        'partners = ["ccb", "zhima"]',
        'partners = ["ccb", "zhima", "ccb"]',
        "alliance 'both' needs two partners or more, each named once",
    ),
    (
        'partners = ["ccb", "zhima"]',
        'partners = ["ccb", "zima"]',
        "alliance 'both' names no bureau 'zima' in catalog.toml; it has: zhima, ccb",
    ),
    (
        'partners = ["ccb", "zhima"]',
        'partners = "ccb"',
        "[[alliances]] 'both': 'partners' must be a list, got 'ccb'",
    ),
    (
        'partners = ["ccb", "zhima"]',
        "partners = [1, 2]",
        "[[alliances]] 'both': 'partners' must be a list of texts, got [1, 2]",
    ),
    (
        'partners = ["ccb", "zhima"]',
        'partner = ["ccb", "zhima"]',
        "[[alliances]] 'both' has an unknown key 'partner'; it may have: key, label, partners",
    ),
    # gain and loss
    ("gain = 120", 'gain = "much"', "[population]: 'gain' must be a number, got 'much'"),
    ("loss = 1500.5", "loss = true", "[population]: 'loss' must be a number, got True"),
    ("gain = 120", "gain = -1", "[population]: 'gain' must be 0 or more, got -1"),
    ("loss = 1500.5", "loss = inf", "[population]: 'loss' must be 0 or more, got inf"),
    ("loss = 1500.5", "loss = nan", "[population]: 'loss' must be 0 or more, got nan"),
    # the file
    ("[population]", "[population", "catalog.toml is not valid TOML: "),
]


@pytest.mark.parametrize(
    ("old", "new", "sentence"), RULES, ids=[sentence[:60] for _, _, sentence in RULES]
)
def test_a_broken_rule_is_refused_with_its_sentence(
    written, old: str, new: str, sentence: str
) -> None:
    with pytest.raises(Refusal) as refusal:
        written(WHOLE, (old, new))
    assert str(refusal.value).startswith("catalog.toml")
    assert sentence in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "catalog.toml: the top level lacks the key 'population'; add it"),
        (
            WHOLE.split("[[sources]]", maxsplit=1)[0],
            "catalog.toml: the catalog has no [[sources]]; add at least one",
        ),
        (
            "sources = ['bank']\n" + WHOLE.split("[[sources]]", maxsplit=1)[0],
            "catalog.toml: 'sources' must be a list of tables, each under [[sources]]",
        ),
        ("population = 3", "catalog.toml: the top level: 'population' must be a table, got 3"),
        (
            WHOLE + '[[bureaus]]\nkey = "zhima"\nweights = { bank = 1 }\n',
            (
                "catalog.toml: bureau 'zhima' stands twice in the catalog; give each bureau its"
                " own key"
            ),
        ),
        (
            WHOLE + '[[alliances]]\nkey = "both"\npartners = ["zhima", "ccb"]\n',
            (
                "catalog.toml: alliance 'both' stands twice in the catalog; give each alliance its"
                " own key"
            ),
        ),
    ],
)
def test_a_catalog_that_is_not_one_is_refused(written, text: str, sentence: str) -> None:
    with pytest.raises(Refusal) as refusal:
        written(text)
    assert str(refusal.value) == sentence


def test_a_catalog_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        Refusal, match=r"cannot open the catalog .*none.toml; name an existing file with --catalog"
    ):
        read(tmp_path / "none.toml")


def test_a_catalog_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "catalog.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(Refusal, match=r"^catalog.toml is not UTF-8 text; save it as UTF-8"):
        read(tmp_path / "catalog.toml")


def test_an_unknown_source_or_bureau_is_named_with_those_there_are(written) -> None:
    catalog = written(WHOLE)
    with pytest.raises(Refusal, match=r"^no source 'banc' in catalog.toml; it has: bureau, bank$"):
        catalog.source("banc")
    with pytest.raises(Refusal, match=r"^no bureau 'fico' in catalog.toml; it has: zhima, ccb$"):
        catalog.bureau("fico")
