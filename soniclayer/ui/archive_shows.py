"""The shows of an archive on the landing page: a table of all, a search; a click opens one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from soniclayer.errors import LibraryError
from soniclayer.phrasing import clock, plural
from soniclayer.ui.library import library
from soniclayer.ui.recent_shows import evaluator_of, search
from soniclayer.ui.state import go
from soniclayer.ui.text import escape

if TYPE_CHECKING:
    import pandas as pd

    from soniclayer.library import Library, ShowRow
    from soniclayer.settings import Settings

MOST_FOUND = 200  # of a search: who sees more narrows it
TABLE_PX = 420
FACTS = ("Show", "Length", "Evaluator", "Found")


def render(settings: Settings) -> None:
    """Nothing where the settings name no archive."""
    archive = library().archive
    if problem := library().archive_problem:
        st.warning(escape(problem), icon=":material/inventory_2:")
    if archive is None or archive.path is None:
        return
    words = search(f"Archive: {archive.path.parent.name}", "Search the archive", "search-archive")
    try:
        shows, table = _table(str(archive.path), _stamp(archive), words, archive)
    except LibraryError as error:
        st.warning(escape(str(error)), icon=":material/inventory_2:")
        return
    found = f"at least {MOST_FOUND}" if words and len(shows) == MOST_FOUND else f"{len(shows):,}"
    st.caption(f"{found} found." if words else f"{plural(len(shows), 'show')}. Click one to open it.")
    if shows:
        _draw(archive, shows, table, words, settings)


def _draw(archive: Library, shows: list[str], table: pd.DataFrame, words: str, settings: Settings) -> None:
    key = f"archive-{words}"
    number = st.column_config.NumberColumn
    means = [name for name in table.columns if name not in FACTS]
    st.dataframe(
        table,
        hide_index=True,
        height=TABLE_PX if len(table) > 10 else "auto",
        column_config=dict.fromkeys(means, number(format="%.2f", help="Mean of the whole show, 1 to 5.")),
        key=key,
        on_select=lambda: _open(archive, shows, key, settings),
        selection_mode="single-cell",
        alt="One line per show of the archive: its name, length, evaluator, and the mean of every persona.",
    )


def _open(archive: Library, shows: list[str], key: str, settings: Settings) -> None:
    """Callback: look at the show of the line that was clicked."""
    cells = st.session_state[key].selection.cells
    if cells and cells[0][0] < len(shows):
        show = shows[cells[0][0]]
        go(show=show, segment=0, evaluator=evaluator_of(archive.runs.of([show]), settings))


@st.cache_resource(max_entries=8, show_spinner=False)
def _table(path: str, stamp: tuple[int, ...], words: str, _archive: Library) -> tuple[list[str], pd.DataFrame]:
    """The ids of the shows, and a line for each; in order of name, or the best first where words are looked for."""
    import pandas as pd

    shows = _archive.shows
    rows = shows.search(words, MOST_FOUND) if words else shows.recent(shows.count())
    if not words:
        rows.sort(key=lambda row: row.name)
    return [row.id for row in rows], pd.DataFrame(_columns(rows, _archive, found=bool(words)))


def _columns(rows: list[ShowRow], archive: Library, *, found: bool) -> dict[str, list[Any]]:
    names, judged = archive.runs.judged()
    nobody = ("", (None,) * len(names))
    told = [judged.get(row.id, nobody) for row in rows]
    columns: dict[str, list[Any]] = {"Show": [row.name for row in rows]}
    if found:
        columns["Found"] = [row.found for row in rows]
    columns["Length"] = [clock(row.duration_s) for row in rows]
    columns["Evaluator"] = [judge for judge, _ in told]
    for position, name in enumerate(names):
        columns[f"{name} " if name in FACTS else name] = [means[position] for _, means in told]
    return columns


def _stamp(archive: Library) -> tuple[int, ...]:
    """Changes with the library."""
    assert archive.path is not None
    paths = (archive.path, archive.path.with_name(f"{archive.path.name}-wal"))
    return tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in paths)
