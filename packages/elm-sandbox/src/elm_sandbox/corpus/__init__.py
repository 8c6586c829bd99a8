"""Programs that attack a sandbox, and honest ones: data for tests and for `elm-sandbox check`.

The programs stand in text files, as plain functions, so that nothing ever imports them.
"""
