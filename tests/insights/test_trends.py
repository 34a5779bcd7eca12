"""Where personas go over the shows of a programme, and which topics work with whom."""

from __future__ import annotations

import random

import pytest

from soniclayer.feedback import Topic
from soniclayer.insights.selection import narrow
from soniclayer.insights.trends import Episode, programme_of, said, topics, trends
from soniclayer.personas import Persona
from tests.insights.planted import PLAIN, call, lean, run

NAMES = ("ann", "bob", "cat", "dan")
DAY = 86_400.0


def programme(seed: int, shows: int, slope: dict[str, float] | None = None, likes: float = 0.0) -> list[Episode]:
    """Shows of 60 segments, every third about sport; `likes` is what sport adds for Bob."""
    dice, episodes = random.Random(seed), []
    for number in range(shows):
        planted = {}
        for name in NAMES:
            level = 3.0 + dice.gauss(0, 0.05) + (slope or {}).get(name, 0.0) * number
            planted[name] = {
                index: lean(level + dice.gauss(0, 0.4) + (likes if name == "bob" and index % 3 == 0 else 0.0))
                for index in range(60)
            }
        about = {index: Topic.SPORTS if index % 3 == 0 else Topic.FOOD for index in range(60)}
        episodes.append(Episode(f"Show {number}", number * DAY, run([PLAIN] * 60, planted, about)))
    return episodes


def who(episodes: list[Episode]) -> tuple[Persona, ...]:
    return episodes[0].run.personas


def test_a_planted_trend_is_found_and_nobody_else_s() -> None:
    episodes = programme(1, 8, {"ann": 0.1, "cat": -0.1})
    found = {trend.persona.id: trend for trend in trends(episodes, who(episodes))}
    assert {name for name, trend in found.items() if trend.beyond_chance} == {"ann", "cat"}
    assert found["ann"].change == pytest.approx(0.7, abs=0.15)
    sentences = said(list(found.values()), [], lambda persona: persona.display_name)
    assert [sentence.split(" by ")[0] for sentence in sentences] == ["Cat: down", "Ann: up"]


def test_chance_alone_is_no_trend() -> None:
    wrong = 0
    for seed in range(60):
        episodes = programme(seed, 8)
        wrong += any(trend.beyond_chance for trend in trends(episodes, who(episodes)))
    assert wrong <= 6


def test_points_stand_in_order_of_time_with_their_bands() -> None:
    episodes = programme(2, 5)
    (ann, *_) = trends(list(reversed(episodes)), who(episodes))
    assert [point.show for point in ann.points] == [f"Show {number}" for number in range(5)]
    for point in ann.points:
        assert point.low < point.mean < point.high
        assert point.high - point.low < 0.6


def test_losses_are_counted_per_hour() -> None:
    made = run([PLAIN] * 60, {"ann": {5: call(1), 30: call(2)}})
    (ann,) = trends([Episode("One", 0.0, made)], made.personas)
    assert ann.points[0].losses_an_hour == pytest.approx(4.0)


def test_few_shows_or_one_day_make_no_trend_and_say_so() -> None:
    episodes = programme(1, 4, {"ann": 0.5})
    found = trends(episodes, who(episodes))
    assert not any(trend.beyond_chance for trend in found)
    assert "takes 5 shows" in said(found, [], lambda persona: persona.id)[0]
    same_day = [Episode(episode.name, 0.0, episode.run) for episode in programme(1, 6, {"ann": 0.5})]
    assert all(trend.change is None for trend in trends(same_day, who(same_day)))


def test_shows_too_short_for_a_mean_say_so() -> None:
    long = programme(1, 6, {"ann": 0.5})
    short = [Episode(each.name, each.when, narrow(each.run, each.run.segments[:10])) for each in long]
    found = trends(short, who(short))
    assert not any(trend.points for trend in found)
    assert "each with 12 judged segments or more" in said(found, [], lambda persona: persona.id)[0]


def test_a_topic_that_works_is_found_for_whom_it_works() -> None:
    episodes = programme(3, 4, likes=0.5)
    found = topics(episodes, who(episodes))
    assert {(each.topic, each.persona.id) for each in found} == {(Topic.SPORTS, "bob"), (Topic.FOOD, "bob")}
    strongest = next(each for each in found if each.topic == Topic.SPORTS)
    assert strongest.effect == pytest.approx(0.5, abs=0.15)
    assert strongest.segments == 80
    sentences = said([], found, lambda persona: persona.display_name)
    assert any(sentence.startswith("Sports works with Bob (+0.") for sentence in sentences)


def test_chance_alone_makes_no_topic_work() -> None:
    wrong = 0
    for seed in range(40):
        episodes = programme(seed, 3)
        wrong += bool(topics(episodes, who(episodes)))
    assert wrong <= 5


def test_a_topic_of_one_show_alone_says_nothing() -> None:
    episodes = programme(3, 1, likes=1.0)
    assert topics(episodes, who(episodes)) == []


@pytest.mark.parametrize(
    ("name", "tag", "programme"),
    [
        ("Breakfast/27 Nov.vtt", "", "Breakfast"),
        ("27 Nov.vtt", " Drive ", "Drive"),
        ("A/B/c.srt", "", "A/B"),
        ("x", "", ""),
    ],
)
def test_the_programme_is_the_tag_or_the_folder(name: str, tag: str, programme: str) -> None:
    assert programme_of(name, tag) == programme
