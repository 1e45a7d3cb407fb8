"""Weighbridge: what does each data source buy? The frame of every page.

What is looked at, then the page; and the server that sends it.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware
from streamlit import runtime

from analytics.study import jobs
from pages.shared.compressed import CompressionMiddleware
from pages.shared.hosts import HostMiddleware


def main() -> None:
    """One run of the page that is asked for."""
    from pages.shared import cached, frame, history, links, markup  # noqa: PLC0415  # elements of our own register with a running server

    links.remember()
    st.set_page_config("Weighbridge", frame.ICON, layout="wide")
    st.logo(frame.LOGO, size="medium")
    page = frame.navigation()
    history.keep()
    cached.sweeper()
    st.html(markup.CSS)
    with st.container(gap="xsmall"):
        top, message = st.container(), st.container()
        with frame.refusals(message):
            with top:
                frame.frame(page)
                frame.name(page)
            page.run()
        if unread := links.unread(page.url_path):
            message.markdown(f":orange-badge[Link] {markup.plain(unread)}.")


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """From the start of the server to its end, with which all work beside the pages ends."""
    jobs.end_by_signal()
    try:
        yield
    finally:
        jobs.end()


if runtime.exists():
    # After the usual 5 ms, what a page has drawn would wait as long for the interpreter as it took
    # to compute.
    sys.setswitchinterval(0.0005)  # s
    main()
else:  # `streamlit run` looks for this name; Streamlit itself sends its scripts uncompressed
    app = st.App(
        __file__,
        lifespan=lifespan,
        middleware=[Middleware(HostMiddleware), Middleware(CompressionMiddleware)],
    )
