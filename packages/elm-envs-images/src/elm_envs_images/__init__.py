"""Programs that draw images."""
