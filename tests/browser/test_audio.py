"""Listening, as only a browser shows it: what is heard where, with which keys, and what is said when nothing is."""

from __future__ import annotations

import struct
import wave
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.conftest import ROOT, StartServer
from tests.ui.page_driver import captions

pytestmark = pytest.mark.browser

SAMPLES = ROOT / "tests" / "data" / "audio"
HOSTILE = "<img src=x onerror=alert(1)> **fri** & day.wav"
NEAR_S = 0.2
SEGMENTS = 12  # of half a minute


def _hum(path: Path, seconds: int, rate: int = 4000) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(rate)
        file.writeframes(bytes(range(100, 156)) * (seconds * rate // 56 + 1))
    return path


def _open(page: Page, url: str) -> None:
    page.goto(url)
    box = page.locator(".st-key-upload input[type=file]")
    box.set_input_files({"name": "long.vtt", "mimeType": "text/vtt", "buffer": captions(SEGMENTS)})
    expect(page.locator(".st-key-segment-0")).to_be_visible(timeout=60_000)


def _menu(page: Page) -> None:
    page.locator(".st-key-audio button").first.click()


def _name(page: Page, path: Path) -> Locator:
    """Name an audio file; returns the element that plays it."""
    _menu(page)
    box = page.locator(".st-key-audio-path input")
    box.fill(str(path))
    box.press("Enter")
    audio = page.locator("audio")
    expect(audio).to_be_visible()
    page.wait_for_function("audio => audio.readyState > 0", arg=audio.element_handle())
    page.keyboard.press("Escape")
    return audio


def _played_from(audio: Locator, press: Locator) -> float:
    """Where it goes, in seconds, when this is pressed; not where it is once a busy machine has got there."""
    audio.evaluate("audio => { window.at = null; audio.onseeking = () => { window.at ??= audio.currentTime; } }")
    press.click()
    audio.page.wait_for_function("window.at !== null")
    at: float = audio.page.evaluate("window.at")
    return at


def _paused(audio: Locator) -> bool:
    paused: bool = audio.evaluate("audio => audio.paused")
    return paused


def _wait(audio: Locator, condition: str) -> None:
    audio.page.wait_for_function(f"audio => {condition}", arg=audio.element_handle())


def test_a_show_is_heard_from_any_place(streamlit_server: StartServer, page: Page, tmp_path: Path) -> None:
    _open(page, streamlit_server().url)
    assert page.locator("audio").count() == 0
    alerts: list[str] = []
    page.on("dialog", lambda dialog: alerts.append(dialog.message))
    audio = _name(page, _hum(tmp_path / HOSTILE, SEGMENTS * 30 + 20))
    expect(page.locator(".player .name")).to_have_text(HOSTILE)
    address = page.url

    # a segment, beside its cards
    assert abs(_played_from(audio, page.locator("[class*=st-key-play-side-] button")) - 0) < NEAR_S
    expect(page.locator(".st-key-segment-0")).to_have_attribute("aria-current", "time")
    # a turn or a segment, in the text
    assert abs(_played_from(audio, page.locator("a[href='#play-90000']").first) - 90) < NEAR_S
    expect(page.locator(".st-key-segment-3")).to_have_attribute("aria-current", "time")
    expect(page.locator("[aria-current=time]")).to_have_count(1)

    # the page follows what is heard, one segment after the other, and the address does not
    audio.evaluate("audio => { audio.currentTime = 119.5; }")
    expect(page.locator(".st-key-side")).to_contain_text("2:00 – 2:30")
    assert page.url == address
    assert not _paused(audio)

    # the keyboard, also after a press with the mouse, but not while somebody types
    page.keyboard.press(" ")
    _wait(audio, "audio.paused")
    before = audio.evaluate("audio => audio.currentTime")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowLeft")
    assert abs(audio.evaluate("audio => audio.currentTime") - before - 10) < NEAR_S
    search = page.locator(".st-key-search input")
    search.click()
    search.press_sequentially("the footy")
    search.press("Shift+ArrowLeft")
    assert search.input_value() == "the footy"
    assert _paused(audio)
    assert abs(audio.evaluate("audio => audio.currentTime") - before - 10) < NEAR_S

    # an offset: the transcript's 0:00 is 12.5 s into the audio
    page.keyboard.press("Escape")
    _menu(page)
    offset = page.get_by_role("spinbutton", name="Audio before 0:00 of the transcript, in seconds")
    offset.fill("12.5")
    offset.press("Enter")
    page.keyboard.press("Escape")
    page.locator(".st-key-view").get_by_role("radio", name="Cards", exact=True).click()
    assert abs(_played_from(audio, page.locator(".st-key-play-card-120000 button")) - 132.5) < NEAR_S
    expect(page.locator(".st-key-segment-4")).to_have_attribute("aria-current", "time")
    assert not alerts
    assert page.locator("img[src=x]").count() == 0


def test_every_kind_plays_and_uploads(streamlit_server: StartServer, page: Page) -> None:
    _open(page, streamlit_server().url)
    for kind in ("mp3", "m4a", "ogg"):
        _menu(page)
        page.locator(".upload input").set_input_files(str(SAMPLES / f"silence.{kind}"))
        audio = page.locator("audio")
        expect(page.locator(".player .name")).to_have_text(f"silence.{kind}")
        page.keyboard.press("Escape")
        page.locator("[class*=st-key-play-side-] button").click()
        _wait(audio, "audio.currentTime > 0.2 && audio.duration < 3")
        if kind == "mp3":
            page.locator("a[href='#play-30000']").first.click()
            expect(page.locator(".st-key-player [role=status]")).to_contain_text(
                "The audio ends at 0:02, before this."
            )
        _menu(page)
        page.locator(".st-key-drop-audio button").click()
        expect(audio).to_have_count(0)
        page.keyboard.press("Escape")


def test_what_cannot_be_played_says_so(streamlit_server: StartServer, page: Page, tmp_path: Path) -> None:
    _open(page, streamlit_server().url)
    strange = tmp_path / "strange.wav"
    form = struct.pack("<HHIIHH", 0x9999, 1, 8000, 8000, 1, 8)  # a codec that nobody has
    strange.write_bytes(b"RIFF" + struct.pack("<I", 1036) + b"WAVEfmt " + struct.pack("<I", 16) + form + bytes(1000))
    _menu(page)
    box = page.locator(".st-key-audio-path input")
    box.fill(str(strange))
    box.press("Enter")
    expect(page.locator(".st-key-player [role=status]")).to_contain_text(
        "This browser cannot play strange.wav. Export it as MP3"
    )
    strange.unlink()
    page.keyboard.press("Escape")
    page.locator(".st-key-next button").click()
    expect(page.get_by_text("Put it back there, or name where it is now.")).to_be_visible()
    expect(page.locator("audio")).to_have_count(0)
