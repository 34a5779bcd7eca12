"""Runs, reviews, edits and sound of a show."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from soniclayer.audio import Audio
from soniclayer.edits import Edit
from soniclayer.errors import LibraryError, RecordError
from soniclayer.feedback import Review, digest_of
from soniclayer.library import Library, RunRow
from soniclayer.progress import State
from soniclayer.records import Record, record, restore
from soniclayer.run import Run
from tests.fakes import ScriptedEvaluator, no_answer, persona, score, segments


def kept(answered: int = 3, when: float = 5.0) -> Record:
    """A run of three segments of which some were answered."""
    evaluator = ScriptedEvaluator(lambda who, part: score(part.index + 2) if part.index < answered else no_answer())
    run = Run(segments(3), (persona("ann"), persona("bob")), evaluator)
    asyncio.run(run.execute())
    run.evaluator_id = "chat"
    return record(run, name="Friday.vtt", when=when)


def put(
    library: Library,
    show: str,
    written: Record,
    *,
    reading: str = "r",
    identity: str = "chat x",
    personas: str = "p",
    cost: float | None = None,
) -> None:
    library.runs.put(show, written, reading=reading, identity=identity, personas=personas, cost=cost)


def find(library: Library, show: str, personas: str = "p") -> RunRow | None:
    return library.runs.find(show, reading="r", identity="chat x", personas=personas)


def overrule(library: Library, show: str, score: int, when: float, persona: str = "ann") -> Review:
    words = digest_of("Some words.")
    return library.reviews.add(
        show,
        words=words,
        start_ms=30_000,
        persona=persona,
        score=score,
        reason=f"It is a {score}.",
        text="Some words.",
        said=3,
        evaluator="Scripted",
        when=when,
    )


def test_a_run_is_listed_without_its_results_and_read_back_with_them(library: Library, friday: str) -> None:
    put(library, friday, first := kept(), cost=0.25)
    (row,) = library.runs.of([friday, "other"])
    assert (row.show, row.evaluator, row.name, row.state) == (friday, "chat", "Scripted", State.FINISHED)
    assert (row.answered, row.failed, row.cost, row.saved) == (6, 0, 0.25, 5.0)
    assert [(mean.persona, mean.mean) for mean in row.means] == [("ann", 3.0), ("bob", 3.0)]
    assert row.usage.calls == sum(usage.calls for usage in first.usage.values())
    assert find(library, friday) == row
    assert find(library, friday, "others") is None
    assert library.runs.record(row.id) == first
    assert restore(library.runs.record(row.id)).complete


def test_a_run_takes_the_place_of_one_that_had_less_never_of_one_that_had_more(library: Library, friday: str) -> None:
    for answered, expected in ((1, 2), (3, 6), (2, 6)):
        put(library, friday, kept(answered))
        (row,) = library.runs.of([friday])
        assert row.answered == expected


def test_another_evaluator_reading_or_version_of_the_personas_is_another_run(library: Library, friday: str) -> None:
    put(library, friday, kept(), reading="another")
    put(library, friday, kept(), identity="another")
    put(library, friday, kept(), personas="another")
    assert len(library.runs.of([friday])) == 3


def test_a_run_of_a_show_that_is_gone_is_not_kept(library: Library) -> None:
    put(library, "nobody", kept())
    assert library.runs.of(["nobody"]) == []


def test_a_damaged_or_missing_record_is_said(library: Library, friday: str) -> None:
    put(library, friday, kept())
    (row,) = library.runs.of([friday])
    with library._database.write() as connection:
        connection.execute("UPDATE runs SET record = substr(record, 1, 99)")
    with pytest.raises(RecordError, match="Evaluate the show again"):
        library.runs.record(row.id)
    library.runs.drop(row.id)
    with pytest.raises(RecordError, match="not kept any more"):
        library.runs.record(row.id)


def test_reviews_have_a_history_and_are_undone(library: Library, friday: str) -> None:
    first = overrule(library, friday, 2, when=1)
    second = overrule(library, friday, 5, when=2)
    other = overrule(library, friday, 1, when=3, persona="bob")
    assert library.reviews.list(friday) == [first, second, other]
    assert (first.text, first.said, first.evaluator, first.stands) == ("Some words.", 3, "Scripted", True)
    library.reviews.undo(second.id, who="Kim", when=9)
    library.reviews.undo(second.id, who="Lee", when=10)
    undone = library.reviews.list(friday)[1]
    assert (undone.undone, undone.undone_by, undone.stands) == (9, "Kim", False)
    assert library.reviews.list(friday)[0] == first
    assert library.reviews.list("other") == []


@pytest.mark.parametrize("wrong", [0, 6])
def test_a_review_has_a_score_from_1_to_5(library: Library, friday: str, wrong: int) -> None:
    with pytest.raises(ValueError, match="1 to 5"):
        library.reviews.add(friday, words="d", start_ms=0, persona="ann", score=wrong, reason="")


def test_edits_are_put_listed_in_order_of_place_replaced_and_dropped(library: Library, friday: str) -> None:
    library.edits.put(friday, words="later", start_ms=9_000, struck=[(0, 5), (7, 9)], when=1)
    library.edits.put(friday, words="early", start_ms=0, text="old", when=1)
    library.edits.put(friday, words="early", start_ms=0, text="New “words”.", when=2)
    assert library.edits.list(friday) == [
        Edit(friday, "early", 0, "New “words”.", (), 2),
        Edit(friday, "later", 9_000, None, ((0, 5), (7, 9)), 1),
    ]
    library.edits.drop(friday, "early", 0)
    assert [edit.words for edit in library.edits.list(friday)] == ["later"]


def test_audio_is_put_replaced_found_by_its_token_and_dropped(library: Library, friday: str) -> None:
    assert library.audio.get(friday) is None
    library.audio.put(friday, Audio("1" * 32, Path("/a.mp3"), "a.mp3", copied=True))
    second = Audio("2" * 32, Path("/b.mp3"), "Frida.mp3", offset_s=-1.5)
    library.audio.put(friday, second)
    assert library.audio.get(friday) == library.audio.with_token("2" * 32) == second
    assert library.audio.with_token("1" * 32) is None
    library.audio.drop(friday)
    assert library.audio.get(friday) is None


def test_audio_of_a_removed_show_is_not_served_until_it_is_brought_back(library: Library, friday: str) -> None:
    library.audio.put(friday, Audio("1" * 32, Path("/a.mp3"), "a.mp3"))
    library.shows.remove(friday)
    assert library.audio.with_token("1" * 32) is None
    library.shows.bring_back(friday)
    assert library.audio.with_token("1" * 32) is not None


def test_nothing_is_kept_of_a_show_that_is_not_there(library: Library) -> None:
    with pytest.raises(LibraryError):
        library.reviews.add("nobody", words="d", start_ms=0, persona="ann", score=3, reason="")
    with pytest.raises(LibraryError):
        library.edits.put("nobody", words="d", start_ms=0, text="x")
    with pytest.raises(LibraryError):
        library.audio.put("nobody", Audio("", Path("x"), "x"))


def test_all_of_it_goes_with_the_show(library: Library, friday: str) -> None:
    put(library, friday, kept())
    library.reviews.add(friday, words="d", start_ms=0, persona="ann", score=3, reason="")
    library.edits.put(friday, words="d", start_ms=0, text="x")
    library.audio.put(friday, Audio("", Path("x"), "x"))
    library.delete([friday])
    assert library.runs.of([friday]) == []
    assert library.reviews.list(friday) == []
    assert library.edits.list(friday) == []
    assert library.audio.get(friday) is None


def test_a_digest_is_of_the_words_not_of_the_blanks_between_them() -> None:
    assert digest_of("Some  words.\n") == digest_of("Some words.")
    assert digest_of("Some words.") != digest_of("Other words.")
