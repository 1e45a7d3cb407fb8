"""How is the sample population made?

Every person is fictional. A person has an outcome and, for each source, a *reading*: one number,
higher is safer. Given the outcome, readings are normal with mean +d/2 (repays) or -d/2 (defaults)
and standard deviation 1, where d = sqrt(2) probit(AUC) gives the source the accuracy published for
its kind. What a source *sees* is the reading, moved by drift, by one planted jump and by fake
orders; its features are noisy views of what it sees.

    python sample_data/generate.py --persons 60000 --seed 7 --out sample_data

People are drawn in chunks, each from its own random stream, so memory stays flat at any number of
persons.
"""

import argparse
import math
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from statistics import NormalDist

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

Columns = dict[str, np.ndarray | pl.Series]

CHUNK = 250_000  # persons drawn at a time
BASE_RATE = 0.08
START = date(2024, 1, 1)
DAYS = 731  # 2024 and 2025
NORMAL = NormalDist()

# --------------------------------------------------------------------------------------------------
# ------------- What is planted --------------------------------------------------------------------
# -------------------------------------------


@dataclass(frozen=True, slots=True)
class Segment:
    """A way of dividing people.

    Its values, their shares, and how often each defaults relative to the others.
    """

    values: tuple[str, ...]
    shares: tuple[float, ...]
    lifts: tuple[float, ...]

    @property
    def risk(self) -> np.ndarray:
        """Default rate of each value over the base rate; its mean over people is exactly 1."""
        return np.divide(self.lifts, np.dot(self.shares, self.lifts))

    def draw(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """Positions in `values`, shape (count)."""
        return pick(rng, count, self.shares)


AGE = Segment(
    ("18-24", "25-34", "35-49", "50+"), (0.18, 0.36, 0.32, 0.14), (1.35, 1.05, 0.85, 0.76)
)
REGION = Segment(
    ("East", "Centre", "West", "North-east"), (0.42, 0.26, 0.22, 0.10), (0.92, 1.02, 1.10, 1.06)
)
GENDER = Segment(("female", "male"), (0.46, 0.54), (0.92, 1.06))
CHANNEL = Segment(("App", "Branch", "Partner"), (0.60, 0.20, 0.20), (0.97, 0.80, 1.29))
CHANNEL_DRIFT = 0.10  # share of people who move from Branch to Partner over the 24 months
RATE_DRIFT = 0.12  # growth of the default rate over the 24 months, as a share of it

BANKS = ("CCB", "ICBC", "ABC", "BOC", "other"), (0.22, 0.24, 0.20, 0.14, 0.20)
PLATFORMS = ("alibaba", "jd", "xiaomi"), (0.62, 0.28, 0.10)
WALLETS = ("alipay", "wechat", "jd"), (0.54, 0.38, 0.08)
PHONES = (
    ("xiaomi", "huawei", "apple", "oppo", "vivo", "other"),
    (0.20, 0.22, 0.20, 0.16, 0.16, 0.06),
)
TERMS = (6, 12, 18, 24, 36), (0.15, 0.40, 0.15, 0.20, 0.10)

OLDER = (-0.50, 0.00, 0.20, 0.10)  # sources that know the young less, by age band
YOUNGER = (0.25, 0.20, -0.10, -0.50)  # sources that know the old less
ANYONE = (0.0, 0.0, 0.0, 0.0)
PLACES = (0.15, 0.00, -0.20, -0.05)  # every source knows the East better, by region
INCLUSION = 0.55  # correlation of being known with the person's inclusion, which all sources share
# the young look riskier to every source than they are, by age band
STANDING = (-0.25, -0.03, 0.08, 0.15)

JUMP_SOURCE = "payments"
# from here on wallets report a person's main account instead of all accounts,
JUMP_DATE = date(2025, 6, 1)
# so that everyone looks this much riskier to the source, in standard deviations, and nobody is
JUMP = -1.2
# over the 24 months
DRIFT = {"ecommerce": 0.10, "social": -0.15, "device": 0.15, "utilities": -0.05}

SELLERS = 0.15  # share of the people e-commerce knows who run a shop
BRUSHING_SELLERS = 0.17  # share of sellers who fake orders
BRUSHING_BUYERS = 0.03  # share of other buyers who lend their account to fake orders
BRUSHING_LIFT = 1.5  # people who default brush this many times as often
BLACKLISTED = (0.0110, 0.160)  # share of those who repay, of those who default
REFUSED = 0.40  # share of the people device may not use of whom it does hold a record
OWNERS_UNKNOWN = 0.05  # share of the people enterprise does not know who own a firm all the same


# --------------------------------------------------------------------------------------------------
# ------------- How a feature is made of a view: higher views are safer unless the loading is
# negative -----------------------------------------------------------------------------------------
# ----------------------


@dataclass(frozen=True, slots=True)
class View:
    """What one source sees of the people it holds a record of; all arrays have shape (records).

    `seen` is the reading the features show, `age` a position in AGE, `seller` and `fake` whether
    the person runs an online shop and takes part in fake orders, `jumped` whether the application
    came after the planted jump.
    """

    seen: np.ndarray
    age: np.ndarray
    defaulted: np.ndarray
    seller: np.ndarray
    fake: np.ndarray
    jumped: np.ndarray
    rng: np.random.Generator

    def noise(self) -> np.ndarray:
        """Standard normal, one per person."""
        return self.rng.standard_normal(len(self.seen), dtype=np.float32)

    def chance(self, odds: float) -> np.ndarray:
        """True for this share of the people, whatever they are like."""
        return self.rng.random(len(self.seen), dtype=np.float32) < odds

    def look(self, loading: float) -> np.ndarray:
        """What is seen, blurred: it correlates within class by `loading` with the reading."""
        return (
            np.float32(loading) * self.seen + np.float32(math.sqrt(1 - loading**2)) * self.noise()
        )

    def swing(self) -> np.ndarray:
        """Far from 0, on either side, for people who look risky.

        Too little and too much are both bad signs.
        """
        return self.noise() * np.exp(np.float32(-0.35) * self.seen)

    def months(
        self, loading: float, typical: tuple[float, ...], most: tuple[int, ...]
    ) -> np.ndarray:
        """Age of something only adults have, in months.

        `typical` and `most` by age band, for nobody is older than himself.
        """
        return count(
            self.look(loading),
            np.array(typical, np.float32)[self.age],
            0.55,
            np.array(most, np.int16)[self.age],
        )


def money(view: np.ndarray, median: float, spread: float, step: int = 10) -> np.ndarray:
    """CNY, log-normal about `median`, rounded to `step`."""
    amount = np.exp(np.clip(view, -6, 6) * np.float32(spread)) * np.float32(median / step)
    return np.asarray(np.rint(amount) * step, np.int32)


def share(view: np.ndarray, centre: float, steep: float = 1.0) -> np.ndarray:
    """Between 0 and 1, to three digits; `centre` is the log-odds at view 0."""
    return np.asarray(
        np.round(1 / (1 + np.exp(-(view * np.float32(steep) + np.float32(centre)))), 3)
    )


def count(
    view: np.ndarray, typical: float | np.ndarray, spread: float, most: int | np.ndarray = 999
) -> np.ndarray:
    """Whole number, skewed; below 1 becomes 0."""
    return np.minimum(
        np.floor(np.exp(view * np.float32(spread)) * np.float32(typical)), most
    ).astype(np.int16)


def part(view: np.ndarray, centre: float, whole: int) -> np.ndarray:
    """How many of `whole` days or months: a whole number from 0 to `whole`."""
    return np.asarray(np.rint(share(view, centre) * whole), np.int16)


def grade(view: np.ndarray, names: tuple[str, ...], shares: tuple[float, ...]) -> pl.Series:
    """A name per person, from the lowest view to the highest, in about these shares."""
    cuts = [NORMAL.inv_cdf(edge) for edge in np.cumsum(shares)[:-1]]
    return name(np.searchsorted(np.array(cuts, np.float32), view), names)


def only(values: np.ndarray | pl.Series, where: np.ndarray) -> pl.Series:
    """The values where they exist, null elsewhere."""
    return pl.select(pl.when(pl.Series(where)).then(pl.Series(values))).to_series()


# --------------------------------------------------------------------------------------------------
# ------------- The features of each source --------------------------------------------------------
# -------------------------------------------------------


def bureau(v: View) -> Columns:
    late = count(v.look(-0.80), 0.45, 1.2, most=24)
    return {
        "late_30_count_24m": late,
        "late_90_count_24m": np.minimum(late, count(v.look(-0.70), 0.20, 1.4, most=12)),
        "months_since_late": only(v.rng.integers(0, 24, len(late), dtype=np.int16), late > 0),
        "utilisation": share(v.look(-0.98), -0.2, 1.3),
        "enquiries_6m": count(v.look(-0.90), 2.6, 0.75, most=40),
        "accounts_open": np.maximum(count(v.swing(), 4.2, 0.45, most=40), 1),
        "oldest_account_months": v.months(0.60, (20, 52, 96, 120), (84, 200, 360, 420)),
        "debt_cny": money(v.look(-0.50), 52_000, 1.0, step=100),
    }


def bank(v: View) -> Columns:
    return {
        "balance_cny_mean": money(v.look(0.98), 6_500, 1.1),
        "low_balance_days_90d": part(v.look(-0.88), -1.8, 90),
        "inflow_cny_month": money(v.look(0.70), 7_200, 0.55),
        "outflow_ratio": np.round(np.exp(v.look(-0.60) * np.float32(0.12)) * np.float32(0.97), 3),
        "salary_months_12m": part(v.look(0.60), 1.2, 12),
        "card_minimum_share": only(share(v.look(-0.80), -1.2), v.chance(0.68)),
        "overdrafts_12m": count(v.look(-0.70), 0.8, 1.1, most=60),
        "account_months": v.months(0.45, (26, 60, 96, 130), (84, 200, 300, 360)),
        "account_tier": grade(
            v.look(0.60), ("basic", "standard", "gold", "private"), (0.25, 0.50, 0.20, 0.05)
        ),
    }


def ecommerce(v: View) -> Columns:
    orders = np.maximum(count(v.look(0.55), 26, 0.7, most=900), 1)
    basket = np.exp(v.look(0.55) * np.float32(0.5)) * np.float32(110)
    return {
        "orders_12m": orders,
        "spend_cny_12m": (np.rint(orders * basket / 10) * 10).astype(np.int32),
        "return_share": share(v.look(-0.88), -2.3, 0.9),
        "delivery_address_months": count(v.look(0.98), 20, 0.8, most=180),
        "failed_delivery_share": share(v.look(-0.65), -3.2, 0.8),
        "late_instalments_12m": only(count(v.look(-0.80), 0.7, 1.1, most=24), v.chance(0.72)),
        "night_order_share": share(v.look(-0.55), -1.8, 0.8),
        "shop_months": only(count(v.look(0.50), 22, 0.8, most=180), v.seller),
        **fake_signs(v),
    }


def fake_signs(v: View) -> Columns:
    """What fake orders leave behind; people without them show a little of each by chance."""

    def sign(push: float) -> np.ndarray:
        return v.noise() + v.fake * np.float32(push)

    return {
        "burst_order_share": share(sign(2.5), -3.6),
        "orders_per_device": np.maximum(count(sign(2.0), 1.3, 0.55, most=400), 1),
        "refund_loops_12m": count(sign(2.2), 0.25, 0.9, most=99),
        "round_amount_share": share(sign(1.8), -2.4, 0.7),
        "no_tracking_share": share(sign(2.4), -3.8),
        "browse_minutes_per_order": np.round(
            np.exp(sign(-2.2) * np.float32(0.6)) * np.float32(11), 1
        ),
    }


def payments(v: View) -> Columns:
    return {
        "wallet_balance_cny": money(v.look(0.98), 1_900, 1.1),
        "wealth_cny": only(money(v.look(0.70), 9_000, 1.2, step=100), v.chance(0.62)),
        "bills_on_time_share": share(v.look(0.88), 2.2),
        "credit_line_used_share": share(v.look(-0.78), -0.6),
        "transfers_in_cny_month": money(v.look(0.60), 3_400, 0.8),
        "merchants_30d": count(v.look(0.50), 14, 0.6, most=200),
        "active_days_90d": part(v.swing(), 0.7, 90),
        "night_transfer_share": share(v.look(-0.60), -2.4, 0.8),
        "accounts_reported": (
            np.where(v.jumped, 1, 1 + count(v.noise(), 1.9, 0.6, most=8)).astype(np.int16)
        ),
        "wallet_months": count(v.look(0.50), 58, 0.5, most=180),
    }


def social(v: View) -> Columns:
    return {
        "friends_standing_share": share(v.look(0.98), 1.6, 0.8),
        "loan_group_share": share(v.look(-0.86), -3.0, 0.9),
        "contact_churn_90d": share(v.look(-0.78), -2.2, 0.7),
        "reply_share": share(v.look(0.65), 0.4, 0.7),
        "profile_months": count(v.look(0.70), 74, 0.45, most=216),
        "friends_count": count(v.swing(), 210, 0.55, most=5_000),
        "messages_per_day": count(v.swing(), 36, 0.6, most=900),
        "groups_count": count(v.noise(), 17, 0.6, most=300),
    }


def device(v: View) -> Columns:
    price = v.look(0.65)
    return {
        "home_nights_share": share(v.look(0.98), 1.4, 0.9),
        "loan_apps_count": count(v.look(-0.86), 1.6, 0.8, most=40),
        "charging_regular_share": share(v.look(0.75), 0.5, 0.8),
        "night_use_share": share(v.look(-0.65), -1.9, 0.7),
        "bill_app_days_30d": part(v.look(0.60), -1.2, 30),
        "sim_changes_12m": count(v.look(-0.70), 0.45, 1.0, most=20),
        "places_30d": np.maximum(count(v.swing(), 19, 0.5, most=400), 1),
        "phone_price_cny": money(price, 2_300, 0.5, step=100),
        "phone_tier": grade(price, ("entry", "middle", "flagship"), (0.40, 0.40, 0.20)),
    }


def utilities(v: View) -> Columns:
    return {
        "paid_on_time_share": share(v.look(0.98), 2.0, 0.9),
        "days_late_mean": np.round(np.exp(v.look(-0.88) * np.float32(0.8)) * np.float32(3.2), 1),
        "arrears_cny": money(v.look(-0.70), 14, 1.5, step=10),
        "telecom_stops_12m": count(v.look(-0.78), 0.55, 1.0, most=24),
        "address_changes_24m": count(v.look(-0.60), 0.6, 0.8, most=12),
        "contract_months": count(v.look(0.65), 46, 0.6, most=300),
        "bill_cny_month": money(v.noise(), 260, 0.5, step=5),
    }


def tax(v: View) -> Columns:
    insured = part(v.look(0.88), 1.6, 24)
    return {
        "taxed_income_cny_year": money(v.look(0.98), 88_000, 0.55, step=100),
        "insured_months_24m": insured,
        "longest_gap_months_24m": (
            np.minimum(count(v.look(-0.70), 1.6, 0.8), 24 - insured).astype(np.int16)
        ),
        "fund_base_cny_month": (
            np.clip(money(v.look(0.80), 6_600, 0.45), 2_400, 36_000).astype(np.int32)
        ),
        "fund_balance_cny": money(v.look(0.65), 24_000, 0.9, step=100),
        "employers_24m": np.maximum(count(v.look(-0.70), 1.3, 0.5, most=12), 1),
        "employer_type": grade(
            v.look(0.60),
            ("gig", "private", "listed", "foreign", "state"),
            (0.15, 0.45, 0.14, 0.06, 0.20),
        ),
    }


def identity(v: View) -> Columns:
    return {
        "lenders_7d": count(v.look(-0.65), 0.9, 0.8, most=30),
        "phone_months": count(v.look(0.70), 40, 0.7, most=300),
        "registered_address_months": count(v.look(0.60), 46, 0.8, most=600),
        "failed_checks_12m": count(v.look(-0.50), 0.5, 0.9, most=20),
        "persons_on_phone": np.maximum(count(v.look(-0.50), 1.2, 0.5, most=40), 1),
        "court_cases_5y": count(v.look(-0.45), 0.12, 1.2, most=20),
        "blacklist_hit": blacklisted(v),
    }


def blacklisted(v: View) -> np.ndarray:
    """The worst-looking of each outcome.

    Lists hold far more of those who default, and look like the rest of the record.
    """
    view, half = v.look(0.95), 0.95 * separation(0.58) / 2
    cuts = [
        middle + NORMAL.inv_cdf(part)
        for middle, part in zip((half, -half), BLACKLISTED, strict=True)
    ]
    return np.asarray(view < np.array(cuts, np.float32)[v.defaulted], np.int8)


def enterprise(v: View) -> Columns:
    return {
        "invoice_growth": np.round(v.look(0.98) * np.float32(0.22) + np.float32(0.02), 3),
        "supplier_days_late": count(v.look(-0.88), 9, 0.7, most=365),
        "invoices_cny_12m": money(v.look(0.75), 640_000, 1.1, step=1_000),
        "tax_arrears_cny": money(v.look(-0.75), 60, 2.0, step=100),
        "firm_months": count(v.look(0.65), 54, 0.6, most=480),
        "staff_insured": count(v.look(0.60), 5.5, 0.9, most=2_000),
        "largest_customer_share": share(v.look(-0.55), -0.7, 0.8),
        "lawsuits_3y": count(v.look(-0.65), 0.35, 1.1, most=40),
        "firm_rating": grade(
            v.look(0.80),
            ("C", "B", "BB", "BBB", "A", "AA", "AAA"),
            (0.06, 0.12, 0.20, 0.26, 0.20, 0.11, 0.05),
        ),
    }


# --------------------------------------------------------------------------------------------------
# ------------- The sources: what each knows and how well ------------------------------------------
# ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Source:
    """A source of the sample: the coverage and AUC it is made to have, and who it knows less.

    `shyness` is how much defaulting moves a person away from being known, `ages` how much each age
    band does, both in standard deviations; `gaps` is the share of its records in which a feature is
    null.
    """

    key: str
    coverage: float
    auc: float
    shyness: float
    ages: tuple[float, ...]
    features: Callable[[View], Columns]
    gaps: dict[str, float] = field(hash=False)


SOURCES = (
    Source("bureau", 0.38, 0.77, 0.35, OLDER, bureau, {"debt_cny": 0.04, "enquiries_6m": 0.02}),
    Source("bank", 0.55, 0.78, 0.25, OLDER, bank, {"inflow_cny_month": 0.03}),
    Source("ecommerce", 0.70, 0.69, 0.05, YOUNGER, ecommerce, {"failed_delivery_share": 0.08}),
    Source("payments", 0.80, 0.71, 0.10, YOUNGER, payments, {"transfers_in_cny_month": 0.05}),
    Source(
        "social", 0.72, 0.60, 0.00, YOUNGER, social, {"reply_share": 0.10, "messages_per_day": 0.04}
    ),
    Source(
        "device",
        0.62,
        0.65,
        0.10,
        YOUNGER,
        device,
        {"charging_regular_share": 0.12, "places_30d": 0.15},
    ),
    Source(
        "utilities",
        0.85,
        0.62,
        0.15,
        ANYONE,
        utilities,
        {"telecom_stops_12m": 0.10, "bill_cny_month": 0.03},
    ),
    Source(
        "tax", 0.45, 0.68, 0.30, OLDER, tax, {"fund_balance_cny": 0.20, "fund_base_cny_month": 0.20}
    ),
    Source("identity", 0.98, 0.58, 0.30, ANYONE, identity, {"registered_address_months": 0.10}),
    Source(
        "enterprise",
        0.12,
        0.70,
        0.10,
        OLDER,
        enterprise,
        {"staff_insured": 0.15, "largest_customer_share": 0.25},
    ),
)
KEYS = tuple(source.key for source in SOURCES)

# Correlation of the readings among people with the same outcome, in the order of SOURCES. Published
# tables imply 0.60 between bank flow and bureau, 0.23 between bureau and online footprint, 0.21
# between firm and account data.
CORRELATION = np.array(
    [
        [1.00, 0.60, 0.23, 0.20, 0.05, 0.10, 0.20, 0.20, 0.15, 0.21],
        [0.60, 1.00, 0.15, 0.25, 0.05, 0.10, 0.15, 0.25, 0.10, 0.20],
        [0.23, 0.15, 1.00, 0.25, 0.15, 0.20, 0.15, 0.10, 0.10, 0.10],
        [0.20, 0.25, 0.25, 1.00, 0.20, 0.20, 0.20, 0.15, 0.10, 0.10],
        [0.05, 0.05, 0.15, 0.20, 1.00, 0.25, 0.05, 0.05, 0.05, 0.05],
        [0.10, 0.10, 0.20, 0.20, 0.25, 1.00, 0.10, 0.05, 0.10, 0.05],
        [0.20, 0.15, 0.15, 0.20, 0.05, 0.10, 1.00, 0.10, 0.15, 0.10],
        [0.20, 0.25, 0.10, 0.15, 0.05, 0.05, 0.10, 1.00, 0.10, 0.25],
        [0.15, 0.10, 0.10, 0.10, 0.05, 0.10, 0.15, 0.10, 1.00, 0.05],
        [0.21, 0.20, 0.10, 0.10, 0.05, 0.05, 0.10, 0.25, 0.05, 1.00],
    ]
)


def separation(auc: float) -> float:
    """Distance between the two outcomes' mean readings that gives this AUC, in standard
    deviations.
    """
    return math.sqrt(2) * NORMAL.inv_cdf(auc)


# --------------------------------------------------------------------------------------------------
# ------------- Drawing people ---------------------------------------------------------------------
# ------------------------------------------


@dataclass(frozen=True, slots=True)
class People:
    """A chunk of people; arrays have shape (persons) or (persons, sources). Segments are positions
    in their values.

    `time` runs from 0 to 1 over the 24 months. A record can be held and not known: a phone's
    without consent. `reading` is the truth about a person, known or not; `seen` is what a source's
    features show of it.
    """

    first: int
    time: np.ndarray
    age: np.ndarray
    region: np.ndarray
    gender: np.ndarray
    channel: np.ndarray
    base_risk: np.ndarray
    defaulted: np.ndarray
    inclusion: np.ndarray
    known: np.ndarray
    held: np.ndarray
    seller: np.ndarray
    fake: np.ndarray
    jumped: np.ndarray
    reading: np.ndarray
    seen: np.ndarray

    def __len__(self) -> int:
        return len(self.time)

    def view(self, source: int, rng: np.random.Generator) -> View:
        """What a source sees of the people it holds a record of."""
        who = self.held[:, source]
        return View(
            self.seen[who, source],
            self.age[who],
            self.defaulted[who],
            self.seller[who],
            self.fake[who],
            self.jumped[who],
            rng,
        )


def draw(rng: np.random.Generator, first: int, count: int) -> People:
    """`count` people, numbered from `first`."""
    time = rng.random(count)
    age, region, gender = (segment.draw(rng, count) for segment in (AGE, REGION, GENDER))
    channel = draw_channel(rng, time)
    base_risk = (
        BASE_RATE
        * AGE.risk[age]
        * REGION.risk[region]
        * GENDER.risk[gender]
        * CHANNEL.risk[channel]
        * (1 + RATE_DRIFT * (time - 0.5))
    )
    defaulted = (rng.random(count) < base_risk).astype(np.int8)
    inclusion = rng.standard_normal(count, dtype=np.float32)
    known = draw_known(rng, inclusion, defaulted, age, region)
    held = hold(rng, known)
    seller = known[:, KEYS.index("ecommerce")] & (rng.random(count) < SELLERS)
    fake = known[:, KEYS.index("ecommerce")] & draw_fake(rng, seller, defaulted)
    reading = draw_reading(rng, defaulted, age)
    jumped = np.floor(time * DAYS) >= (JUMP_DATE - START).days
    seen = see(rng, reading, time, fake, jumped)
    return People(
        first,
        time,
        age,
        region,
        gender,
        channel,
        base_risk,
        defaulted,
        inclusion,
        known,
        held,
        seller,
        fake,
        jumped,
        reading,
        seen,
    )


def draw_channel(rng: np.random.Generator, time: np.ndarray) -> np.ndarray:
    """Positions in CHANNEL; partners replace branches as the months pass."""
    app, branch, _ = CHANNEL.shares
    dice = rng.random(len(time))
    return (dice >= app).astype(np.int8) + (dice >= app + branch - CHANNEL_DRIFT * (time - 0.5))


def draw_known(
    rng: np.random.Generator,
    inclusion: np.ndarray,
    defaulted: np.ndarray,
    age: np.ndarray,
    region: np.ndarray,
) -> np.ndarray:
    """Whether each source holds a usable record.

    Decided by outcome, segment and inclusion, never by the reading itself.
    """
    own = rng.standard_normal((len(inclusion), len(SOURCES)), dtype=np.float32)
    shared = INCLUSION * inclusion + np.array(PLACES, np.float32)[region]
    ages = np.array([source.ages for source in SOURCES], np.float32).T[age]
    shyness = np.array([source.shyness for source in SOURCES], np.float32) * defaulted[:, None]
    ease = np.array([familiarity(source) for source in SOURCES], np.float32)
    return np.asarray(
        np.float32(math.sqrt(1 - INCLUSION**2)) * own + shared[:, None] + ages - shyness + ease > 0
    )


def hold(rng: np.random.Generator, known: np.ndarray) -> np.ndarray:
    """Whether each source holds a record.

    What it knows, and device records of people who refused their use.
    """
    held = known.copy()
    held[:, KEYS.index("device")] |= rng.random(len(known)) < REFUSED
    return held


@cache
def familiarity(source: Source) -> float:
    """What must be added to everyone's propensity so that the source knows its share of people,
    by bisection.
    """
    low, high = -6.0, 6.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (
            (middle, high) if expected_coverage(source, middle) < source.coverage else (low, middle)
        )
    return low


def expected_coverage(source: Source, ease: float) -> float:
    """Share of people a source knows: the sum over outcome, age band and region of normal tails."""
    return sum(
        weight
        * bad_weight
        * NORMAL.cdf(ease + source.ages[age] + PLACES[region] - source.shyness * bad)
        for age, region, weight, risk in crossed_segments()
        for bad, bad_weight in ((0, 1 - risk), (1, risk))
    )


@cache
def crossed_segments() -> tuple[tuple[int, int, float, float], ...]:
    """Age band, region, share of people, default rate; the other segments average out."""
    return tuple(
        (
            age,
            region,
            AGE.shares[age] * REGION.shares[region],
            BASE_RATE * AGE.risk[age] * REGION.risk[region],
        )
        for age in range(len(AGE.values))
        for region in range(len(REGION.values))
    )


def draw_fake(rng: np.random.Generator, seller: np.ndarray, defaulted: np.ndarray) -> np.ndarray:
    """Whether a person takes part in fake orders.

    Sellers more than buyers, those who default more than others.
    """
    lift = np.array((1, BRUSHING_LIFT)) / (1 - BASE_RATE + BASE_RATE * BRUSHING_LIFT)
    return np.asarray(
        rng.random(len(seller))
        < np.where(seller, BRUSHING_SELLERS, BRUSHING_BUYERS) * lift[defaulted]
    )


def draw_reading(rng: np.random.Generator, defaulted: np.ndarray, age: np.ndarray) -> np.ndarray:
    """Readings of every source, shape (persons, sources).

    Normal given the outcome, correlated by CORRELATION.
    """
    # the part of every covariance that age bands explain
    by_standing = np.dot(AGE.shares, np.square(STANDING))
    root = np.linalg.cholesky(CORRELATION - by_standing).astype(np.float32)
    half = np.array([separation(source.auc) / 2 for source in SOURCES], np.float32)
    noise = rng.standard_normal((len(age), len(SOURCES)), dtype=np.float32) @ root.T
    return np.asarray(
        np.where(defaulted[:, None], -half, half)
        + noise
        + standing_given_outcome()[defaulted, age][:, None]
    )


def standing_given_outcome() -> np.ndarray:
    """How each outcome's age bands differ from that outcome's mean, shape (outcomes, age bands).

    It leaves the AUC alone.
    """
    bad = np.array(AGE.shares) * AGE.risk
    good = (np.array(AGE.shares) - BASE_RATE * bad) / (1 - BASE_RATE)
    return np.array([np.array(STANDING) - np.dot(mix, STANDING) for mix in (good, bad)], np.float32)


def see(
    rng: np.random.Generator,
    reading: np.ndarray,
    time: np.ndarray,
    fake: np.ndarray,
    jumped: np.ndarray,
) -> np.ndarray:
    """What the sources' features show: readings moved by drift, the jump and fake orders."""
    slope = np.array([DRIFT.get(key, 0.0) for key in KEYS], np.float32)
    seen = reading + slope * (time[:, None] - 0.5).astype(np.float32)
    seen[:, KEYS.index(JUMP_SOURCE)] += np.float32(JUMP) * jumped
    shop = KEYS.index("ecommerce")
    seen[:, shop] = np.where(fake, np.maximum(seen[:, shop], faked(rng, len(time))), seen[:, shop])
    return seen


def faked(rng: np.random.Generator, count: int) -> np.ndarray:
    """E-commerce readings drawn from those of people who repay: what fake orders are bought for."""
    return rng.standard_normal(count, dtype=np.float32) + np.float32(
        separation(SOURCES[KEYS.index("ecommerce")].auc) / 2
    )


# --------------------------------------------------------------------------------------------------
# ------------- Tables -----------------------------------------------------------------------------
# ----------------------------------


def pick(rng: np.random.Generator, count: int, shares: tuple[float, ...]) -> np.ndarray:
    """Positions drawn with these shares, shape (count)."""
    return np.searchsorted(np.cumsum(shares)[:-1], rng.random(count), side="right").astype(np.int8)


def name(
    positions: np.ndarray, names: tuple[str, ...], where: np.ndarray | None = None
) -> pl.Series:
    """The name at each position; null where `where` is given and false."""
    return pl.Series([*names, None], dtype=pl.String).gather(
        positions if where is None else np.where(where, positions, len(names))
    )


def person_ids(people: People) -> pl.Series:
    """P and eight digits or more.

    The order in which people were drawn, which says nothing about them.
    """
    return pl.select(
        "P" + pl.int_range(people.first, people.first + len(people)).cast(pl.String).str.zfill(8)
    ).to_series()


def tables(seed: int, index: int, first: int, count: int) -> Iterator[tuple[str, pl.DataFrame]]:
    """Every table's rows of one chunk, by table name; depends on the arguments and nothing else."""
    rng, *own = (np.random.default_rng([seed, index, stream]) for stream in range(len(SOURCES) + 1))
    people = draw(rng, first, count)
    ids = person_ids(people)
    records = {
        source.key: record(people, ids, source, stream)
        for source, stream in zip(SOURCES, own, strict=True)
    }
    yield "people", tell(people, ids, records["bureau"], rng)
    yield from records.items()
    yield "truth", reveal(people, ids, records["identity"])


def record(
    people: People, ids: pl.Series, source: Source, rng: np.random.Generator
) -> pl.DataFrame:
    """What one source holds: a row per person it has a record of."""
    at = KEYS.index(source.key)
    who = people.held[:, at]
    consent = {"consent_device": people.known[who, at]} if source.key == "device" else {}
    columns = source.features(people.view(at, rng))
    gaps = {
        key: only(columns[key], rng.random(int(who.sum())) >= gap)
        for key, gap in source.gaps.items()
    }
    return pl.DataFrame({"person_id": ids.filter(pl.Series(who)), **consent, **columns, **gaps})


def tell(
    people: People, ids: pl.Series, bureau: pl.DataFrame, rng: np.random.Generator
) -> pl.DataFrame:
    """The population's table: who applied when, for what, and how it ended."""
    return pl.DataFrame(
        {
            "person_id": ids,
            "applied_on": (
                pl.Series(
                    np.floor(people.time * DAYS).astype(np.int32) + (START - date(1970, 1, 1)).days
                ).cast(pl.Date)
            ),
            "defaulted": people.defaulted,
            "region": name(people.region, REGION.values),
            "age_band": name(people.age, AGE.values),
            "gender": name(people.gender, GENDER.values),
            "channel": name(people.channel, CHANNEL.values),
            "file": name(thick(people, bureau), ("thin", "thick")),
            **belong(people, rng),
            **terms(people, rng),
        }
    )


def thick(people: People, bureau: pl.DataFrame) -> np.ndarray:
    """1 for people with three accounts or more at the bureau, the oldest of at least six months.

    Else 0.
    """
    full = np.zeros(len(people), np.int8)
    full[people.known[:, KEYS.index("bureau")]] = bureau.select(
        (pl.col("accounts_open") >= 3) & (pl.col("oldest_account_months") >= 6)
    ).to_series()
    return full


def belong(people: People, rng: np.random.Generator) -> Columns:
    """Which bank, platform, wallet and phone a person uses.

    Null where the source does not know the person.
    """

    def choose(source: str, choice: tuple[tuple[str, ...], tuple[float, ...]]) -> pl.Series:
        names, shares = choice
        return name(pick(rng, len(people), shares), names, people.known[:, KEYS.index(source)])

    return {
        "main_bank": choose("bank", BANKS),
        "platform": choose("ecommerce", PLATFORMS),
        "wallet": choose("payments", WALLETS),
        "phone_brand": choose("device", PHONES),
        "owns_firm": (
            (
                people.known[:, KEYS.index("enterprise")]
                | (rng.random(len(people)) < OWNERS_UNKNOWN)
            ).astype(np.int8)
        ),
    }


def terms(people: People, rng: np.random.Generator) -> Columns:
    """The loan: riskier segments pay more, branches lend more and lose less."""
    noise = rng.standard_normal((3, len(people)), dtype=np.float32)
    branch = people.channel == CHANNEL.values.index("Branch")
    months, shares = TERMS
    return {
        "loan_amount": money(noise[0] + np.float32(0.5) * branch, 18_000, 0.75, step=500),
        "term_months": np.array(months, np.int8)[pick(rng, len(people), shares)],
        "annual_rate": (
            np.round(
                np.clip(0.08 + 0.8 * people.base_risk + 0.012 * noise[1], 0.06, 0.24), 3
            ).astype(np.float32)
        ),
        "loss_given_default": np.round(share(noise[2] - branch, 0.5, 0.5), 2),
    }


def reveal(people: People, ids: pl.Series, identity: pl.DataFrame) -> pl.DataFrame:
    """The truth table: what was planted with whom.

    Readings are given for sources that do not know the person, too.
    """
    listed = np.zeros(len(people), np.int8)
    listed[people.known[:, KEYS.index("identity")]] = identity["blacklist_hit"]
    return pl.DataFrame(
        {
            "person_id": ids,
            "base_risk": np.round(people.base_risk, 4).astype(np.float32),
            "inclusion": np.round(people.inclusion, 2),
            "jumped": (people.jumped & people.known[:, KEYS.index(JUMP_SOURCE)]).astype(np.int8),
            "seller": people.seller.astype(np.int8),
            "fake_orders": people.fake.astype(np.int8),
            "blacklisted": listed,
            **{f"known_{key}": people.known[:, at].astype(np.int8) for at, key in enumerate(KEYS)},
            **{f"reading_{key}": np.round(people.reading[:, at], 2) for at, key in enumerate(KEYS)},
        }
    )


# --------------------------------------------------------------------------------------------------
# ------------- Writing ----------------------------------------------------------------------------
# -----------------------------------


def generate(persons: int, seed: int, out: Path, *, chunk: int = CHUNK) -> None:
    """Write people, sources, truth and catalog of a fictional population to the folder `out`.

    Same persons, seed and chunk: same bytes.
    """
    out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as files:
        writers: dict[str, pq.ParquetWriter] = {}
        for index, first in enumerate(range(0, persons, chunk)):
            for table, frame in tables(seed, index, first + 1, min(chunk, persons - first)):
                write(files, writers, out / f"{table}.parquet", frame)
    describe(out)


def write(
    files: ExitStack, writers: dict[str, pq.ParquetWriter], path: Path, frame: pl.DataFrame
) -> None:
    """Append a chunk to a table as one row group, opening the file at the first."""
    rows = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    if path.stem not in writers:
        writers[path.stem] = files.enter_context(open_table(path, rows.schema))
    writers[path.stem].write_table(rows)


def open_table(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """A table to append to, packed small: values repeat and get a dictionary.

    Ids only grow, so their differences are kept.
    """
    repeating = [column for column in schema.names if column != "person_id"]
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=9,
        use_dictionary=repeating,
        column_encoding={"person_id": "DELTA_BYTE_ARRAY"},
    )


def describe(out: Path) -> None:
    """Put the catalog beside the tables: it holds for any number of persons."""
    catalog = Path(__file__).with_name("catalog.toml")
    if catalog.parent != out.resolve():
        shutil.copyfile(catalog, out / catalog.name)


def main() -> None:
    """Read the command line and generate."""
    parser = argparse.ArgumentParser(
        description="Generate a fictional population: one Parquet file per source, and a catalog."
    )
    parser.add_argument(
        "--persons", type=int, default=60_000, help="how many people (default: 60000)"
    )
    parser.add_argument(
        "--seed", type=int, default=7, help="same seed and persons: same bytes (default: 7)"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path(__file__).parent,
        help="folder to write to (default: beside this file)",
    )
    asked = parser.parse_args()
    if asked.persons < 1:
        parser.error(f"--persons must be 1 or more, got {asked.persons}")
    generate(asked.persons, asked.seed, asked.out)


if __name__ == "__main__":
    main()
