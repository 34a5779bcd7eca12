"""Bytes -> text: encodings that are said, seen, or guessed, and damage that is mended or reported."""

from __future__ import annotations

import codecs

import pytest

from soniclayer.errors import TranscriptError
from soniclayer.transcript import ENCODINGS, parse
from tests.transcript.parsed import note, read

SPOKEN = {
    "French": "Bonjour à tous. Aujourd’hui, nous parlerons de l’été et du maïs. Ça va être très bien, où êtes-vous ?",
    "German": "Guten Morgen. Heute sprechen wir über Äpfel, Öl und süße Früchte. Die Straße ist groß.",
    "Spanish": "¿Qué tal? El niño comió una piña mañana. ¡Increíble! La canción número uno está aquí.",
    "Polish": "Dzień dobry państwu. Dzisiaj porozmawiamy o pogodzie i życiu. Świetnie, że jesteście. "
    "Proszę, dziękuję.",
    "Czech": "Dobrý den, vážení posluchači. Příliš žluťoučký kůň úpěl ďábelské ódy. Děkujeme, že jste s námi.",
    "Hungarian": "Jó reggelt kívánok. Őszi eső, hűvös szél. Köszönjük, hogy velünk tartanak. Árvíztűrő tükörfúrógép.",
    "Turkish": "Günaydın değerli dinleyiciler. Bugün hava durumundan bahsedeceğiz. İstanbul'da "
    "yağmur yağıyor. Işık çok güzel.",
    "Russian": "Доброе утро, дорогие слушатели. Сегодня мы поговорим о погоде и о новостях. Спасибо, что вы с нами.",
    "Greek": "Καλημέρα σας. Σήμερα θα μιλήσουμε για τον καιρό. Ευχαριστούμε που είστε μαζί μας.",
    "Japanese": "おはようございます。朝のニュースです。今日の天気は晴れ、最高気温は二十五度です。",
    "Chinese": "大家早上好，欢迎收听今天的节目。今天我们来谈谈天气和新闻。谢谢你们的收听。",
    "Korean": "안녕하세요 여러분. 오늘은 날씨에 대해 이야기하겠습니다. 함께해 주셔서 감사합니다.",
}


def srt(text: str) -> str:
    return f"1\n00:00:01,000 --> 00:00:09,000\n{text}\n\n"


@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        ("French", "cp1252"),
        ("French", "mac-roman"),
        ("German", "cp1252"),
        ("Spanish", "cp1252"),
        ("Polish", "cp1250"),
        ("Polish", "iso-8859-2"),
        ("Czech", "cp1250"),
        ("Czech", "iso-8859-2"),
        ("Hungarian", "cp1250"),
        ("Turkish", "cp1254"),
        ("Russian", "cp1251"),
        ("Russian", "koi8-r"),
        ("Greek", "cp1253"),
        ("Japanese", "cp932"),
        ("Japanese", "euc-jp"),
        ("Japanese", "iso2022-jp"),
        ("Chinese", "gb18030"),
        ("Korean", "cp949"),
    ],
)
def test_encodings_that_nothing_names(language: str, encoding: str) -> None:
    transcript = read(srt(SPOKEN[language]).encode(encoding))
    assert [cue.text for cue in transcript.cues] == [SPOKEN[language]]


@pytest.mark.parametrize("language", SPOKEN)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("marked", [True, False])
def test_unicode(language: str, encoding: str, marked: bool) -> None:
    mark = "\ufeff".encode(encoding) if marked else b""
    transcript = read(mark + srt(SPOKEN[language]).encode(encoding))
    assert ([cue.text for cue in transcript.cues], transcript.encoding) == ([SPOKEN[language]], encoding)


def test_a_guess_is_said() -> None:
    assert "cp1251" in note(read(srt(SPOKEN["Russian"]).encode("cp1251")), "guessed")


def test_lone_bytes_in_utf8_are_western() -> None:
    transcript = read(
        srt("Ein Käse und ").encode() + "ein Brötchen für José".encode("cp1252") + " – schön für Müller".encode()
    )
    assert transcript.cues[0].text == "Ein Käse und ein Brötchen für José – schön für Müller"
    assert "line 5" in note(transcript, "not in UTF-8")


def test_characters_cut_by_a_line_break_are_joined() -> None:
    dash = "–".encode()
    source = b"[00:00:01.000 --> 00:00:02.000]   so " + dash[:2] + b"\n[00:00:02.000 --> 00:00:03.000]  " + dash[2:]
    transcript = read(source + b" and\n[00:00:03.000 --> 00:00:04.000]   then")
    assert " ".join(cue.text for cue in transcript.cues) == "so – and then"
    assert note(transcript, "1 character cut in two")


def test_characters_cut_twice_are_joined() -> None:
    stamps = [f"[00:00:0{i}.000 --> 00:00:0{i + 1}.000]  ".encode() for i in range(3)]
    source = b"\n".join(
        stamp + byte for stamp, byte in zip(stamps, ("好"[:1].encode()[i : i + 1] for i in range(3)), strict=True)
    )
    assert [cue.text for cue in read(source).cues] == ["好"]


def test_damage_is_reported() -> None:
    transcript = read(codecs.BOM_UTF16_LE + srt("Hello").encode("utf-16-le") + b"\x00\xd8")
    assert "1 damaged character" in note(transcript, "damaged")


def test_invisible_characters_are_removed_and_counted() -> None:
    hidden = "".join(chr(0xE0000 + ord(char)) for char in "score 5")
    transcript = read(srt(f"Hel\u200blo\u202e {hidden}there\u2060.").encode())
    assert transcript.cues[0].text == "Hello there."
    assert "10 invisible characters" in note(transcript, "invisible")


def test_visible_joiners_stay() -> None:
    text = "👨‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿 می‌خواهم"
    assert read(srt(text)).cues[0].text == text


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_can_be_chosen(encoding: str) -> None:
    data = srt("Hello").encode(encoding)
    assert parse("x", data, encoding=encoding).cues[0].text == "Hello"
    assert parse("x", data, encoding=encoding).encoding == encoding


@pytest.mark.parametrize(
    ("data", "encoding", "message"),
    [
        (srt("für").encode("cp1252"), "utf-8", "line 3"),
        (srt("Hello").encode(), "utf-99", "not an encoding that can be chosen"),
        (bytes(range(128, 256)) * 9, "utf-16-le", "utf-16-le"),
    ],
)
def test_encodings_that_do_not_fit(data: bytes, encoding: str, message: str) -> None:
    with pytest.raises(TranscriptError, match=message):
        parse("x", data, encoding=encoding)
