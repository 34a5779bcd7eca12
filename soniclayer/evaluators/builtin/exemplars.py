"""A few words that each topic and tone sounds like."""

from __future__ import annotations

from soniclayer.feedback import Tone, Topic

TOPICS: dict[Topic, tuple[str, ...]] = {
    Topic.HEALTH: (
        "doctors, hospital, symptoms, vaccine and mental health",
        "diet, sleep and exercise for your health",
    ),
    Topic.ENTERTAINMENT: (
        "celebrity, movie, television series and pop star",
        "the new album is out and the tour is sold out",
    ),
    Topic.POLITICS: (
        "the prime minister, parliament, election and policy",
        "the opposition leader attacked the government",
    ),
    Topic.TECHNOLOGY: (
        "phones, apps, software and artificial intelligence",
        "a cyber attack and a new computer chip",
    ),
    Topic.FOOD: ("recipe, cooking, chop the onion, oven and dinner", "the restaurant's chef and a slow-cooked lamb"),
    Topic.EDUCATION: ("school, teachers, students, exams and university", "learning to read in the classroom"),
    Topic.ENVIRONMENT: (
        "wildlife, forests, pollution, recycling and conservation",
        "the reef is bleaching, protect the species",
    ),
    Topic.SCIENCE: (
        "scientists, study, experiment, space telescope and physics",
        "researchers discovered a new particle",
    ),
    Topic.BUSINESS: ("interest rates, share market, tax, company profit", "small business cash flow and inflation"),
    Topic.SPORTS: ("footy, cricket, goal, the match, coach and injury", "they won the grand final by two points"),
    Topic.TRAVEL: ("flights, holiday, hotel, beach and road trip", "backpacking through Europe and Bali"),
    Topic.LIFESTYLE: (
        "parenting, home, relationships, fashion and gardening",
        "decluttering the house and morning routine",
    ),
    Topic.CULTURE: ("novel, painting, theatre, gallery and history", "the orchestra and a poetry festival"),
    Topic.CRIME: ("police, court, arrested, charged, murder and prison", "the jury found him guilty"),
    Topic.WEATHER: (
        "forecast, showers, degrees, sunny, storm and bureau of meteorology",
        "a cold front and a top of 24",
    ),
    Topic.COMMUNITY: (
        "the local council, volunteers, market day and neighbours",
        "fundraiser sausage sizzle at the community hall",
    ),
    Topic.INTERNATIONAL: (
        "war, Ukraine, United Nations, ceasefire and diplomats",
        "the president met the Chinese leader overseas",
    ),
    Topic.ADVERTISING: (
        "call now, this week only, sale, save fifty per cent",
        "brought to you by, use our code at checkout",
    ),
    Topic.RELIGION: ("church, prayer, God, faith, mosque and Ramadan", "the bishop and the meaning of grace"),
    Topic.OPINION: (
        "I reckon this is outrageous and here is what I think",
        "let me tell you why they are wrong, my view",
    ),
}

TONES: dict[Tone, tuple[str, ...]] = {
    Tone.INFORMATIVE: (
        "here is what you need to know, there are three steps",
        "the service opens at nine and costs ten dollars",
    ),
    Tone.HUMOROUS: ("haha that is hilarious, what a joke", "and then the dog ate the cake, we were laughing"),
    Tone.EXCITED: ("oh my god yes! this is amazing! let's go!", "what a finish, unbelievable scenes!"),
    Tone.NEUTRAL: ("it is quarter past eight", "the meeting will be held on Tuesday"),
    Tone.CONTROVERSIAL: (
        "people will hate me for saying this, it divides the country",
        "critics are furious and both sides are fighting",
    ),
    Tone.SERIOUS: ("police say the man died at the scene", "this is a grave matter for the government"),
    Tone.POSITIVE: ("such good news, a lovely win for everyone", "things are getting better and we are so grateful"),
    Tone.NEGATIVE: ("it is getting worse and people are worried", "families cannot afford it, a terrible failure"),
    Tone.SARCASTIC: ("oh great, because that always works, brilliant idea", "yeah right, thanks a lot, geniuses"),
    Tone.EMOTIONAL: ("I cried, I miss my mum every day", "I love you so much, it broke my heart"),
    Tone.INSPIRATIONAL: (
        "never give up on your dream, you can do it",
        "she overcame everything and believed in herself",
    ),
    Tone.DRAMATIC: ("suddenly the roof came down and we ran for our lives", "and then, silence, the door opened"),
    Tone.CAUTIOUS: ("it may be too early to say, we should be careful", "perhaps, it depends, I would not rush"),
    Tone.ANALYTICAL: (
        "the data suggest that the cause is this, compared with",
        "if you break down the numbers, the reason is",
    ),
    Tone.CASUAL: ("yeah nah, so how was your weekend, mate", "anyway I was just having a coffee and, you know"),
}
