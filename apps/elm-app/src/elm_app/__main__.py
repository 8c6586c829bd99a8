"""`python -m elm_app` is `elm-run`."""

from elm_app.command import main

main()
