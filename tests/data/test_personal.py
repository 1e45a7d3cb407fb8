"""Is this column about somebody in particular?"""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.data.personal import kind, mask, named, words

DAYS = st.dates(date(1930, 1, 1), date(2015, 12, 31)).map(lambda day: f"{day:%Y%m%d}")
BODIES = st.builds("{}{}{}".format, st.integers(110000, 659999), DAYS, st.integers(100, 999))


def resident(body: str) -> str:
    """The whole identity number.

    2 ** (17 - place) modulo 11 weighs each place, by the standard's own definition.
    """
    return body + "10X98765432"[sum(int(d) * (2 ** (17 - i) % 11) for i, d in enumerate(body)) % 11]


@given(st.lists(BODIES, min_size=1, max_size=20))
def test_resident_identity_numbers_are_found_by_their_last_place_and_not_without_it(
    bodies: list[str],
) -> None:
    right = list(map(resident, bodies))
    wrong = [body + ("1" if resident(body)[-1] != "1" else "2") for body in bodies]
    assert kind(pl.Series(right), "x") == "national id"
    assert kind(pl.Series(wrong), "x") == ""


@pytest.mark.parametrize(
    ("values", "name", "found"),
    [
        (["11010519491231002X", "11010519491231002x"], "code", "national id"),
        (["110105491231002", "440524800101001"], "code", "national id"),
        ([110105194902300021], "code", ""),  # a 30th of February
        (["123-45-6789", "665-12-3456"], "code", "national id"),
        (["000-45-6789", "666-12-3456", "900-12-3456"], "code", ""),
        ([706213, 450204], "birth_number", "national id"),
        ([706213, 450204], "balance", ""),
        ([13812345678, 19912345678], "contact", "phone"),
        (["138 1234 5678", "+86 139-1234-5678"], "contact", "phone"),
        (["+44 20 7946 0958", "(212) 555-0123"], "contact", "phone"),
        ([12812345678, 23812345678], "amount", ""),
        (["ann@example.org", "bob.b@mail.example.com"], "contact", "e-mail"),
        (["Ann Lee", "Bob O'Neil", "Cleo"], "name", "name"),
        (["Ann Lee", "Bob O'Neil", "Cleo"], "city", ""),
        (["Ann Lee", "Bob O'Neil", "Cleo"], "customerName", "name"),
        (["gold", "silver"] * 20, "name", ""),
        (["A1", "B2", "C3"], "name", ""),
        (["王小明", "李华", "欧阳修远", "张伟"], "x", "name"),
        (["王小明", "李华"] * 20, "x", ""),
        (["华东", "华南", "华北"], "region", ""),
        ([None, None], "name", ""),
        ([], "name", ""),
        ([1.5, 2.5], "phone", ""),
    ],
)
def test_a_column_is_personal_where_its_values_are(
    values: list[object], name: str, found: str
) -> None:
    assert kind(pl.Series(name, values, strict=False), name) == found


def test_one_cell_makes_no_column_personal_and_one_error_saves_none() -> None:
    phones = ["13812345678"] * 9
    assert kind(pl.Series([*phones, "oops", None]), "x") == "phone"
    assert kind(pl.Series(["oops"] * 9 + ["13812345678", None]), "x") == ""


def test_words_are_set_apart_by_case_signs_and_numbers() -> None:
    assert words("SeriousDlqin2yrs") == ("serious", "dlqin", "2", "yrs")
    assert words("default payment next-month") == ("default", "payment", "next", "month")
    assert words("SK_ID_CURR") == ("sk", "id", "curr")
    assert words("近6月查询次数") == ("近", "6", "月查询次数")
    assert words("  ") == ()


def test_a_phrase_is_found_as_whole_words_and_in_chinese_anywhere() -> None:
    assert named("Charge-Off Date", ["charge off"])
    assert not named("recharge_offer", ["charge off"])
    assert named("客户姓名", ["姓名"])


@given(st.lists(st.none() | st.text(max_size=20)))
def test_a_mask_shows_no_more_than_two_places_of_a_long_value(values: list[str | None]) -> None:
    for value, shown in zip(values, mask(pl.Series("x", values, pl.String)), strict=True):
        assert shown == (
            None if value is None else "••••" + (value[-2:] if len(value) >= 8 else "")
        )


def test_numbers_are_masked_as_they_are_written() -> None:
    assert mask(pl.Series("phone", [13812345678, 5, None])).to_list() == ["••••78", "••••", None]
