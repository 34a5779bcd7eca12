"""A page whose fragment is drawn twice at a click, the first time elsewhere, before anything could be sent."""

import time

import streamlit as st
from streamlit.runtime import get_instance

from soniclayer.ui import broken_off

LONG = "What was said. " * 1000  # long enough for Streamlit to send a reference the second time


@st.fragment
def part() -> None:
    turn = st.session_state.turn = st.session_state.get("turn", 0) + 1
    st.button("Again", key="again")
    if turn == 2:
        get_instance()._get_async_objs().eventloop.call_soon_threadsafe(time.sleep, 1)  # so long nothing is sent
        with st.container(), st.container(), st.container():
            st.text(LONG)
        st.rerun(scope="fragment")
    st.text(LONG)
    st.text(f"Turn {turn}")


broken_off.drop_references()
part()
