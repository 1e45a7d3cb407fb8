"""What cannot be done, and why not?"""


class Refusal(ValueError):  # noqa: N818 - a word of ours, not an error of the program
    """Data or wishes that are refused, in one sentence fit for the screen: the thing, the rule, the
    remedy. It never quotes a person's record.

    Errors of other kinds are faults of ours; no page shows their words.
    """
