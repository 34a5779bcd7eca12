"""The audio beside a transcript: what is taken, from where, and what is said of what is not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from soniclayer import audio
from soniclayer.audio import M4A, MP3, OGG, WAV, Audio, Copy, kind_of, named, playable
from soniclayer.errors import AudioError
from tests.conftest import ROOT

SAMPLES = ROOT / "tests" / "data" / "audio"
TOKEN = "0" * 32
WAVE = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(36)


@pytest.mark.parametrize(("name", "kind"), [("silence.mp3", MP3), ("silence.m4a", M4A), ("silence.ogg", OGG)])
def test_a_file_is_known_by_its_content(name: str, kind: audio.Kind) -> None:
    assert kind_of((SAMPLES / name).read_bytes()[: audio.HEAD_BYTES]) == kind


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (WAVE, WAV),
        (b"\xff\xfb\x90\x64", MP3),
        (b"\0" * 100 + b"\xff\xf3\x40\xc0", MP3),
        (b"\xff\xf1\x50\x80", None),  # AAC without a container
        (b"RIFF\0\0\0\0AVI ", None),
        (b"root:x:0:0:", None),
        (b"\xff", None),
        (b"", None),
    ],
)
def test_other_heads(head: bytes, kind: audio.Kind | None) -> None:
    assert kind_of(head) == kind


@pytest.fixture
def wave(tmp_path: Path) -> Path:
    path = tmp_path / "friday <b>.wav"
    path.write_bytes(WAVE)
    return path


@pytest.mark.parametrize("form", ["{}", '"{}"', "  '{}' "])
def test_a_path_may_be_pasted_with_quotes(wave: Path, form: str) -> None:
    found = named(form.format(wave), TOKEN)
    assert found == Audio(TOKEN, wave, "friday <b>.wav")
    assert not found.copied


def test_a_path_may_begin_at_home(wave: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(wave.parent))
    monkeypatch.setenv("USERPROFILE", str(wave.parent))
    assert named("~/friday <b>.wav", TOKEN).path == wave


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "No path was given"),
        ("friday.wav", "only a part of a path"),
        ("/no/such/friday.wav", "There is no file /no/such/friday.wav. Put it back"),
        ("/etc/passwd", "passwd is not MP3, M4A, WAV or OGG audio. Export"),
        ("/etc", "/etc is not a file"),
        ("/a\0b", "not a path"),
        ("~nobody-of-this-name/x.wav", "part of a path|not a path"),
    ],
)
def test_what_cannot_be_used_is_said_with_its_place_and_what_to_do(text: str, said: str) -> None:
    with pytest.raises(AudioError, match=said):
        named(text, TOKEN)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(AudioError, match="is not a file"):
        named(str(tmp_path / "pipe.wav"), TOKEN)


def test_a_link_is_followed_when_it_is_named_and_never_again(wave: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.wav"
    link.symlink_to(wave)
    found = named(str(link), TOKEN)
    assert (found.path, found.name) == (wave, "link.wav")
    other = tmp_path / "other.wav"
    other.write_bytes(WAVE)
    wave.unlink()
    wave.symlink_to(other)
    with pytest.raises(AudioError, match="leads to another file"):
        playable(found)


def test_what_is_gone_or_no_audio_any_more_is_said(wave: Path) -> None:
    found = named(str(wave), TOKEN)
    assert playable(found) == WAV
    wave.write_text("secret words")
    with pytest.raises(AudioError, match="is not MP3"):
        playable(found)
    wave.unlink()
    with pytest.raises(
        AudioError, match=r"There is no file .*friday <b>\.wav. Put it back there, or name where it is"
    ):
        playable(found)


def _copied(folder: Path, data: bytes = WAVE) -> Audio:
    with Copy(folder, TOKEN, "../../friday.wav") as copy:
        copy.write(data[:7])
        copy.write(data[7:])
        return copy.finish()


def test_an_upload_lies_under_its_token_whatever_its_name(tmp_path: Path) -> None:
    found = _copied(tmp_path / "audio")
    assert found == Audio(TOKEN, tmp_path / "audio" / f"{TOKEN}.wav", "../../friday.wav", copied=True)
    assert found.path.read_bytes() == WAVE
    assert playable(found) == WAV
    found.path.unlink()
    with pytest.raises(AudioError, match="Upload it again"):
        playable(found)


def test_an_upload_that_breaks_off_or_is_no_audio_leaves_nothing(tmp_path: Path) -> None:
    with Copy(tmp_path, TOKEN, "half.wav") as copy:
        copy.write(WAVE)
    assert not list(tmp_path.iterdir())
    with pytest.raises(AudioError, match="is not MP3"):
        _copied(tmp_path, b"words")
    assert not list(tmp_path.iterdir())


def test_an_upload_that_is_too_large_or_cannot_be_kept_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audio, "MOST_UPLOAD_MB", 0.00001)
    with pytest.raises(AudioError, match=r"larger than 200 MB\. Export it smaller"):
        _copied(tmp_path)
    assert not list(tmp_path.iterdir())
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(AudioError, match=r"could not be kept in .*Make room"):
        _copied(tmp_path / "file")
