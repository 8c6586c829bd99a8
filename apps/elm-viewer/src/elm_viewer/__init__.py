"""A web page over a run: archive map, lineage, replays."""
