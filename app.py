"""SonicLayer's page: `streamlit run app.py`."""

from soniclayer.ui.app import main

main()
