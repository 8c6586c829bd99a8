"""Programming puzzles: solve them, and evolve problems together with their solutions."""
