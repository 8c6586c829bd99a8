import http.server
import json
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elm_envs_puzzles import load_puzzles, p3_test_split, select_puzzles, write_puzzles
from elm_envs_puzzles.long_literals import with_readable_literals
from elm_envs_puzzles.puzzle_files import P3_SHA256, parse_puzzles
from elm_protocols import UnreadableFileError, UserError

ENTRY = {
    "name": "Double:0",
    "sat": "def sat(n: int, a=4):\n    return n == 2 * a",
    "ans_type": "int",
    "sol_header": "def sol(a=4):",
    "sol_docstring": "",
    "sol_bodies": ["    return 2 * a"],
    "module": "",
    "notes": "",
    "weight": 1.0,
}


def file_of(*entries):
    return json.dumps(entries).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b"{}",
        b"[]",
        b"[" * 100_000,
        file_of(3),
        file_of({}),
        file_of({**ENTRY, "sat": None}),
        file_of({**ENTRY, "sat": "x = 1"}),
        file_of({**ENTRY, "ans_type": "Set[int]"}),
        file_of({**ENTRY, "sol_header": "lambda: 1"}),
        file_of({**ENTRY, "sol_bodies": "    return 8"}),
        file_of({**ENTRY, "sol_bodies": [1]}),
        file_of({**ENTRY, "weight": "heavy"}),
        file_of(ENTRY, ENTRY),
    ],
)
def test_a_damaged_file_is_one_sentence(content, tmp_path):
    path = tmp_path / "puzzles.json"
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError) as caught:
        load_puzzles(path)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


@given(st.data())
def test_a_file_cut_or_changed_anywhere_loads_or_is_refused_in_one_sentence(data):
    content = bytearray(file_of(ENTRY))
    place = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content = content[:place]
    else:
        content[place] = data.draw(st.integers(0, 255))
    try:
        assert len(parse_puzzles(bytes(content), "file")) == 1
    except UnreadableFileError as error:
        assert "\n" not in str(error).strip()


def test_a_missing_file_and_a_wrong_checksum_are_the_users(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        load_puzzles(tmp_path / "none.json")
    path = tmp_path / "puzzles.json"
    path.write_bytes(file_of(ENTRY))
    with pytest.raises(UserError, match="checksum"):
        load_puzzles(path, sha256="0" * 64)


def test_what_is_written_loads_as_it_was(tmp_path, puzzles):
    write_puzzles(puzzles.values(), tmp_path / "out.json")
    assert load_puzzles(tmp_path / "out.json") == tuple(puzzles.values())


@pytest.fixture
def served(tmp_path):
    """A folder served on loopback, and the paths that were asked for."""
    asked = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(tmp_path / "served"))

        def log_message(self, *arguments):
            asked.append(self.path)

    (tmp_path / "served").mkdir()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", tmp_path / "served", asked
        server.shutdown()
        thread.join()


def test_a_url_is_fetched_once_and_a_damaged_cache_anew(served, tmp_path):
    url, folder, asked = served
    (folder / "p.json").write_bytes(file_of(ENTRY))
    cache = tmp_path / "cache"
    first = load_puzzles(f"{url}/p.json", cache=cache)
    assert load_puzzles(f"{url}/p.json", cache=cache) == first
    assert len(asked) == 1
    next(cache.glob("*.json")).write_bytes(b"cut of")
    assert load_puzzles(f"{url}/p.json", cache=cache) == first
    assert len(asked) == 2


def test_a_url_that_fails_or_has_another_checksum_is_one_sentence_and_not_cached(served, tmp_path):
    url, folder, _ = served
    (folder / "p.json").write_bytes(file_of(ENTRY))
    with pytest.raises(UserError, match="checksum"):
        load_puzzles(f"{url}/p.json", sha256=P3_SHA256, cache=tmp_path / "cache")
    with pytest.raises(UserError, match="cannot be fetched"):
        load_puzzles(f"{url}/none.json", cache=tmp_path / "cache")
    with pytest.raises(UserError, match="cannot be fetched"):
        load_puzzles("http://127.0.0.1:1/p.json", cache=tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_puzzles_are_chosen_by_their_name_or_their_problems(puzzles):
    given_puzzles = tuple(puzzles.values())
    assert [p.name for p in select_puzzles(given_puzzles, ["Anagram:0", "CubeRoot"])] == [
        "Anagram:0",
        "CubeRoot:0",
    ]
    assert select_puzzles(given_puzzles, []) == given_puzzles
    with pytest.raises(UserError, match="no puzzle named 'Riddle'"):
        select_puzzles(given_puzzles, ["Riddle"])
    with pytest.raises(UserError, match="test split"):
        p3_test_split(given_puzzles)


def test_long_integers_keep_their_value_in_hexadecimal():
    digits = "7" * 9000
    expected = (10**9000 - 1) // 9 * 7
    assert int(with_readable_literals(f"x = {digits}").removeprefix("x = 0x"), 16) == expected
    text = f"def sat(s='{digits}', n=12): return 0x{digits} + a{digits}"
    assert with_readable_literals(text) == text
