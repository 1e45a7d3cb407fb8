"""Which stresses are there, and how are they written down? As one line of text, in links, scenarios and on the command line."""

import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
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

from .consent import Consent
from .detector import Detector, detect
from .drift import Drift
from .fakery import Fakery
from .ground import Faked, Ground, Stress
from .match import Match
from .outage import Late, Outage, late
from .purchase import fake

KINDS: dict[str, type[Any]] = {"fakery": Fakery, "consent": Consent, "outage": Outage, "late": Late, "match": Match, "drift": Drift}
MOST = 8  # stresses at once
READ: dict[type, Callable[[str], object]] = {int: whole, float: number, str: str}
FLAGS = {"true": True, "yes": True, "false": False, "no": False}
WANTED: dict[type, str] = {bool: "true or false", int: "a whole number", float: "a number"}


def kind(stress: Stress) -> str:
    """The word for a stress."""
    return next(word for word, noun in KINDS.items() if isinstance(stress, noun))


def text(stresses: Sequence[Stress]) -> str:
    """Stresses in one line, as `parse` reads them; what is as usual is not said.

    Examples
    --------
    >>> text([Fakery("shop", share=0.17), Consent("phone", share=0.3, among="region=North East")])
    "fakery shop share=0.17; consent phone share=0.3 among='region=North East'"
    """
    return "; ".join(map(_text, stresses))


def _text(stress: Stress) -> str:
    said = ((f.name, getattr(stress, f.name)) for f in fields(stress) if f.name != "source" and getattr(stress, f.name) != f.default)  # type: ignore[arg-type]
    return " ".join([kind(stress), stress.source, *(f"{name}={shlex.quote(_written(value))}" for name, value in said)])


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
        raise Refusal(f"at most {MOST} stresses are looked at together, and the line has more; leave some out")
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
        raise Refusal(f"a quotation mark is not closed in the stress {line[:60]!r}; close it") from None
    if words:
        yield words


def _stress(catalog: Catalog, words: list[str]) -> Stress:
    if words[0] not in KINDS:
        raise Refusal(f"no stress {words[0][:20]!r}; there are: {', '.join(KINDS)}")
    if len(words) < 2:
        raise Refusal(f"the stress {words[0]!r} names no source; write it like {words[0]} {catalog.keys[0]} share=0.2")
    noun, source = KINDS[words[0]], catalog.source(words[1])
    usual = {f.name: f.default for f in fields(noun) if f.name != "source"}
    pairs = [word.partition("=")[::2] for word in words[2:]]
    wrong = next((name for name, _ in pairs if name not in usual), None)
    if wrong is not None:
        raise Refusal(f"the stress {words[0]!r} has no option {wrong[:20]!r}; it has: {', '.join(usual)}")
    twice = next((name for name, _ in pairs if [n for n, _ in pairs].count(name) > 1), None)
    if twice is not None:
        raise Refusal(f"the stress {words[0]!r} says {twice!r} twice; say it once")
    stress: Stress = noun(source.key, **{name: _read(name, value, usual[name]) for name, value in pairs})
    return stress


def _read(name: str, value: str, usual: object) -> object:
    """A value of the kind that is usual."""
    try:
        return FLAGS[value.lower()] if isinstance(usual, bool) else READ[type(usual)](value)
    except (ValueError, KeyError):
        raise Refusal(f"cannot read {name}={value[:20]!r} of a stress; write {WANTED[type(usual)]}") from None


def at(stress: Stress, share: float) -> Stress:
    """The same stress, of another share."""
    return replace(stress, share=share)  # type: ignore[type-var]


def ground(fitted: Fitted, persons: Evidence, *, shelf: Path | None = None) -> Ground:
    """What lies behind the evidence of these persons; each thing is made when it is first asked for, and kept.

    Parameters
    ----------
    shelf : where checked tables are kept; in the work folder where it is not named.
    """
    models = cache(lambda: {model.key: model for model in fitted.models()})
    detector = cache(partial(_detector, fitted))

    def faked(key: str, budget: float, bad: bool) -> Faked:  # noqa: FBT001 - as the ground has it
        return fake(fitted.population, models()[key], persons, key, budget, bad=bad, detect=detector(key))

    def came(key: str, days: int) -> Any:
        return late(fitted.population, models()[key], persons, key, days, shelf)

    return Ground(cache(faked), cache(came))


def _detector(fitted: Fitted, key: str) -> Detector | None:
    """The detector of a source whose known fakes the catalog names; none for others."""
    source = fitted.population.catalog.source(key)
    return detect(fitted.population, people(fitted.population), source) if source.fakes else None
