"""How does a reader wait for a fit, stop it, or ask for it?

Nothing here holds a page up for long: a small part of it looks again and again how far the fit is,
so whatever stops a run of the page, the browser's own button too, stops neither the fit nor the
looking.
"""

from collections.abc import Callable
from concurrent.futures import wait
from dataclasses import replace

import streamlit as st

from analytics.data.refusal import Refusal
from analytics.sources.model import Cancelled, Settings
from analytics.study import jobs
from analytics.study.fitting import NotFitted
from analytics.study.jobs import Job
from analytics.study.study import Study
from pages.shared import inputs, markup, unusual, words
from pages.shared.state import state

PACE = 0.5  # seconds between two looks at how far a fit is
PATIENCE = 0.5  # seconds that a page waits at once for what may be there soon


def for_evidence(data: Study) -> None:
    """Go on once the evidence is there.

    Until then, say how far it is, or what has to be asked for, and end the page there.
    """
    if data.ready():
        return
    job = _known(data) or data.under_way()
    if job is None:
        _ask_first(data)
        job = data.begin()
    wait([job.future], PATIENCE)
    if not job.future.done():
        _follow(job)
        st.stop()
    _forget(job)
    try:
        job.future.result()
    except NotFitted:
        _ask(data, "not fitted yet")
    except Cancelled:
        state["stopped"] = data
        _ask(data, STOPPED)


STOPPED = "stopped before they were fitted; nothing of it is kept"


def _known(data: Study) -> Job | None:
    """The fit of these models that this reader asked for or waited for; it may have ended since."""
    jobs_known: list[Job] = [state[key] for key in KEPT if key in state]
    return next((job for job in jobs_known if _of(job) == data), None)


KEPT = ("fit", "waited")


def _forget(job: Job) -> None:
    for key in KEPT:
        if state.get(key) is job:
            del state[key]


def _of(job: Job) -> Study:
    data: Study = job.key[0]  # type: ignore[index]
    return data


def _ask_first(data: Study) -> None:
    """Stop the page with a question where a fit is not as usual, or was stopped."""
    if state.get("stopped") == data:
        _ask(data, STOPPED)
    if data.settings != Settings() and not data.may_be_kept():
        _ask(data, "not fitted yet")


def _ask(data: Study, why: str) -> None:
    """What a fit would take, with the button that starts it; ends the page."""
    usual = data.settings == Settings()
    st.markdown(f"**{markup.plain(_name(data))}: {why}**")
    st.markdown(markup.plain(_takes(data)))
    with st.container(horizontal=True):
        st.button(
            "Fit these models",
            key="fit.these",
            on_click=_begin,
            args=(data,),
            type="primary",
            icon=":material/model_training:",
        )
        if not usual:
            st.button(
                "Look at the usual models",
                key="fit.usual",
                on_click=inputs.move,
                kwargs={"settings": ""},
                icon=":material/undo:",
            )
    st.stop()


def _name(data: Study) -> str:
    return (
        "The usual models"
        if data.settings == Settings()
        else f"Models with {unusual.changed(data.settings)}"
    )


def _takes(data: Study) -> str:
    """What fitting would take, by what is known of it."""
    settings, sources = data.settings, len(data.catalog())
    told = (
        f"Fitting them takes at most {settings.rounds:,} rounds of trees of depth {settings.depth}"
        f" for each of {sources} sources."
    )
    seconds = None if settings == Settings() else data.usual_seconds()
    if seconds is not None:
        usual = Settings()
        told += (
            f" The usual models, at most {usual.rounds} rounds of depth {usual.depth}, took"
            f" {_span(seconds)}, all sources added up."
        )
    return f"{told} {TOGETHER}"


TOGETHER = (
    f"At most {jobs.FITS.at_once} fits run at once, those of other readers included; more wait for"
    " their turn."
)


def _span(seconds: float) -> str:
    if seconds < 1:
        return "less than a second"
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} minutes"


def _begin(data: Study) -> None:
    """Fit models because a reader says so, as a button's callback."""
    state.pop("stopped", None)
    try:
        state["fit"] = data.begin(asked=True)
    except Refusal as refusal:
        state["fit"] = job = Job((data, True))
        job.future.set_exception(refusal)


def _stop(job: Job) -> None:
    """Stop the fit of the models looked at, and go back to the usual ones, as a button's
    callback.
    """
    jobs.FITS.stop(job)
    state["stopped"] = _of(job)
    if _of(job).settings != Settings():
        inputs.move(settings="")


def _follow(job: Job) -> None:
    """How far the fit of the models looked at is; the whole page once it has ended."""

    @st.fragment(run_every=PACE)
    def again() -> None:
        if job.future.done():
            state["waited"] = job
            st.rerun()
        _show(job, _stop)

    again()


def _show(job: Job, stop: Callable[[Job], None]) -> None:
    """How far a fit is, with the button that stops it."""
    labels = [source.label for source in _of(job).catalog()]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(len(job.steps) / len(labels), markup.plain(_progress(job, labels)))
        if not job.stop.is_set():
            st.button(
                "Stop",
                key="fit.stop",
                on_click=stop,
                args=(job,),
                type="tertiary",
                icon=":material/close:",
                help=STOP,
            )


STOP = (
    "Ends this fit and no other, for all who wait for it; nothing of it is kept. Leaving the page"
    " does not end it."
)


def _progress(job: Job, labels: list[str]) -> str:
    if job.stop.is_set():
        return "Stopping after this round"
    if ahead := jobs.FITS.ahead(job):
        return f"Waiting for {'another fit' if ahead == 1 else f'{ahead} other fits'} to end"
    if not job.steps:
        return f"Reading the files, then fitting {len(labels)} sources side by side"
    return f"{len(job.steps)} of {len(labels)} sources fitted"


def again(data: Study, settings: Settings) -> None:
    """Fit models otherwise, as a button's callback.

    Those looked at stay until the others are there.
    """
    state.pop("fit", None)
    if settings != data.settings:
        _begin(replace(data, settings=settings))


def beside(data: Study) -> None:
    """How far the models are that this reader asked for, beside the button.

    Once they are there, they are looked at.
    """
    job: Job | None = state.get("fit")
    if job is None or _of(job).path != data.path or _of(job) == data:
        return
    wait([job.future], PATIENCE)
    if not job.future.done():
        _draw_beside(job)
    elif (error := job.future.exception()) is None:
        del state["fit"]
        inputs.move(settings=_of(job).settings.text)
        st.rerun()
    else:
        st.markdown(f"{markup.plain(_name(_of(job)))}: {markup.plain(_why(error))}")


def _why(error: BaseException) -> str:
    """Why there are no models.

    In words for refusals only, as others may quote a person's record.
    """
    if isinstance(error, Cancelled):
        return f"{STOPPED}."
    if isinstance(error, Refusal):
        return words.sentence(error)
    raise error


def _draw_beside(job: Job) -> None:
    @st.fragment(run_every=PACE)
    def again() -> None:
        if job.future.done():
            st.rerun()
        _show(job, jobs.FITS.stop)

    again()
