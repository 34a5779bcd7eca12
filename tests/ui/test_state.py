from __future__ import annotations

from streamlit.testing.v1 import AppTest


def _page() -> None:
    import streamlit as st

    from soniclayer.ui.state import keyed, told

    chosen = st.session_state.setdefault("chosen", 1)
    key = keyed("level", chosen)
    st.session_state.setdefault("keys", []).append(key)

    def choose(value: object) -> None:
        st.session_state["chosen"] = value

    st.number_input("Level", value=chosen, key=key, on_change=told, args=("level", key, choose))
    for place, old in enumerate(st.session_state["keys"][:-1]):
        st.button("Late", key=f"late-{place}", on_click=told, args=("level", old, lambda _: choose(99)))
    st.button("Reset", key="reset", on_click=lambda: choose(5))


def test_what_a_widget_showed_that_is_gone_is_nobodys_choice() -> None:
    page = AppTest.from_function(_page).run()
    page.number_input[0].set_value(2).run()
    assert page.session_state["chosen"] == 2
    page.button("reset").click().run()
    assert page.number_input[0].value == 5, "made anew, to show what was set"
    page.button("late-0").click().run()
    assert page.session_state["chosen"] == 5
    assert not page.exception
