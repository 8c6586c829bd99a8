"""The run on disk: every individual and its lineage in SQLite."""
