"""Unsafe words by sense: what only sounds unsafe stays unflagged, what is unsafe is found with its words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soniclayer.evaluators.builtin.unsafe import COARSE, findings, kinds_in

FALSE_FRIENDS = (
    "We were shooting four or five cameras at once for the interview.",
    "This is the killer app for small shops.",
    "He bombed on stage last night and the next joke saved him.",
    "It's dead simple, you just press the button.",
    "You have to kill the process and start it again.",
    "I'll have a shot of espresso, please.",
    "Dick Smith opened another store.",
    "Grill the chicken breast for six minutes a side.",
    "There's a cocktail of reasons for it.",
    "The shops on the high street are empty.",
    "She killed it at the audition.",
    "My feet are killing me after that walk.",
    "He took a shot at goal from thirty metres.",
    "Take your best shot and apply.",
    "The murder mystery dinner was a hoot.",
    "They got away with murder on that contract.",
    "He was an absolute murderer on the basketball court.",
    "I'll take a stab at the answer.",
    "The bath bomb fizzed in the tub.",
    "That film was a box office bomb.",
    "It was a real time bomb for the budget.",
    "The battery died on my phone.",
    "I nearly died laughing.",
    "It's chocolate to die for.",
    "We're at a dead end with the council.",
    "The Dead Sea is very salty.",
    "Odds are it will rain.",
    "Against all odds they won the final.",
    "I'm betting that rates will fall.",
    "That's a safe bet for dinner.",
    "You bet we are.",
    "It was a gamble on a young keeper and it paid off.",
    "She has a great poker face.",
    "Pot plants need soil and light.",
    "Put the stew in the pot and simmer.",
    "My knee joint hurts.",
    "It's a joint venture with the bank.",
    "Pull the weeds from the garden bed.",
    "Diet coke and fries, please.",
    "Crack two eggs into the bowl.",
    "We had ice cream at the skating rink.",
    "Acid rain damaged the trees.",
    "He was drunk on power.",
    "Smashed avo on toast.",
    "The stripper took the paint right off.",
    "Nude lipstick is in again.",
    "The ship's cockpit was tiny.",
    "Blue tits came to the bird feeder.",
    "Maine coon cats are huge.",
    "There's a chink in the armour.",
    "The place was spic and span.",
    "Dick Van Dyke danced on the roof.",
    "They flood behind the dyke in Holland.",
    "Fire retardant was dropped.",
    "Rapeseed oil and rape fields in flower.",
    "The kids did the assault course.",
    "It was a massacre, forty nil by half time.",
    "He's a news junkie.",
    "We had an overdose of chocolate at Easter.",
    "Apex predators such as sharks eat prey.",
    "Dog grooming costs fifty dollars.",
    "Alien abduction stories again.",
    "That's career suicide.",
    "Suicide Squad was a bad film.",
    "The tragedy of the commons is an old idea.",
    "Fatal error on line nine.",
    "Sudden death overtime.",
    "She is drowning in paperwork.",
    "Shelling peas on the porch.",
    "We're shelling out for new tyres.",
    "The execution of the plan was flawless.",
    "Heart attack survivor runs marathon.",
    "An explosion of colour in spring.",
    "A Bloody Mary with celery.",
    "The governing bodies of sport met.",
    "Mourning doves on the wire.",
    "Same-sex marriage was debated.",
    "The opposite sex.",
    "Casino Royale is on tonight.",
    "Shots from the free throw line.",
    "The camera shot was lovely.",
    "He's shooting for the stars.",
    "Kill the lights, please.",
    "The server was killed by the job queue.",
    "Kill two birds with one stone.",
    "He hit a killer pass through midfield.",
    "The mosquito killer works.",
    "Hooked up the trailer to the car.",
    "A topless bus tour of London.",
    "Escort the guests to the door.",
    "High on the agenda is water.",
    "She got high marks in maths.",
    "Blackjack oak grows here.",
    "The hooker threw the ball into the lineout.",
    "Pussy cat, pussy cat.",
    "Finger prick test for diabetics.",
    "An adult ticket and two kids.",
    "I shot a wedding on film.",
    "They shot the scene in one take.",
    "Her vaccine shot was quick.",
    "The golfer's shot landed on the green.",
    "The comedian slaughtered the crowd.",
    "A missile of a throw from the outfield.",
    "Lynch scored twice.",
    "David Lynch made that.",
    "Beat the eggs until stiff.",
    "Beat the odds and win.",
    "The hangover from the fiscal crisis.",
    "Dope new sneakers, bro.",
    "That's sick, dude.",
    "Blow the candles out.",
    "Hit the road early.",
    "He fired the shot clock violation.",
    "We bombed the maths exam.",
    "Photo bombed by a seagull.",
    "Punters queued for coffee.",
    "We had a crack at it.",
    "I'd wager it's colder now.",
    "The trifecta of sun, sand and surf.",
    "The engine died on the hill.",
    "It's the bomb.",
    "war on waste",
    "console wars",
    "drug store",
    "cancer drug trial results",
    "The plan was dead in the water.",
    "speed up the line",
)

UNSAFE = (
    "The gunman opened fire in the mall.",
    "Police shot a man dead in the driveway.",
    "Three people were killed in the crash.",
    "She was stabbed outside the pub.",
    "He was murdered by his brother.",
    "The bomb killed twelve soldiers.",
    "A mass shooting at a school in Texas.",
    "They found the body in the river, a body found by a walker.",
    "He was beaten to death.",
    "The hostages were freed by troops.",
    "She was raped in the park.",
    "He is charged with sexual assault.",
    "He kidnapped two girls.",
    "Armed robbers held up the servo.",
    "He beat his wife for years.",
    "Domestic violence is rising.",
    "Terrorists claimed the attack.",
    "A car bomb went off.",
    "They tortured prisoners.",
    "He punched her in the head, punched her again.",
    "The serial killer confessed.",
    "He threatened to kill her.",
    "A knife attack on the train.",
    "Shots were fired at police.",
    "He dealt cocaine.",
    "They were smoking weed behind the shed.",
    "She overdosed on heroin.",
    "An ice addict robbed the shop.",
    "He got high on meth.",
    "They rolled a joint and smoked it.",
    "He snorted a line of coke.",
    "Magic mushrooms at the party.",
    "The drug dealer was arrested.",
    "Drug trafficking charges.",
    "She dropped acid at the festival.",
    "Betting odds for the weekend.",
    "Get a bonus bet when you sign up.",
    "Pokies took his wages.",
    "He lost it all at the casino.",
    "Place a bet with Sportsbet.",
    "Same game multi paying six dollars.",
    "The bookies have him at four to one.",
    "Problem gambling ruins families.",
    "Online betting apps are everywhere.",
    "Gamble responsibly.",
    "Get fifty in free bets today.",
    "The odds with Ladbrokes are short.",
    "A punt on the horses.",
    "He was drunk and fell.",
    "We got hammered at the pub.",
    "Binge drinking teens.",
    "Tequila shots all night.",
    "I had a shocking hangover.",
    "That's bullshit.",
    "What the fuck.",
    "You bastard.",
    "Such a dick, that bloke, you dick.",
    "He's an arsehole.",
    "F**k this.",
    "This is sh1t.",
    "Piss off.",
    "They watched porn.",
    "She had sex with him in the car.",
    "Nude photos leaked.",
    "A strip club in the city.",
    "He hired a prostitute.",
    "Onlyfans models.",
    "A one night stand.",
    "The escort agency was raided.",
    "Child abuse in the church.",
    "A paedophile ring.",
    "Online predators target children.",
    "He groomed a girl online.",
    "He killed himself.",
    "She took her own life.",
    "A suicide note.",
    "Self-harm among teens.",
    "The death toll rose to forty.",
    "Two children drowned in the dam.",
    "A plane crash in Nepal.",
    "The bodies were recovered from the rubble.",
    "He died in hospital.",
    "A tragic accident.",
    "Fatal crash on the highway.",
    "He was executed on death row.",
    "Acid attack on a woman.",
    "The explosion injured nine workers.",
    "Slaughtered villagers.",
    "Massacre of civilians.",
    "Gun violence in Chicago.",
    "Shelling of the city by artillery.",
    "He was shot in the leg.",
    "They hanged, he hanged himself.",
    "Bare-knuckle fight, blood everywhere.",
    "You slut.",
    "Roulette wheels spin.",
    "Parlay of the day on DraftKings.",
)


@pytest.mark.parametrize("line", FALSE_FRIENDS)
def test_a_false_friend_stays_unflagged(line: str) -> None:
    assert [line[found.start : found.end] for found in findings(line)] == []


@pytest.mark.parametrize("line", UNSAFE)
def test_what_is_unsafe_is_found(line: str) -> None:
    assert findings(line)


@pytest.mark.parametrize(
    ("line", "kind", "words", "severity"),
    [
        ("Get a bonus bet when you sign up.", "gambling", "bonus bet", "medium"),
        ("The betting odds are short.", "gambling", "betting", "medium"),
        ("Three people were killed in the crash.", "death and tragedy", "killed", "medium"),
        ("He was stabbed in the street.", "violence", "stabbed", "medium"),
        ("They smoked weed all day.", "drugs", "weed", "medium"),
        ("What utter bullshit.", "swearing", "bullshit", "strong"),
        ("The suicide of a young man.", "self-harm", "suicide", "strong"),
        ("Oh, damn it.", "mild swearing", "damn", "mild"),
    ],
)
def test_a_finding_has_a_category_its_words_and_a_severity(line: str, kind: str, words: str, severity: str) -> None:
    found = next(found for found in findings(line) if found.kind == kind)
    assert line[found.start : found.end] == words
    assert found.severity == severity


def test_company_is_looked_for_in_the_same_sentence_only() -> None:
    assert not findings("The camera took a shot. Then the police came for coffee.")
    assert findings("The police say that a shot hit the victim.")


def test_a_name_is_no_swearing() -> None:
    assert not findings("My uncle Dick is on the line.")
    assert {found.kind for found in findings("He is such a dick.")} == {"swearing"}


def test_dislikes_switch_categories_on() -> None:
    assert kinds_in(("swearing and foul language",)) == {"swearing", "mild swearing"}
    assert kinds_in(("gambling, betting odds",)) == {"gambling"}
    assert kinds_in(("city traffic",)) == frozenset()
    assert {"swearing", "slurs", "sexual content"} == COARSE


@given(st.lists(st.sampled_from([*FALSE_FRIENDS, *UNSAFE, "Nice day.", "…", "f**k"]), max_size=6).map(" ".join))
def test_findings_lie_inside_the_text_in_order_and_are_the_same_every_time(text: str) -> None:
    found = findings(text)
    assert all(0 <= each.start < each.end <= len(text) for each in found)
    assert list(found) == sorted(found, key=lambda each: (each.start, each.end, each.kind))
    assert found == findings(text)


@given(st.text(max_size=300))
def test_any_text_is_survived(text: str) -> None:
    findings(text)
