"""The evaluator that needs no key, no network and no language model."""
