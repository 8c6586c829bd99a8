"""The command elm-run: composes environments, algorithms, models and sandboxes from a configuration."""
