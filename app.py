"""Weighbridge: what does each data source buy? The frame of every page: what is looked at, then the page."""

import sys

import streamlit as st

from pages.shared import cached, frame, markup

sys.setswitchinterval(0.0005)  # s; after the usual 5 ms, what a page has drawn would wait as long for the interpreter as it took to compute
st.set_page_config("Weighbridge", frame.ICON, layout="wide")
st.logo(frame.LOGO, size="medium")
page = frame.navigation()
cached.sweeper()
st.html(markup.CSS)
with st.container(gap="xsmall"):
    top, message = st.container(), st.container()
    with frame.refusals(message):
        with top:
            frame.frame(page)
        page.run()
