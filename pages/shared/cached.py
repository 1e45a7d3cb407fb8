"""What does Streamlit keep for all readers?

The word while a question takes long, and the sweeping of garbage.
"""

# ruff: noqa: TID251 - others may not cache, this file does

import gc
import threading
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from analytics.study.memo import MEMO


def _say(waiting: str) -> AbstractContextManager[Any]:
    """A word to the reader who waits; work beside the pages has no reader."""
    return st.spinner(waiting) if get_script_run_ctx(suppress_warning=True) else nullcontext()


MEMO.announce = _say


@st.cache_resource(show_spinner=False)
def sweeper() -> threading.Thread:
    """Collect garbage once a minute: Streamlit would stop every reader for it after each rerun."""
    pause = threading.Event()

    def collect() -> None:
        while not pause.wait(60):
            gc.collect()

    thread = threading.Thread(target=collect, daemon=True, name="garbage")
    thread.start()
    return thread
