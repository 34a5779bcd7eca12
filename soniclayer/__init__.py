"""SonicLayer: a focus group for a transcript."""
