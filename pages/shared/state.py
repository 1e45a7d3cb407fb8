"""What does this reader stand at? The only door to the session state."""

import streamlit as st

state = st.session_state  # noqa: TID251
