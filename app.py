"""SonicLayer's page and what is served beside it: `streamlit run app.py`."""

import streamlit as st

from soniclayer.ui.audio_route import routes
from soniclayer.ui.launch import PAGE

app = st.App(PAGE, routes=routes())
