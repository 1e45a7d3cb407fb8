"""What does the browser's Back lead to? One entry of its history per view."""

from pathlib import Path

import streamlit as st

JS = Path(__file__).with_suffix(".js").read_text("utf-8")
MOUNT = st.components.v2.component(
    "weighbridge_history", html='<div class="wb-history"></div>', js=JS, isolate_styles=False
)


def keep() -> None:
    """Let the browser keep one entry per view, and read the address anew on Back and Forward."""
    MOUNT(key="history")
