"""The page, in small render functions. Nothing here decides anything about a run; it shows and it asks."""
