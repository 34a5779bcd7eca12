"""Three written shows, as segments of about half a minute."""

from __future__ import annotations

from itertools import pairwise

from soniclayer.segments import Segment

TECH = (
    "So the index is on the tenant column first and then the time stamp, which is the wrong way round for how we "
    "query it. The planner does a bitmap scan, reads forty thousand pages, and throws most of them away.",
    "We moved the write-ahead log to its own volume and the latency halved. Checkpoints were the other half: they "
    "came every five minutes and flushed everything at once, so we spread them out.",
    "The migration tool takes a lock on the table, and behind that lock every other query waits. You want a lock "
    "timeout of two seconds and a retry, and you want that in the tool and not in your head.",
    "On the client we batch the requests and keep one connection per worker. The pool was at a hundred and the "
    "server has eight cores, so most of those connections did nothing but fight over memory.",
    "Someone asked about Kubernetes. It is fine for the stateless part. For the database I would rather have a "
    "plain machine with a disk I know, and a replica next to it that I have actually failed over to.",
    "Version seventeen brings incremental backups, and that is the release note I was waiting for. The rest is "
    "small: a few more statistics views and a faster vacuum.",
    "If you run the benchmark on your laptop you measure your laptop. Use the same kernel, the same file system, "
    "and throw the first run away because the cache is cold.",
    "Next week we talk to the people who maintain the connection pooler. Send us your questions on the mailing "
    "list and we will read out as many as we can.",
)

COUNCIL = (
    "Item four is the minutes of the last ordinary meeting. Are there any corrections? If not, can I have a mover "
    "and a seconder. Thank you, councillor. All in favour? Carried.",
    "Item five, the delegated authority of the chief executive under section three hundred and seventy-seven. The "
    "officer's recommendation is before you on page eighteen of the business paper.",
    "Through the chair, I would like to move an amendment, that the words to be determined be replaced with the "
    "words no later than the thirtieth of June. Is there a seconder for the amendment?",
    "The planning proposal goes back on exhibition for twenty-eight days. Submissions close at five o'clock on "
    "the Friday, and a further report will come to the committee in the following quarter.",
    "I declare a non-pecuniary interest in item seven, as I sit on the board of the library, and I will leave the "
    "chamber for that item. The general manager has been told in writing.",
    "On the budget review: revenue is two per cent under, mostly from fees, and operating expenditure is in line. "
    "The variation is set out in attachment C and has been before the audit committee.",
    "Can we take items nine to twelve in one motion? There is an objection to eleven. Then nine, ten and twelve "
    "together, and eleven on its own. Moved, seconded, carried.",
    "That brings us to questions on notice. Question one was about the tender for the depot roof, and the answer "
    "has been circulated. There being no other business, I close the meeting at nine seventeen.",
)

BREAKFAST = (
    "Good morning, it's ten past six, it's going to be twenty-four and sunny, and the ferries are running again "
    "after the fog. Thanks for waking up with us, wherever you are.",
    "Right, last night's game. Four goals in the last quarter, on one leg, and the crowd sang him off the ground. "
    "If you were there, ring us, because we were on the couch and our voices still work.",
    "We asked for the worst thing you ever found in a lunch box. Karen has a banana from the term before. Karen, "
    "did you call anybody? You threw the whole bag away, and that is the right answer.",
    "The hospital's fundraiser is on Sunday, on the oval, with a cake stall and a jumping castle. Every dollar "
    "buys beds for parents who stay overnight with a sick child. Bring the family.",
    "A bloke has been charged after a fight outside the tavern in which another man was stabbed. Police want to "
    "hear from anyone who was in the car park after midnight and has film of it.",
    "New music now, and she's nineteen, from Geelong, and she wrote this one in her share house about the boy who "
    "moved to London and took the cat. It has been played four million times.",
    "Here's one for the school run: how much screen time is too much? Doctor Amy says it is not the hours, it is "
    "what they miss, so start with sleep, sport and dinner with no phones on the table.",
    "You have two minutes to win the family pass to the zoo. Name five animals that lay eggs. Chicken is one. A "
    "platypus, very good. You have a crocodile, a turtle, and, oh, an emu. That's it!",
)


def segments(texts: tuple[str, ...]) -> tuple[Segment, ...]:
    """A show of these half minutes."""
    pairs = pairwise(("", *texts))
    return tuple(
        Segment(index, index * 30_000, (index + 1) * 30_000, (), text, before)
        for index, (before, text) in enumerate(pairs)
    )
