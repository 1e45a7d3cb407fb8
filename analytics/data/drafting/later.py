"""Which columns were learned after the application: by their dates, by their names, or as they tell
the outcome?
"""

import polars as pl

from analytics.data.personal import named, words

from .profile import Profile
from .profile import late as late_by_name

MOST = 0.5  # of the rows with both dates: a date after the application on more was not known then
PAID = (
    *("total rec", "total pymnt", "total payment", "total payments", "total paid", "amount paid"),
    *("paid amount", "paid amt", "payment received", "payments received", "received payments"),
    *("paid to date", "payments to date", "principal paid", "interest paid", "late fee"),
    *("late fees", "out prncp", "outstanding principal", "remaining principal", "next pymnt"),
    *("next payment", "hardship", "deferral", "payment plan", "paid date", "date paid", "paid on"),
    *(
        "customer payments",
        "current days delinquent",
        "current days past due",
        "current dpd",
        "days past due current",
        "balance at default",
    ),
    *(
        "monto pagado",
        "total pagado",
        "importe pagado",
        "valor pago",
        "ultimo pago",
        "montant payé",
        "montant paye",
        "gezahlt",
        "recuperado",
    ),
    *("rec prncp", "rec int", "rec late fee", "days past maturity", "closed on", "payoff"),
)
STATUS = ("pymnt plan", "settlement status", "debt settlement")


def named_late(name: str) -> bool:
    """Does a name tell of payments on this loan, or of its end?

    Examples
    --------
    >>> [named_late(n) for n in ("last_pymnt_amnt", "total_rec_prncp", "PAY_AMT1", "last_name")]
    [True, True, False, False]
    >>> named_late("mths_since_last_delinq")
    False
    """
    first = words(name)[:1] == ("last",) and words(name)[1:2] not in (("name",), ())
    return late_by_name(name) or first or named(name, (*PAID, *STATUS))


def dated_late(home: Profile, table: pl.LazyFrame, time: str) -> dict[str, str]:
    """The date columns of the people's table whose dates lie after the application on most rows,
    and why they are out.

    Parameters
    ----------
    table : with its dates as dates.
    """
    dates = [c.name for c in home.columns if c.kind == "date" and c.name != time]
    if not time or not dates:
        return {}
    applied = pl.col(time).cast(pl.Datetime("us"))
    exprs = []
    for i, name in enumerate(dates):
        moment = pl.col(name).cast(pl.Datetime("us"))
        exprs += [
            (moment > applied).sum().alias(f"later {i}"),
            (moment.is_not_null() & applied.is_not_null()).sum().alias(f"both {i}"),
        ]
    counted = table.select(exprs).collect(engine="streaming").row(0, named=True)
    return {
        name: (
            f"its dates lie after the application on {counted[f'later {i}']:,} of "
            f"{counted[f'both {i}']:,} rows, so it was not known then"
        )
        for i, name in enumerate(dates)
        if counted[f"later {i}"] > MOST * counted[f"both {i}"]
    }
