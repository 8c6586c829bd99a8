"""Texts in replies, most of them of kinds seen from small models, and what must come out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elm_mutation.model_calls import Reply
from elm_mutation.program_checks import Problem
from elm_mutation.reply_search import Noted, text_of_reply
from elm_mutation.text_extraction import extract_text, last_whole_sentence
from elm_protocols import MutationRequest, Usage

POEM = "The gulls return,\nthe tide is low.\n\nA boat is drawn\nwhere children go."


def request(template="", parent="x"):
    return MutationRequest(parents=(parent,), seed=0, language="text", template=template)


REPLIES = {
    "bare": POEM,
    "white space around it": f"\n\n  {POEM}\n\n",
    "fenced": f"```text\n{POEM}\n```",
    "fenced, with prose before": f"Here is a poem:\n\n```\n{POEM}\n```\nIt is short.",
    "announced": f"Here's a poem like yours, but happy:\n\n{POEM}",
    "agreed to": f"Sure! Here is the changed poem:\n\n{POEM}",
    "agreed to with joy": f"Certainly, I can do that!\n{POEM}",
    "titled": f"**Poem:**\n\n{POEM}",
    "titled as in the prompt": f"Text 2:\n{POEM}",
    "quoted": f'"{POEM}"',
    "quoted in curls": f"“{POEM}”",
    "offered more": f"{POEM}\n\nLet me know if you want another one.\nI can write many.",
    "hoped for": f"{POEM}\n\nI hope this helps!",
}


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_the_same_text_comes_out(reply):
    assert extract_text(reply, request()) == POEM


@pytest.mark.parametrize(
    "text",
    [
        "Here is the sea and here the land.",
        "Sure as the tide,\nthe gulls return.",
        '"Come," said the sea. "Come home."',
        "Answer the question with one word: true or false?",
        "Text messages are short.",
        "Let me know when the tide is low.",
    ],
)
def test_a_text_that_only_begins_like_one_is_left_alone(text):
    assert extract_text(text, request()) == text


def test_quotation_marks_stay_where_the_parents_have_them():
    assert extract_text('"Be brief."', request(parent='"Be clear."')) == '"Be brief."'


@pytest.mark.parametrize(
    ("reply", "template", "text"),
    [
        ("and goes on", "It begins ", "It begins and goes on"),
        ("It begins well", "It begins ", "It begins well"),
        ("Q: 1?\nA: 2", "Q: ", "Q: 1?\nA: 2"),
        ("Title Body", "Title\n", "Title\nBody"),
        ("Titles go first", "Title\n", "Title\nTitles go first"),
    ],
)
def test_a_text_begins_with_its_template(reply, template, text):
    assert extract_text(reply, request(template)) == text


@pytest.mark.parametrize("reply", ["", " \n ", '""', "```\n```"])
def test_a_reply_without_a_text_is_empty_or_no_more_than_marks(reply):
    child = extract_text(reply, request())
    assert isinstance(child, Problem) or child == reply


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("One. Two", "One."),
        ('He said "no." Then', 'He said "no."'),
        ("a line\nanother li", "a line"),
        ("no end at all", ""),
        ("Pi is 3.14 and", ""),
    ],
)
def test_what_was_cut_off_ends_with_a_whole_sentence(text, whole):
    assert last_whole_sentence(text) == whole
    child = text_of_reply(Reply(text, finished=False, usage=Usage(), model="m"), request())
    assert child.text == whole if whole else child.status == "truncated"
    assert isinstance(child, Noted if whole else Problem)


@given(st.text(max_size=200), st.text(alphabet="ab \n", max_size=5))
def test_no_reply_breaks_the_extraction(reply, template):
    child = extract_text(reply, request(template))
    assert isinstance(child, Problem) or child.startswith(template)


@given(st.text(max_size=200))
def test_what_is_kept_of_a_cut_text_begins_it(text):
    assert text.strip().startswith(last_whole_sentence(text).strip())
