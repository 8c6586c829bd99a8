"""The tables of a run. `docs/store.md` describes them for readers.

Individuals and steps are only ever appended, in the order of their integer keys, so writing costs the same at
the millionth individual as at the first.
"""

from __future__ import annotations

APPLICATION_ID = 0x454C4D52  # "ELMR" at byte 68 of the file tells a run from other SQLite files
SCHEMA_VERSION = 2

TABLES = """
CREATE TABLE run (                  -- facts of the whole run, one a row
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL             -- JSON
);
CREATE TABLE sessions (             -- one for each process that wrote the run
    id INTEGER PRIMARY KEY,
    started REAL NOT NULL,          -- Unix time
    ended REAL,                     -- NULL: still running, or interrupted
    reason TEXT,                    -- why the search ended
    first_step INTEGER NOT NULL,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    python TEXT NOT NULL,
    git_commit TEXT NOT NULL,       -- of the working directory; '' if none, '-dirty' behind it if changed
    packages TEXT NOT NULL          -- JSON: version by distribution
);
CREATE TABLE steps (
    id INTEGER PRIMARY KEY,
    first_individual INTEGER NOT NULL,
    size INTEGER NOT NULL,          -- how many individuals
    recorded REAL NOT NULL,         -- Unix time
    individuals INTEGER NOT NULL,   -- from here on: statistics of the archive after the step
    valid INTEGER NOT NULL,
    niches INTEGER NOT NULL,
    filled INTEGER NOT NULL,
    qd_score,                       -- floats have no declared type: see elm_store.sql_values
    best,
    mean,
    lowest
);
CREATE TABLE individuals (
    id INTEGER PRIMARY KEY,
    step INTEGER NOT NULL,
    parents TEXT NOT NULL,          -- JSON: ids
    operator TEXT NOT NULL,
    model TEXT NOT NULL,
    prompt_hash TEXT NOT NULL,
    offspring_status TEXT NOT NULL,
    offspring_feedback TEXT NOT NULL,
    requests INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    model_seconds,
    lost TEXT NOT NULL,             -- JSON: draws discarded, by cause
    status TEXT NOT NULL,           -- of the evaluation
    fitness,                        -- NULL: NaN
    measures TEXT NOT NULL,         -- JSON: numbers
    feedback TEXT NOT NULL,
    evaluation_seconds,
    addition TEXT NOT NULL,         -- new, improved, rejected, invalid
    improvement,
    niche INTEGER NOT NULL,         -- -1: none
    genotype TEXT NOT NULL,         -- JSON
    artifacts TEXT NOT NULL         -- JSON
);
CREATE INDEX added ON individuals (niche, fitness DESC, addition) WHERE addition IN ('new', 'improved');
CREATE TABLE replies (              -- the journal
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL,             -- SHA-256 of the canonical JSON of the request
    draw INTEGER NOT NULL,
    recorded REAL NOT NULL,         -- Unix time
    request TEXT NOT NULL,          -- JSON, without secrets
    reply TEXT NOT NULL,            -- JSON
    UNIQUE (hash, draw)
);
CREATE TABLE asked (                -- schedule of a steady state: one row for each child asked for
    child INTEGER PRIMARY KEY,
    steps INTEGER NOT NULL          -- how many steps were recorded by then
);
CREATE TABLE told (                 -- the rest of it: which child each step was
    step INTEGER PRIMARY KEY,
    child INTEGER NOT NULL
);
CREATE TABLE pending_evaluations (  -- of genotypes whose step is not recorded yet
    hash BLOB PRIMARY KEY,          -- SHA-256 of the canonical JSON of the genotype
    status TEXT NOT NULL,
    fitness,
    measures TEXT NOT NULL,
    feedback TEXT NOT NULL,
    seconds,
    artifacts TEXT NOT NULL
);
"""
