"""How does a catalog stand in its file?"""

from dataclasses import fields

import pytest

from analytics.data.catalog import toml
from analytics.data.catalog.model import (
    Aggregate,
    Alliance,
    Bureau,
    Cleaning,
    Fakes,
    Feature,
    People,
    Scale,
    Source,
    Table,
)

ELSEWHERE = {  # fields that are not a key of their own table
    Aggregate: {"name"},  # stands before its table, as do the next two
    Feature: {"name"},
    Table: {"name", "like"},  # `like` is of fitted models, never of a file
    Cleaning: {"table"},
    Source: {"steps"},  # written as via and on
    Bureau: {"low", "high", "bands", "names"},  # under points
}


@pytest.mark.parametrize(
    ("shape", "nouns", "more"),
    [
        (toml.PEOPLE, [People], set()),
        (toml.TABLE, [Table, Cleaning], set()),
        (toml.SOURCE, [Source], {"via", "on"}),
        (toml.FEATURE, [Feature], set()),
        (toml.AGGREGATE, [Aggregate], set()),
        (toml.FAKES, [Fakes], set()),
        (toml.BUREAU, [Bureau], {"points"}),
        (toml.ALLIANCE, [Alliance], set()),
        (toml.SCALE, [Scale], set()),
    ],
)
def test_every_field_of_a_catalog_is_a_key_that_is_declared_once(
    shape: toml.Shape, nouns: list[type], more: set[str]
) -> None:
    keys = [key.name for key in shape.keys]
    assert len(keys) == len(set(keys))
    assert (
        set(keys)
        == {f.name for noun in nouns for f in fields(noun) if f.name not in ELSEWHERE.get(noun, ())}
        | more
    )
