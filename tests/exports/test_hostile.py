"""Hostile names and words in every kind of file: nothing of them acts."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt
from openpyxl import load_workbook
from typing_extensions import override

from soniclayer.exports import EXPORTS
from soniclayer.exports.plain import harmless, plain
from tests.exports.hostile import ALL, FORMULA, HARMFUL, LONG, MARKUP, TERMINAL, TURNED, show

TAGS = frozenset(
    """
    html head meta title style body main header section article footer h1 h2 h3 p b bdi span div ul li a mark
    svg rect path text
    """.split()  # noqa: SIM905
)


class Page(HTMLParser):
    """Every tag with its attributes, and everything between them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    @override
    def handle_data(self, data: str) -> None:
        self.text += data


def written(ending: str) -> bytes:
    return EXPORTS[ending].write(*show())


@pytest.mark.parametrize("ending", [ending for ending in EXPORTS if ending != ".xlsx"])
def test_a_terminal_and_the_order_of_letters_are_left_alone(ending: str) -> None:
    text = written(ending).decode("utf-16" if ending == ".premiere.csv" else "utf-8-sig")
    assert not HARMFUL & set(text)
    assert "Good people" in text


def test_the_html_report_has_no_tag_script_or_address_that_is_not_ours() -> None:
    page = Page(written(".html").decode())
    assert {tag for tag, _ in page.tags} <= TAGS
    for tag, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on") or name in ("src", "style", "srcset")]
        assert (attributes.get("href") or "#").startswith("#"), (tag, attributes)
    assert plain(MARKUP) in page.text
    assert plain(TERMINAL) in page.text


def test_the_markdown_report_makes_no_link_picture_code_or_tag() -> None:
    page = Page(MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(written(".md").decode()))
    known = "h1 h2 h3 p ul li strong table thead tbody tr th td blockquote hr".split()  # noqa: SIM905
    assert {tag for tag, _ in page.tags} <= set(known)
    assert len([tag for tag, _ in page.tags if tag == "h1"]) == 1
    assert plain(FORMULA) in page.text
    rows = [tag for tag, _ in page.tags if tag == "tr"]
    assert len(rows) == 1 + 3


def test_the_workbook_holds_no_formula_and_no_error() -> None:
    book = load_workbook(io.BytesIO(written(".xlsx")))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"} | ({"d"} & {cell.data_type for cell in cells})
    texts = [str(cell.value) for cell in cells if cell.data_type == "s"]
    assert any(text.startswith("=HYPERLINK(") for text in texts)
    for text in texts:
        assert not HARMFUL & set(text)
    for cell in cells:
        assert cell.data_type != "s" or cell.quotePrefix or cell.row == 1


@pytest.mark.parametrize(("ending", "encoding", "mark"), [(".csv", "utf-8-sig", ","), (".reaper.csv", "utf-8", ",")])
def test_tables_hold_no_formula_and_no_broken_row(ending: str, encoding: str, mark: str) -> None:
    rows = list(csv.reader(io.StringIO(written(ending).decode(encoding), newline=""), delimiter=mark))
    assert len({len(row) for row in rows}) == 1
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))]


def test_json_gives_everything_back_as_it_was() -> None:
    document = json.loads(written(".json"))
    opinions = {cell.get("opinion") for part in document["segments"] for cell in part["feedback"].values()}
    assert set(ALL) <= opinions
    assert LONG in opinions


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (TURNED, "gnp.exe"),
        ("a\r\nb\tc\u2028d", "a b c d"),
        ("\x1b[31mred\x9b0m", "[31mred0m"),
        ("\ud83d alone", "\ufffd alone"),
        ("👩‍👧 stays", "👩‍👧 stays"),
        ("שלום עולם", "שלום עולם"),
    ],
)
def test_plain_text_keeps_words_and_drops_what_acts(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_a_long_text_is_cut_between_words_and_a_long_word_inside() -> None:
    assert plain("one two three", 9) == "one two…"
    assert plain(f"of {LONG}", 20) == f"of {'x' * 16}…"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@A1", "\t=1", "\n=1", " =1", "\u202e=1", "＝1", "\ufeff=1"])
def test_what_a_spreadsheet_would_run_is_text(text: str) -> None:
    assert re.match(r"'[=+\-@＝]", harmless(text))
