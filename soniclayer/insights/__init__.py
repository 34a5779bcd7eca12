"""What a run means for a producer: pure functions of its results, no page and no file.

`selection` is what somebody chose to look at; `moments` lists the stretches worth attention, one module per rule;
`verdict` says the most important of them in sentences.
"""
