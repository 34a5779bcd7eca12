"""Addresses of what is served beside the page: a folder and a token that nobody can guess."""

from __future__ import annotations

import secrets

import streamlit as st


def served_at(folder: str, token: str) -> str:
    """The path of the web address of what is served beside the page."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{'/' if base else ''}{base}/{folder}/{token}"


def new_token() -> str:
    """128 random bits."""
    return secrets.token_hex(16)
