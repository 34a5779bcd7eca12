"""One transcript or several, and what was not recognised as it should be."""

from __future__ import annotations

from tests.ui.page_driver import IDS, VTT, by_label, captions, cards, open_menu, open_view, opened, texts, upload


def test_pasted_text_is_a_show() -> None:
    app = opened()
    app.text_area(key="paste").set_value("Kim: Good morning!\nLee: Morning. What a weekend of footy that was.")
    app.button(key="use-paste").click().run()
    assert not app.exception
    assert not app.session_state["add-show"], "the box has closed"
    open_view(app, "cards")
    assert set(cards(app)) == {(0, who) for who in IDS}
    page = texts(app.main)
    assert any("What a weekend of footy" in line for line in page)
    assert any("Times estimated" in line for line in page)


def test_an_empty_box_says_what_it_wants() -> None:
    app = opened()
    app.text_area(key="paste").set_value("  ")
    app.button(key="use-paste").click().run()
    assert [toast.value for toast in app.toast] == ["There is nothing to read yet. Paste a transcript into the box."]
    assert not app.exception


def test_several_files_are_several_shows_to_switch_between() -> None:
    app = opened()
    app.file_uploader(key="upload").upload("first.vtt", VTT).upload("second.vtt", captions(30)).run()
    assert not app.exception
    assert app.selectbox(key="current").options == ["first.vtt", "second.vtt"]
    assert any("30 segments" in line for line in texts(app.main))
    app.selectbox(key="current").select_index(0).run()
    assert not app.exception
    assert any("slow roasted lamb" in line for line in texts(app.main))
    open_view(app, "cards")
    assert len(cards(app)) == 2 * len(IDS)


def test_the_segment_length_can_be_chosen() -> None:
    app = upload(opened(), "long.vtt", captions(20))
    open_menu(app, "import")
    assert any("20 segments" in line for line in texts(app.main))
    by_label(app, "select_slider", "Segment length").set_value(60).run()
    assert not app.exception
    assert any("10 segments" in line for line in texts(app.main))


def test_a_wrong_guess_can_be_overridden_and_taken_back() -> None:
    app = upload(opened(), "morning.vtt", VTT)
    open_menu(app, "import")
    by_label(app, "selectbox", "Format").set_value("JSON").run()
    assert not app.exception
    assert app.error
    assert not cards(app)
    by_label(app, "selectbox", "Format").set_value("WebVTT").run()
    assert not app.error
    assert len(cards(app)) == 2 * len(IDS)


def test_an_encoding_can_be_chosen() -> None:
    text = VTT.decode().replace("footy final", "finałowy mecz").encode("cp1250")
    app = upload(opened(), "polski.vtt", text)
    open_menu(app, "import")
    by_label(app, "selectbox", "Encoding").set_value("cp1250").run()
    assert not app.exception
    assert any("finałowy mecz" in line for line in texts(app.main))


def test_a_renamed_speaker_is_renamed_everywhere() -> None:
    app = upload(opened(), "morning.vtt", VTT)
    open_menu(app, "import")
    (editor,) = [table for table in app.dataframe if "Shown as" in table.value.columns]
    app.session_state[str(editor.key)] = {
        "edited_rows": {0: {"Shown as": "Kimberley"}},
        "added_rows": [],
        "deleted_rows": [],
    }
    app.run()
    assert not app.exception
    assert any("Kimberley" in line for line in texts(app.main))
    assert not any(line.startswith("Kim,") or line == "Kim" for line in texts(app.main))
