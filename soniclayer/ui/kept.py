"""What people add to a show, as the library keeps it."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import streamlit as st

from soniclayer.feedback import Review


@st.cache_resource
def _all() -> list[Review]:
    return []


def reviews(show: str) -> tuple[Review, ...]:
    """Every review of a show, those taken back among them."""
    return tuple(review for review in _all() if review.show == show)


def add_review(show: str, **values: Any) -> None:
    """Keep a review."""
    _all().append(Review(id=len(_all()) + 1, show=show, made=time.time(), **values))


def undo_review(review: int, *, who: str) -> None:
    """Take a review back."""
    _all()[:] = [replace(r, undone=time.time(), undone_by=who) if r.id == review else r for r in _all()]
