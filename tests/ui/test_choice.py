"""One choice of personas and filters rules the estimate, the run, every view and the exports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.ui.page_driver import (
    IDS,
    SURFERS,
    VTT,
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

if TYPE_CHECKING:
    from pathlib import Path

    from tests.stub_server import Stub


def test_a_chat_run_asks_and_costs_only_what_is_chosen_and_can_be_carried_on(chat: Stub, personas_file: Path) -> None:
    personas_file.write_text(personas_file.read_text() + SURFERS)
    app = upload(opened(), "morning.vtt", VTT)
    assert any("2 segments × 2 personas: up to" in line for line in texts(app.main))
    choose(app, "personas", ["surfers"])
    assert any("2 segments × 1 persona: up to" in line for line in texts(app.main))
    app.button(key="evaluate").click().run()
    settle(app)
    assert set(cards(app)) == {(0, "surfers"), (1, "surfers")}
    assert not any("Young." in call.text for call in chat.calls), "nobody else is asked"
    choose(app, "personas", [])
    assert any("Not evaluated" in line for line in cards(app)[0, "genz"])
    app.button(key="evaluate").click().run()
    settle(app)
    assert not any("Not evaluated" in line for lines in cards(app).values() for line in lines)
    assert chat.stats()["repeated"] == 0, "nothing is asked twice"


def test_a_filter_by_words_shortens_what_a_chat_run_asks(chat: Stub) -> None:
    app = upload(opened(), "morning.vtt", VTT)
    choose(app, "search", "lamb")
    assert any("1 segment × 1 persona: up to" in line for line in texts(app.main))


def test_the_choice_rules_verdict_table_and_moments_and_says_what_is_left_out() -> None:
    app = opened()
    app.button(key="sample").click().run()
    choose(app, "personas", ["tradies", "genz"])
    choose(app, "search", "goblin")
    told = texts(app.main)
    assert any("Told of 2 of 8 personas" in line for line in told)
    assert not any("Advertiser" in line for line in texts(app.get_by_key("verdict")))
    open_view(app, "table")
    (table,) = [table.value for table in app.dataframe if "Consensus" in table.value.columns]
    assert len(table) < 5
    assert list(table.columns)[-2:] == ["Gen Z listener", "Tradies"]
    open_view(app, "moments")
    assert not any("Advertiser" in line for line in texts(app.get_by_key("moments-losses")))
    app.button(key="show-everything").click().run()
    assert not any("Told of" in line for line in texts(app.main))


def test_a_group_is_chosen_with_one_press_and_taken_out_with_another(personas_file: Path) -> None:
    blocks = [
        f'[personas.p{number}]\ndisplay_name = "P {number}"\ndescription = "Somebody."\ngroup = "{group}"\n'
        for number, group in enumerate(["Core"] * 3 + ["Wanted"] * 30)
    ]
    personas_file.write_text("\n".join(blocks))
    app = upload(opened(), "morning.vtt", VTT)
    choose(app, "groups", ["Core"])
    assert any("3 of 33 personas chosen" in line for line in texts(app.main))
    choose(app, "groups", ["Core", "Wanted"])
    assert not any("personas chosen" in line for line in texts(app.main))
    choose(app, "groups", ["Wanted"])
    choose(app, "personas", [*(f"p{number}" for number in range(3, 32))])
    assert any("29 of 33 personas chosen" in line for line in texts(app.main))
    widget: Any = app.get_by_key("groups")
    assert widget.value == [], "a group of which one is missing is not chosen"


def test_without_groups_nothing_is_offered() -> None:
    assert not has(upload(opened(), "morning.vtt", VTT), "groups")


def test_the_filters_of_the_menu_narrow_and_can_be_cleared() -> None:
    app = opened()
    app.button(key="sample").click().run()
    open_view(app, "cards")
    choose(open_menu(app, "filter"), "speakers", ["Bec Lawson"])
    assert {index for index, _ in cards(app)} == {1, 2}
    open_menu(app, "filter").button(key="clear-filters").click().run()
    assert {index for index, _ in cards(app)} == {0, 1, 2}


def test_the_list_of_moments_can_be_one_and_is_in_the_address() -> None:
    app = opened()
    app.button(key="sample").click().run()
    open_view(app, "moments")
    choose(app, "kind", "cuts")
    assert has(app, "moments-cuts")
    assert not has(app, "moments-losses")
    assert any("“arse”, “shit”" in line for line in texts(app.get_by_key("moments-cuts")))
    assert "cuts" in str(app.query_params["moments"])


def test_a_persona_page_names_best_and_worst_only_where_there_are_some() -> None:
    app = upload(opened(), "morning.vtt", VTT, "personas")
    for key in IDS:
        lines = texts(app.get_by_key(f"persona-{key}"))
        assert sum("nothing stands out" in line or line in ("**Best**", "**Worst**") for line in lines) == 2
