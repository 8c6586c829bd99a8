"""Writes a run without end and prints the index of each step that the store has acknowledged."""

import sys
from pathlib import Path

from conftest import plain_step

import elm_store

folder = Path(sys.argv[1])
store = elm_store.resume(folder) if folder.exists() else elm_store.create(folder, config={})
while True:
    index = store.next_step
    store.on_step(plain_step(index))
    print(index, flush=True)
