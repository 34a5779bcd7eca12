"""A person's score on the page: given, shown everywhere, taken back, listed."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.page_driver import (
    IDS,
    VTT,
    by_label,
    cards,
    choose,
    has,
    open_menu,
    open_view,
    opened,
    settle,
    texts,
    upload,
)

CARD = (1, "genz")
HOSTILE = "=1+1 **b** :smile: <script>x</script> {0}"


@pytest.fixture
def app() -> AppTest:
    return settle(upload(opened(), "friday.vtt", VTT))


def overrule(app: AppTest, score: int, reason: str = "They surf.", who: str | None = "Priya") -> AppTest:
    index, persona = CARD
    name = f"{index}-{persona}"
    open_menu(app, f"overrule-{name}")
    widget(app, f"score-{name}-{persona}").set_value(score)
    app.text_area(key=f"reason-{name}").set_value(reason)
    if who is not None:
        app.text_input(key=f"who-{name}").set_value(who)
    widget(app, f"save-{name}").click().run()
    assert not app.exception
    return app


def widget(app: AppTest, key: str) -> Any:
    return app.get_by_key(key)


def badges(app: AppTest) -> str:
    """The scores beside the segments, in Read."""
    return " ".join(each.value for each in app.markdown if "-badge[" in each.value)


def test_a_score_is_theirs_on_card_and_everywhere_and_can_be_taken_back(app: AppTest) -> None:
    before = cards(app)[CARD]
    overrule(app, 5)
    (headline, *lines) = cards(app)[CARD]
    assert "5 · Loves it" in headline
    assert any("5 · Priya" in line and "“They surf.”" in line for line in lines)
    assert any("The evaluator " in line and before[1] in line.replace("\\", "") for line in lines)
    assert "5 :material/person:" in badges(open_view(app, "read"))
    frame = open_view(app, "table").dataframe[0].value
    (column,) = [name for name in frame.columns if name.startswith("Gen Z")]
    assert frame[column].tolist()[1] == ["5*"]
    assert any("a person's score" in each.value.replace("\\", "") for each in app.caption)
    open_view(app, "cards")
    open_menu(app, "overrule-1-genz")
    (undo,) = [button for button in app.button if button.label.startswith("Undo the 5")]
    undo.click().run()
    assert not app.exception
    assert cards(app)[CARD][: len(before)] == before


def test_the_name_is_asked_once(app: AppTest) -> None:
    overrule(app, 5)
    overrule(app, 4, "Second thought.", who=None)
    assert any("4 · Priya" in line for line in cards(app)[CARD])


def test_nothing_is_kept_without_a_reason_and_the_page_says_so(app: AppTest) -> None:
    before = cards(app)[CARD]
    overrule(app, 5, "   ")
    assert "reason" in app.error[0].value
    assert cards(app)[CARD][: len(before)] == before


def test_reviews_are_listed_with_what_became_of_them(app: AppTest) -> None:
    open_view(app, "reviews")
    assert any("No reviews yet" in each.value for each in app.markdown)
    open_view(app, "cards")
    overrule(overrule(app, 5), 4, "Second thought.")
    open_view(app, "reviews")
    assert any("2 reviews" in each.value for each in app.markdown)
    said = [each.value for each in (*app.text, *app.caption)]
    assert any("4 · Priya" in each and "Second thought." in each for each in said)
    assert any("Counts" in each for each in said)
    assert any("Replaced by a later one" in each for each in said)
    assert any("So far 1." in each for each in said)
    choose(app, "personas", ["advertiser"])
    assert any("No review of this choice" in each.value for each in app.markdown)


def test_reviews_hold_for_another_reading_of_the_same_words(app: AppTest) -> None:
    overrule(app, 5)
    open_menu(app, "import")
    (names,) = [box for box in app.selectbox if box.label == "Encoding"]
    names.set_value("utf-8").run()
    open_view(settle(app), "cards")
    assert any("5 · Priya" in line for line in cards(app)[CARD])


def test_a_persona_without_a_signal_can_be_overruled_in_read(app: AppTest) -> None:
    open_view(app, "read")
    silent = next(each.value for each in app.text if each.value.startswith("No signal"))
    open_menu(app, "overrule-0-")
    by_label(app, "selectbox", "Whose score").select_index(0).run()
    (score,) = [f"score-0--{who}" for who in IDS if has(app, f"score-0--{who}")]
    widget(app, score).set_value(1)
    app.text_area(key="reason-0-").set_value("Not for them.")
    app.text_input(key="who-0-").set_value("Kim")
    widget(app, "save-0-").click().run()
    assert not app.exception
    assert any("1 · Kim" in each.value for each in app.text)
    assert silent not in [each.value for each in app.text]


def test_hostile_reasons_and_names_are_plain_text(app: AppTest) -> None:
    overrule(app, 5, HOSTILE, HOSTILE)
    for view in ("cards", "read", "reviews", "table"):
        open_view(app, view)
        for each in (*app.markdown, *app.caption, *app.button):
            shown = getattr(each, "value", "") if not hasattr(each, "label") else each.label
            assert HOSTILE not in str(shown), view
    open_view(app, "reviews")
    assert any(HOSTILE in each.value for each in app.text)
    assert has(app, "csv-reviews")
    assert texts(app)
