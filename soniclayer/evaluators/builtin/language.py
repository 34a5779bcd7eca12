"""Is a text English? If not, what does it look like?"""

from __future__ import annotations

import unicodedata
from collections import Counter
from functools import lru_cache

from soniclayer.evaluators.builtin.text import words

_ENGLISH_WORDS = """
the of and to a in is it you that he was for on are with as i his they be at one have this from or had by but what
some we can out other were all there when up use your how said an each she which do their if will way about many
then them would like so these her him see could no than been who its now did get come made may just my me our us
what's it's that's don't i'm we've we're i've very really because going got know think here well yeah oh not only
over after back more where why into off down too any every much still say has let also ever never
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())

# Frequent small words; those that are English words too are left out.
_OTHERS = {
    "Spanish": "el los las que de y en una por con para del se lo como pero más está muy hay cuando también porque "
    "sus esto esta todo ya sobre desde nos hoy bien aquí ser fue son al su es un le mi yo",
    "French": "le les des et une est que dans pour qui pas sur avec plus ce cette mais nous vous ils elle sont être "
    "avoir fait très du au aux je il la en un leur c'est j'ai tout ont comme bonjour",
    "German": "der das und ist nicht ein eine ich sie wir mit auf für von den dem zu im sich auch es wie aber noch "
    "nur oder wenn haben sind werden heute sehr einen kann als nach bei über hier wird",
    "Italian": "il gli che di e una per con non sono è della del nel questo questa anche più come ma molto quando "
    "alla dei delle ci si lo è un la in ho oggi sempre tutto bene perché",
    "Portuguese": "o os que de e em uma para com não do da no na mais como mas foi são está você ele ela também "
    "muito quando isso esse por um se dos das ao hoje já bem porque",
    "Dutch": "de het een en van dat niet ik je wij met voor op zijn maar ook aan er naar bij uit heeft wel nog "
    "dit deze worden heel goed vandaag omdat als wordt over",
    "Swedish": "och att det som en på är av för med den till inte har jag ett om var vi han hon men från så kan ska "
    "mycket när också eller idag",
    "Indonesian": "yang dan di dengan untuk itu ini tidak dari ada akan pada kita saya dia sudah juga bisa karena "
    "orang atau mereka lebih hari anda ke kami",
    "Vietnamese": "và của là có không một những được cho này người trong khi với các đã tôi cũng như để ở về",
    "Polish": "i w na nie się że to z do jest jak ale po co tak za od już tylko dla przez są był jego czy dzisiaj",
    "Turkish": "ve bir bu için çok da ne gibi daha ama olarak en kadar sonra var ben o ile değil mi şimdi bugün",
}
_STOPS = {name: frozenset(words.split()) - _ENGLISH for name, words in _OTHERS.items()}

_SCRIPTS = {
    "CYRILLIC": "Russian or another language in Cyrillic script",
    "ARABIC": "Arabic",
    "HEBREW": "Hebrew",
    "GREEK": "Greek",
    "HIRAGANA": "Japanese",
    "KATAKANA": "Japanese",
    "HANGUL": "Korean",
    "THAI": "Thai",
    "DEVANAGARI": "Hindi",
    "CJK": "Chinese",
}

_ENOUGH = 5  # words from which small words are counted
_PLENTY = 14  # words of which English would have some small ones


@lru_cache(maxsize=1024)
def foreign(text: str) -> str:
    """Name of the language a text seems to be in, or "" for English, and for too little to tell."""
    spoken = words(text)
    script = _foreign_script(text)
    if script or len(spoken) < _ENOUGH:
        return script
    forms = [word.form for word in spoken]
    english = sum(form in _ENGLISH for form in forms) / len(forms)
    shares = {name: sum(form in stops for form in forms) / len(forms) for name, stops in _STOPS.items()}
    name = max(shares, key=lambda key: shares[key])
    if shares[name] >= 0.15 and shares[name] > 1.3 * english:
        return name
    return "another language" if len(forms) >= _PLENTY and english < 0.05 else ""


def _foreign_script(text: str) -> str:
    letters = [sign for sign in text[:2000] if sign.isalpha()]
    if not letters or all(sign < "\u0250" for sign in letters):
        return ""
    scripts = Counter(unicodedata.name(sign, "").split(" ")[0].split("-")[0] for sign in letters)
    foreign_scripts = {name: count for name, count in scripts.items() if name in _SCRIPTS}
    if sum(foreign_scripts.values()) <= len(letters) / 2:
        return ""
    if foreign_scripts.keys() & {"HIRAGANA", "KATAKANA"}:
        return _SCRIPTS["HIRAGANA"]
    return _SCRIPTS[max(foreign_scripts, key=lambda key: foreign_scripts[key])]
