from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from soniclayer.ui import state


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


def _views() -> None:
    import streamlit as st

    from soniclayer.ui.state import set_widget

    set_widget("view", st.session_state.get("wanted", "Read"))
    st.segmented_control("View", ["Read", "Cards"], key="view", required=True)


def test_what_the_page_chose_is_told_until_the_browser_has_drawn_it(monkeypatch: pytest.MonkeyPatch) -> None:
    page = AppTest.from_function(_views).run()
    for _ in range(2):
        assert page.button_group[0].proto.set_value
        page.run()
    monkeypatch.setattr(state, "DRAWN_S", 0.0)
    assert not page.run().button_group[0].proto.set_value, "nor is it held back from whoever chooses"
    page.session_state["wanted"] = "Cards"
    assert page.run().button_group[0].proto.set_value


def test_what_a_widget_showed_that_is_gone_is_nobodys_choice() -> None:
    page = AppTest.from_function(_page).run()
    page.number_input[0].set_value(2).run()
    assert page.session_state["chosen"] == 2
    page.button("reset").click().run()
    assert page.number_input[0].value == 5, "made anew, to show what was set"
    page.button("late-0").click().run()
    assert page.session_state["chosen"] == 5
    assert not page.exception


def _cards() -> None:
    import streamlit as st

    from soniclayer.ui.cards_view import _turn_to
    from soniclayer.ui.state import state

    st.button("A page", key="offered", on_click=_turn_to, args=(8, {0: "0:00 – 3:59", 8: "4:00 – 7:59"}))
    st.button("A page of before", key="gone", on_click=_turn_to, args=("0:00 – 1:59", {0: "0:00 – 3:59"}))
    st.text(str(state().place.segment))


def test_a_page_that_is_not_offered_any_more_is_not_turned_to() -> None:
    page = AppTest.from_function(_cards).run()
    page.button("offered").click().run()
    assert page.text[0].value == "8"
    page.button("gone").click().run()
    assert page.text[0].value == "8"
