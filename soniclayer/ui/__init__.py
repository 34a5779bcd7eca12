"""The page: `app` draws it from top to bottom with small render functions, `state` is what a session remembers."""
