"""How are stresses written down? As one line, in links, scenarios and on the command line."""

import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

from analytics.data.bounds import bounded, number, whole
from analytics.data.catalog.model import Catalog
from analytics.data.population import people
from analytics.data.refusal import Refusal
from analytics.sources.evidence import Evidence
from analytics.sources.fitting import Fitted

from .context import Faked, StressContext
from .detector import Detector, detect
from .kind import Option, Stress, options
from .kinds import KINDS
from .kinds.late import late
from .purchase import fake

MOST = 8  # stresses at once
READ: dict[type, Callable[[str], object]] = {int: whole, float: number, str: str}
FLAGS = {"true": True, "yes": True, "false": False, "no": False}
WANTED: dict[type, str] = {bool: "true or false", int: "a whole number", float: "a number"}


def text(stresses: Sequence[Stress]) -> str:
    """Stresses in one line, as `parse` reads them; what is as usual is not said.

    Examples
    --------
    >>> from analytics.stress.kinds.consent import Consent
    >>> from analytics.stress.kinds.fakery import Fakery
    >>> text([Fakery("shop", share=0.17), Consent("phone", share=0.3, among="region=North East")])
    "fakery shop share=0.17; consent phone share=0.3 among='region=North East'"
    """
    return "; ".join(map(_text, stresses))


def _text(stress: Stress) -> str:
    values = {each.name: getattr(stress, each.name) for each in unusual(stress)}
    named = [f"{name}={shlex.quote(_written(value))}" for name, value in values.items()]
    return " ".join([stress.word, stress.source, *named])


def unusual(stress: Stress) -> list[Option]:
    """The fields that are not as usual."""
    return [each for each in options(type(stress)) if getattr(stress, each.name) != each.usual]


def _written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def parse(catalog: Catalog, line: str) -> tuple[Stress, ...]:
    """Read ``fakery shop share=0.17; consent phone share=0.3``.

    Raises
    ------
    Refusal
        If a stress, a source, an option or a value cannot be read or cannot be.
    """
    found = list(islice(_split(bounded(line, "the line of stresses")), MOST + 1))
    if len(found) > MOST:
        raise Refusal(
            f"at most {MOST} stresses are looked at together, and the line has more; leave some out"
        )
    return tuple(_stress(catalog, words) for words in found)


def _split(line: str) -> Iterator[list[str]]:
    """The words of each stress; quotes hold words together."""
    reader = shlex.shlex(line, posix=True, punctuation_chars=";")
    reader.whitespace_split, reader.commenters, reader.escape = True, "", ""
    words: list[str] = []
    try:
        for word in reader:
            if word.strip(";"):
                words.append(word)
            elif words:
                yield words
                words = []
    except ValueError:
        raise Refusal(
            f"a quotation mark is not closed in the stress {line[:60]!r}; close it"
        ) from None
    if words:
        yield words


def _stress(catalog: Catalog, words: list[str]) -> Stress:
    if words[0] not in KINDS:
        raise Refusal(f"no stress {words[0][:20]!r}; there are: {', '.join(KINDS)}")
    if len(words) < 2:
        raise Refusal(
            f"the stress {words[0]!r} names no source; "
            f"write it like {words[0]} {catalog.keys[0]} share=0.2"
        )
    kind = KINDS[words[0]]
    source = catalog.source(words[1])
    usual = {each.name: each.usual for each in options(kind)}
    pairs = [word.partition("=")[::2] for word in words[2:]]
    wrong = next((name for name, _ in pairs if name not in usual), None)
    if wrong is not None:
        raise Refusal(
            f"the stress {words[0]!r} has no option {wrong[:20]!r}; it has: {', '.join(usual)}"
        )
    twice = next((name for name, _ in pairs if [n for n, _ in pairs].count(name) > 1), None)
    if twice is not None:
        raise Refusal(f"the stress {words[0]!r} says {twice!r} twice; say it once")
    given: dict[str, Any] = {name: _read(name, value, usual[name]) for name, value in pairs}
    return kind(source.key, **given)


def _read(name: str, value: str, usual: object) -> object:
    """A value of the kind that is usual."""
    try:
        return FLAGS[value.lower()] if isinstance(usual, bool) else READ[type(usual)](value)
    except (ValueError, KeyError):
        raise Refusal(
            f"cannot read {name}={value[:20]!r} of a stress; write {WANTED[type(usual)]}"
        ) from None


def at(stress: Stress, share: float) -> Stress:
    """The same stress, of another share."""
    return replace(stress, share=share)


def stress_context(
    fitted: Fitted, persons: Evidence, *, shelf: Path | None = None
) -> StressContext:
    """What stresses may ask of these persons; each thing is made when first asked, and kept.

    Parameters
    ----------
    shelf : where checked tables are kept; in the work folder where it is not named.
    """
    models = cache(lambda: {model.key: model for model in fitted.models()})
    detector = cache(partial(_detector, fitted))

    def faked(key: str, budget: float, bad: bool) -> Faked:  # noqa: FBT001 - as the context has it
        return fake(
            fitted.population, models()[key], persons, key, budget, bad=bad, detect=detector(key)
        )

    def came(key: str, days: int) -> Any:
        return late(fitted.population, models()[key], persons, key, days, shelf)

    return StressContext(cache(faked), cache(came))


def _detector(fitted: Fitted, key: str) -> Detector | None:
    """The detector of a source whose known fakes the catalog names; none for others."""
    source = fitted.population.catalog.source(key)
    return detect(fitted.population, people(fitted.population), source) if source.fakes else None
