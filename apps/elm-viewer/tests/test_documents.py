"""What the page is told: texts whole, differences true, numbers that JSON has, phenotypes by their kind."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded_runs import plain_run, png, walker_run

import elm_store
from elm_viewer.highlighting import highlighted_lines, language_of, unified_line_ends
from elm_viewer.line_differences import line_differences
from elm_viewer.page_json import page_json
from elm_viewer.phenotypes import phenotype_parts
from elm_viewer.shown_run import ShownRun

TEXTS = st.text(alphabet=st.characters(), max_size=200).map(unified_line_ends)
LINES = st.lists(st.sampled_from(["a", "b", "c", "", "  d"]), max_size=12).map("\n".join)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def text_of(lines):
    return "\n".join("".join(line[1::2]) for line in lines)


@given(TEXTS, st.sampled_from(["python", "json", "text"]))
def test_highlighting_loses_nothing(text, language):
    lines = highlighted_lines(text, language)
    assert text_of(lines) == text
    assert len(lines) == text.count("\n") + 1


def test_a_program_is_told_from_a_text():
    assert language_of("import math\nx = 1") == "python"
    assert language_of("def f(x):\n    return x") == "python"
    assert language_of("I import from afar\nand return to you: love") == "text"
    (line,) = highlighted_lines("def f(): return 1", "python")
    assert line[:2] == ["keyword", "def"]
    assert line[-2:] == ["number", "1"]


@given(LINES, LINES)
def test_differences_make_the_child_of_the_parent(parent, child):
    before, after = parent.split("\n"), child.split("\n")
    made, position = [], 0
    for kind, start, end, child_start, child_end in line_differences(parent, child):
        assert start == position
        position = end
        assert (before[start:end] == after[child_start:child_end]) == (kind == "equal")
        made += before[start:end] if kind == "equal" else after[child_start:child_end]
    assert (made, position) == (after, len(before))


def test_texts_too_long_are_not_compared():
    assert line_differences("a\n" * 5000, "b") is None


@given(VALUES)
def test_the_page_gets_json_whatever_a_run_holds(value):
    read = json.loads(page_json(value), parse_constant=pytest.fail)
    assert page_json(read) == page_json(value)


def test_numbers_that_json_lacks_become_null():
    assert page_json([math.nan, {"x": math.inf}, 1.5]) == '[null,{"x":null},1.5]'


def test_phenotypes_are_known_by_their_artifacts():
    def kinds(**artifacts):
        return [part["kind"] for part in phenotype_parts(artifacts)]

    assert kinds() == []
    assert kinds(png=png(1)) == ["image"]
    assert kinds(png="iVBORw0KGgo=<script>" * 3) == ["data"]
    assert kinds(png="A" * 40) == ["data"]
    assert kinds(answer="[1]", solved=True, puzzle="P:0") == ["puzzle"]
    assert kinds(examples=[{"a": 1}, {"b": 2}]) == ["examples"]
    assert kinds(poem="one\ntwo", judge=0.5) == ["text", "data"]
    assert kinds(walker={"joints": 1}, duration=1.0, runs=[{"terrain": {"kind": "flat"}}]) == ["walker"]
    assert kinds(walker={}, duration=1.0, runs=[{"terrain": "/etc/passwd.json"}]) != ["walker"]


def test_a_table_has_every_column_and_its_gaps():
    (table,) = phenotype_parts({"examples": [{"a": 1, "b": [2]}, {"c": "x"}]})
    assert table["columns"] == ["a", "b", "c"]
    assert table["rows"] == [["1", "[\n  2\n]", ""], ["", "", "x"]]


def test_a_replay_travels_as_far_as_the_evaluation_said(tmp_path):
    walker_run(tmp_path / "run")
    run = ShownRun(tmp_path / "run")
    for number in range(2):
        for which, recorded in enumerate(run.run.individual(number).artifacts["runs"]):
            assert run.replay(number, which)["travel"] == recorded["travel"]


def test_requests_are_found_by_child_and_parents(tmp_path):
    plain_run(tmp_path / "run")
    run = ShownRun(tmp_path / "run")
    found = run.request(2)
    assert ["instruction", "Go on."] in found["request"]
    assert "+ 2" in found["reply"]
    assert run.request(4) is None


def test_requests_recorded_later_are_found_too(tmp_path):
    recorder = plain_run(tmp_path / "run", finish=False)
    run = ShownRun(tmp_path / "run")
    assert run.request(4) is None
    text = run.run.individual(4).genotype
    recorder.store.journal.record({"request": {}}, 0, {"text": text, "origin": {"prompt_hash": ""}})
    assert run.request(4)["reply"] == text
    recorder.store.close()


def test_a_failed_child_is_found_by_its_prompt(tmp_path):
    from recorded_runs import Recorder

    from elm_protocols import Evaluation, Offspring, Origin

    recorder = Recorder(tmp_path / "run")
    lost = Offspring(genotype=None, status="syntax", feedback="no", origin=Origin("diff", "m", "cd" * 32))
    recorder.add((lost, Evaluation(status="syntax")))
    reply = {"text": None, "status": "syntax", "origin": {"prompt_hash": "cd" * 32}}
    recorder.store.journal.record({"request": {"instruction": "Mend it."}}, 0, reply)
    recorder.store.close()
    assert ["instruction", "Mend it."] in ShownRun(tmp_path / "run").request(0)["request"]


def test_the_line_of_first_parents_reaches_the_seed_before_all_others(tmp_path, monkeypatch):
    from recorded_runs import Recorder, child, result

    from elm_viewer import lines_of_descent

    recorder = Recorder(tmp_path / "run")
    for number in range(12):  # each descends from the one before and from all others
        parents = (number - 1, *range(number - 1)) if number else ()
        recorder.add((child(number, parents), result(float(number), 1.0, 0.5)))
    recorder.store.close()
    with elm_store.open(tmp_path / "run") as run:
        records, left_out = lines_of_descent.ancestors(run, 11)
        assert ([record.id for record in records], left_out) == (list(range(11, -1, -1)), False)
        monkeypatch.setattr(lines_of_descent, "MOST_ANCESTORS", 5)
        records, left_out = lines_of_descent.ancestors(run, 11)
        assert (len(records), left_out) == (5, True)


@pytest.mark.parametrize(
    ("qd", "kind"),
    [
        ({"name": "mapelites", "bins": [5, 4]}, "grid"),
        ({"name": "cvtmapelites", "niches": 30, "samples": 500}, "centroids"),
        ({"name": "genetic", "population": 6}, "places"),
    ],
)
def test_niches_are_rebuilt_from_the_configuration(tmp_path, qd, kind):
    plain_run(tmp_path / "run", qd=qd)
    assert ShownRun(tmp_path / "run").niches["kind"] == kind


def test_niches_that_do_not_fit_the_record_are_not_shown(tmp_path):
    recorder = plain_run(tmp_path / "run", qd={"name": "mapelites", "bins": [5, 4]}, finish=False)
    with recorder.store._connection.transaction() as db:
        text = json.dumps({"qd": {"name": "mapelites", "bins": [4, 5]}})
        db.execute("UPDATE run SET value = ? WHERE key = 'config'", (text,))
    recorder.store.close()
    assert ShownRun(tmp_path / "run").niches["kind"] == "points"


def test_progress_counts_every_child_once(tmp_path):
    plain_run(tmp_path / "run", steps=20)
    progress = ShownRun(tmp_path / "run").progress()
    assert sum(cause["total"] for cause in progress["causes"]) == 40
    assert sum(row["individuals"] for row in progress["credit"]) == 40
    assert progress["history"]["individuals"][-1] == 40
    assert progress["lost"] == {"syntax": 40}
    assert all(sum(cause["counts"]) == cause["total"] for cause in progress["causes"])


def test_a_long_history_is_thinned_out_and_keeps_its_end(tmp_path, monkeypatch):
    from elm_viewer import progress_documents

    monkeypatch.setattr(progress_documents, "MOST_POINTS", 5)
    plain_run(tmp_path / "run", steps=20)
    assert ShownRun(tmp_path / "run").progress()["history"]["step"] == [0, 4, 8, 12, 16, 19]
