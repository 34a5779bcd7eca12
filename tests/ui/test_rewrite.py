"""A segment rewritten on the page: reactions before and after, kept or dropped, and what it does to the show."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.stub_server import Stub
from tests.ui.page_driver import VTT, choose, has, open_view, opened, settle, upload

NEW = "Somebody was murdered, the fuckwit boss said, and the gambling went on."


@pytest.fixture
def app() -> AppTest:
    return open_view(settle(upload(opened(), "friday.vtt", VTT)), "rewrite")


def words(app: AppTest) -> Any:
    (area,) = [area for area in app.text_area if area.label == "Words"]
    return area


def rows(app: AppTest) -> dict[str, list[str]]:
    """Before and after, by the persona's name."""
    (table,) = [each.value for each in app.markdown if each.value.startswith("| Persona")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()[2:]]
    return {name: rest for name, *rest in cells}


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception
    return app


def test_new_words_are_judged_at_once_and_the_old_scores_stand_beside(app: AppTest) -> None:
    assert all(before == after for before, after in rows(app).values())
    words(app).set_value(NEW).run()
    settle(app)
    assert any(before != after for before, after in rows(app).values())
    assert any("Not kept yet" in each.value for each in app.caption)
    assert any("1:05, as long as before" in each.value for each in app.markdown)


def test_a_kept_edit_is_there_again_and_a_dropped_one_is_forgotten(app: AppTest) -> None:
    old, new = words(app).value, f"Kim: {NEW}"
    words(app).set_value(new).run()
    press(app, "keep-edit")
    assert not any("Not kept yet" in each.value for each in app.caption)
    again = open_view(settle(upload(opened(), "friday.vtt", VTT)), "rewrite")
    assert words(again).value == new
    assert not any("Not kept yet" in each.value for each in again.caption)
    assert any("1 kept edit" in each.value for each in again.markdown)
    press(again, "drop-edit")
    assert words(again).value == old
    assert not has(again, "rewrite-effect")


def test_a_sentence_struck_out_shortens_the_show(app: AppTest) -> None:
    app.checkbox[1].check().run()
    assert not app.exception
    (told,) = [each.value for each in app.markdown if "The show with these edits" in each.value]
    assert "in place of 1:05" in told
    assert "cut" in told
    assert has(app, "download-edited-vtt")
    assert has(app, "download-cuts-edl")


def test_what_is_struck_out_stays_so_while_other_words_are_typed(app: AppTest) -> None:
    struck = app.checkbox[1].label
    app.checkbox[1].check().run()
    words(app).set_value(f"{words(app).value} And that was that.").run()
    settle(app)
    assert [box.label for box in app.checkbox if box.value] == [struck]
    assert any("cut" in each.value for each in app.markdown if "The show with these edits" in each.value)


def test_a_segment_struck_out_is_gone_from_the_show(app: AppTest) -> None:
    length = words(app).value
    app.checkbox[0].check().run()
    assert not app.exception
    assert any("Nothing of this segment is left" in each.value for each in app.caption)
    assert all(after == "–" for _, after in rows(app).values())
    press(app, "drop-edit")
    assert words(app).value == length
    assert not app.checkbox[0].value


def test_a_chat_model_is_asked_after_its_price_and_a_press(chat: Stub) -> None:
    app = settle(upload(opened(), "friday.vtt", VTT))
    choose(app, "evaluator", "chat")
    press(app, "evaluate")
    open_view(settle(app), "rewrite")
    asked = len(chat.calls)
    words(app).set_value(NEW).run()
    assert any("1 segment: up to" in each.value for each in app.text)
    assert len(chat.calls) == asked
    press(app, "evaluate-rewritten")
    settle(app)
    assert len(chat.calls) > asked
    assert all(after != "–" for _, after in rows(app).values())
