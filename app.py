"""SonicLayer's page and what is served beside it: `streamlit run app.py`."""

import streamlit as st

from soniclayer.cores import one_thread
from soniclayer.ui import audio_route, personas_route
from soniclayer.ui.launch import PAGE

one_thread()  # before anything imports numpy, which the server does not
app = st.App(PAGE, routes=[*audio_route.routes(), personas_route.route()])
