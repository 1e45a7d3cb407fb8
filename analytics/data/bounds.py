"""How much is read of a text that anybody can write, such as an address?"""

from .refusal import Refusal

TEXT = 20_000  # letters of a line of weights, conditions, stresses or settings
NAME = 2_000  # letters of a name
NUMBER = 40  # letters of a number; the longest float has 24
SHOWN = 60  # letters that a refusal quotes


def bounded(text: str, what: str, most: int = TEXT) -> str:
    """The text, where it is short enough to be read, and made of whole characters.

    Parameters
    ----------
    what : what the text is, as a refusal begins.
    most : letters that it may have.

    Raises
    ------
    Refusal
        If it is longer, or holds a lone surrogate, which no file, screen or table can take.
    """
    if len(text) > most:
        raise Refusal(f"{what} must have at most {most:,} letters, got {len(text):,}; write less")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Refusal(
            f"{what} must be of whole characters, and holds half of one; write it anew"
        ) from None
    return text


def number(text: str) -> float:
    """The number that a text says.

    Raises
    ------
    ValueError
        If it says none, or is longer than a number is.
    """
    return float(_short(text))


def whole(text: str) -> int:
    """The whole number that a text says.

    Raises
    ------
    ValueError
        If it says none, or is longer than a number is.
    """
    return int(_short(text))


def _short(text: str) -> str:
    if len(text.strip()) > NUMBER:
        raise ValueError
    return text


def shown(value: object) -> str:
    """A value in quotes, as a refusal quotes it: the beginning of a long one."""
    if isinstance(value, str):
        return repr(value if len(value) <= SHOWN else f"{value[:SHOWN]}…")
    if isinstance(value, int) and abs(value) >= 10**SHOWN:
        return "a number that large"
    return repr(value)
