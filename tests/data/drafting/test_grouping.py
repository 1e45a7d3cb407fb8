"""Which columns belong together?"""

from analytics.data.drafting.grouping import grouped

HOUSING = [
    f"{what}_{how}"
    for what in ("APARTMENTS", "BASEMENTAREA", "ELEVATORS", "LIVINGAREA", "FLOORSMAX")
    for how in ("AVG", "MODE", "MEDI")
]


def test_three_columns_of_three_bureaus_are_three_sources_and_building_facts_one() -> None:
    found = dict(
        grouped(
            [
                *HOUSING,
                "EXT_SOURCE_1",
                "EXT_SOURCE_2",
                "EXT_SOURCE_3",
                "experian_score",
                "AMT_ANNUITY",
            ],
            ("other",),
        )
    )
    assert found["source", "1"] == ["EXT_SOURCE_1"]
    assert found["source", "3"] == ["EXT_SOURCE_3"]
    assert found[("experian",)] == ["experian_score"]
    assert found[("housing",)] == HOUSING


def test_one_table_makes_eight_sources_at_most_and_other_never_holds_most() -> None:
    silos = (
        "age",
        "income",
        "loan_amount",
        "late_count",
        "utilisation",
        "phone",
        "city",
        "balance",
        "purpose",
        "employment_years",
        "score",
        "colour",
        "shape",
    )
    columns = [
        *silos,
        *(
            f"{word}_{k}"
            for word in ("aa", "bb", "cc", "dd", "ee", "ff", "gg", "hh", "ii", "jj")
            for k in (1, 2)
        ),
    ]
    found = grouped(columns, ("other",))
    assert len(found) <= 8
    assert sorted(c for _, members in found for c in members) == sorted(columns)
    few = dict(
        grouped(
            [
                "income",
                "loan_amount",
                "late_count",
                "utilisation",
                "phone",
                "city",
                "balance",
                "purpose",
                "score",
            ],
            ("other",),
        )
    )
    assert len(few.get(("other",), [])) <= 4
