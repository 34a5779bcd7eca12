"""Learns what the built-in evaluator ships, from rated talk: `python -m soniclayer.evaluators.builtin.training`."""
