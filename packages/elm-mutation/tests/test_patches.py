"""Patches: round trips through damage of known kinds, and no half-applied patch in silence."""

import difflib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from elm_mutation.patches import Hunk, apply_hunks, read_search_replace, read_unified_diff

WORDS = [
    "wc = walker()",
    "    wc.add_joint(0, 1)",
    "    x = 5",
    "for i in range(3):",
    "",
    "    return x",
    "y = 'ü'",
]
lines = st.lists(st.sampled_from(WORDS) | st.integers(0, 99).map(lambda n: f"line {n}"), max_size=14)


def unified(old, new, context=3):
    return "\n".join(difflib.unified_diff(old, new, "a/p.py", "b/p.py", n=context, lineterm=""))


def text_of(body):
    return "".join(f"{line}\n" for line in body)


@given(lines, lines)
def test_a_diff_with_all_its_context_gives_the_new_text(old, new):
    assume(old and any(line.strip() for line in old) and old != new)
    outcome = apply_hunks(text_of(old), read_unified_diff(unified(old, new, context=99)))
    assert outcome.refused == {}
    assert outcome.text == text_of(new)


@st.composite
def edited(draw):
    """A program of unlike lines and an edit of some of them."""
    old = [f"line {n} of {draw(st.integers(100, 999))}" for n in range(draw(st.integers(4, 30)))]
    new = list(old)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(new) - 1))
        kind = draw(st.sampled_from(["change", "insert", "delete"]))
        word = draw(st.text("abcdef", min_size=12, max_size=12))
        if kind == "change":
            new[place] = word
        elif kind == "insert":
            new.insert(place, word)
        elif len(new) > 1:
            del new[place]
    return old, new


DAMAGES = {
    "none": lambda diff: diff,
    "wrong line numbers": lambda diff: diff.replace("@@ -", "@@ -9"),
    "no line numbers": lambda diff: "\n".join(
        "@@" if line.startswith("@@") else line for line in diff.splitlines()
    ),
    "no file names": lambda diff: "\n".join(diff.splitlines()[2:]),
    "prose and fences around it": lambda diff: f"Here is my change:\n```diff\n{diff}\n```\nIt is better.",
    "spaces at line ends": lambda diff: "\n".join(
        line if line.startswith("@@") else f"{line}  " for line in diff.splitlines()
    ),
    "windows line ends": lambda diff: diff.replace("\n", "\r\n"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@given(pair=edited())
def test_a_damaged_diff_is_applied_or_refused_but_never_wrong(damage, pair):
    old, new = pair
    assume(old != new)
    outcome = apply_hunks(text_of(old), read_unified_diff(damage(unified(old, new))))
    got = [line.rstrip() for line in outcome.text.splitlines()]
    assert outcome.refused == {}
    assert got == new


@given(pair=edited(), missing=st.integers(0, 10))
def test_a_hunk_whose_lines_are_gone_is_named_and_the_others_apply(pair, missing):
    old, new = pair
    assume(old != new)
    good = read_unified_diff(unified(old, new))
    bad = Hunk(("there is no such line anywhere", "nor this one"), ("x",))
    place = min(missing, len(good))
    outcome = apply_hunks(text_of(old), [*good[:place], bad, *good[place:]])
    assert list(outcome.refused) == [place + 1]
    assert outcome.refused[place + 1] == "its lines are not in the text"
    assert f"{len(good)} of {len(good) + 1} hunks applied (hunk {place + 1}: " in outcome.summary
    assert outcome.text == text_of(new)


def test_lines_that_stand_twice_are_refused_unless_the_number_tells_which():
    text = "a\nb\na\nc\n"
    assert apply_hunks(text, [Hunk(("a",), ("x",))]).refused == {1: "its lines stand in 2 places"}
    assert apply_hunks(text, [Hunk(("a",), ("x",), line=3)]).text == "a\nb\nx\nc\n"
    assert apply_hunks(text, [Hunk(("a",), ("x",), line=2)]).refused
    twice = [Hunk(("b",), ("b", "b2"), line=2), Hunk(("a",), ("x",), line=3)]
    assert apply_hunks(text, twice).text == "a\nb\nb2\nx\nc\n"


def test_indentation_that_is_lost_is_put_back():
    text = "def f():\n    for i in range(3):\n        g(i)\n    return 1\n"
    hunk = Hunk(("for i in range(3):", "    g(i)"), ("for i in range(4):", "    if i:", "        g(i)"))
    assert apply_hunks(text, [hunk]).text == (
        "def f():\n    for i in range(4):\n        if i:\n            g(i)\n    return 1\n"
    )


def test_context_that_is_not_there_is_left_out():
    text = "a\nb\nc\nd\n"
    assert apply_hunks(text, [Hunk(("zzz", "b", "c"), ("zzz", "x", "c"))]).text == "a\nx\nc\nd\n"
    assert apply_hunks(text, [Hunk(("b", "c", "zzz"), ("x", "c", "zzz"))]).text == "a\nx\nc\nd\n"
    assert apply_hunks(text, [Hunk(("zzz", "b"), ("b",))]).applied == ()  # a line to go must be there


def test_context_that_is_nearly_right_stays_as_it_was():
    text = "def f(wc):\n    wc.add_joint(10, 20)  # tail\n    wc.add_muscle(0, 1)\n"
    hunk = Hunk(
        ("    wc.add_joint(10, 20)  # the tail", "    wc.add_muscle(0, 1)"),
        ("    wc.add_joint(10, 20)  # the tail", "    wc.add_muscle(0, 2)"),
    )
    assert apply_hunks(text, [hunk]).text == text.replace("(0, 1)", "(0, 2)")


def test_nothing_applied_leaves_the_text_untouched():
    text = "a\r\nb"
    outcome = apply_hunks(text, [Hunk(("q",), ("r",))])
    assert outcome.text is text
    assert outcome.summary == "0 of 1 hunks applied (hunk 1: its lines are not in the text)."


@given(pair=edited())
def test_search_replace_blocks(pair):
    old, new = pair
    assume(old != new)
    blocks = "".join(
        f"Change this:\n<<<<<<< SEARCH\n{text_of(hunk.old)}=======\n{text_of(hunk.new)}>>>>>>> REPLACE\n"
        for hunk in read_unified_diff(unified(old, new))
    )
    outcome = apply_hunks(text_of(old), read_search_replace(blocks))
    assert outcome.refused == {}
    assert outcome.text == text_of(new)


def test_a_block_that_is_cut_off_is_left_out():
    whole = "<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n"
    assert read_search_replace(whole + "<<<<<<< SEARCH\nc\n=======\nd") == [Hunk(("a",), ("b",))]
    assert read_search_replace("<<<<<<< SEARCH\na\n") == []


@given(st.text("@-+ \nab<>=SEARCHREPLACE0123456789,", max_size=200), st.text("ab \n", max_size=40))
def test_no_reply_breaks_the_reading_of_patches(reply, text):
    for read in (read_unified_diff, read_search_replace):
        hunks = read(reply)
        outcome = apply_hunks(text, hunks)
        assert len(outcome.applied) + len(outcome.refused) == len(hunks)
