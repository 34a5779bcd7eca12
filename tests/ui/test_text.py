from __future__ import annotations

import pytest

from soniclayer.ui.text import SCORES, escape, highlight, size


@pytest.mark.parametrize(
    "plain",
    [
        "personas.toml, line 3, persona “genz”, field “display_name” is missing; add it.",
        "Set OPENAI_BASE_URL (now 5 s)!",
        "It's 10 % off - really.",
        "3 of 4",
        "",
    ],
)
def test_plain_sentences_stay_as_they_are(plain: str) -> None:
    assert escape(plain) == plain


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("**bold** and _slanted_ and `code`", r"\*\*bold\*\* and \_slanted\_ and \`code\`"),
        ("![i](x.png)", r"!\[i\](x.png)"),
        ("<script>alert(1)</script> &amp;", r"\<script\>alert(1)\</script\> \&amp;"),
        (":red[x] ::leaf", r"\:red\[x\] \:\:leaf"),
        ("{.red} and so:", r"\{.red} and so\:"),
        ("$x^2$ and ~~gone~~", r"\$x^2\$ and \~\~gone\~\~"),
        ("# head", r"\# head"),
        ("- item", r"\- item"),
        ("1. item", r"1\. item"),
        ("123) item", r"123\) item"),
        ("one\n\n# two\n===", "one # two ==="),
        ("a \\* b", r"a \\\* b"),
        ("\ufeffmark", "mark"),
    ],
)
def test_what_markdown_would_act_on_is_escaped(hostile: str, shown: str) -> None:
    assert escape(hostile) == shown


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("http://x.y", r"http\:|//x.y"),
        ("HTTPS://x.y", r"HTTPS\:|//x.y"),
        ("(www.x.y)", "(www|.x.y)"),
        ("me@x.y", "me@|x.y"),
        (":smile: a:b:c", r"\:|smile: a\:|b\:c"),
        (":+1:", r"\:|+1\:"),
        (":material/home: :material_home:", r"\:|material/home: \:|material_home\:"),
        ("-- a -> b <- c", r"\-|- a -|\> b \<|- c"),
        ("a >= b ~= c <-> d", r"a \>|= b \~|= c \<|-\> d"),
        ("a--b", "a--b"),
    ],
)
def test_what_the_page_would_turn_into_links_pictures_and_signs_is_broken_up(hostile: str, shown: str) -> None:
    assert escape(hostile) == shown.replace("|", "\N{WORD JOINER}")


def test_sizes_read_naturally() -> None:
    assert [size(count) for count in (0, 4_000, 2_500_000)] == ["0 kB", "4 kB", "2.5 MB"]


def test_every_score_has_a_word_an_icon_and_hues_of_its_own_and_never_red_or_green() -> None:
    assert list(SCORES) == [1, 2, 3, 4, 5]
    for part in ("word", "icon", "light", "dark"):
        assert len({getattr(look, part) for look in SCORES.values()}) == 5
    assert [look.color for look in SCORES.values()] == ["orange", "orange", "gray", "blue", "blue"]


@pytest.mark.parametrize(
    ("quotes", "shown"),
    [
        ([], "One *two* three, four."),
        (["two"], "One \\*:violet-background[two]\\* three, four."),
        (["three,  four", "*two* three"], "One :violet-background[\\*two\\* three, four]."),
        (["never said", ""], "One *two* three, four."),
    ],
)
def test_quotes_are_marked_where_they_stand(quotes: list[str], shown: str) -> None:
    expected = shown if quotes and "violet" in shown else shown.replace("*", "\\*")
    assert highlight("One *two*\nthree, four.", quotes) == expected


def test_what_stands_around_a_quote_cannot_become_part_of_its_mark() -> None:
    assert highlight("he:said{no}", ["said"]) == r"he\::violet-background[said]\{no}"


def test_a_quote_cannot_close_its_mark() -> None:
    assert highlight("a [b] c", ["[b]"]) == r"a :violet-background[\[b\]] c"
