import json

import pytest

from elm_envs_puzzles import load_puzzles
from elm_envs_puzzles.skill_labelling import skill_labeller
from elm_envs_puzzles.skills import REPLY_SCHEMA, SKILLS, skill_names
from elm_protocols import UserError


class ScriptedChatModel:
    """Scripted stand-in for a LangChain chat model: it keeps the two calls and gives the replies in turn."""

    def __init__(self, *replies):
        self.replies = replies
        self.schema = None

    def with_structured_output(self, schema, *, method):
        assert method == "json_schema"
        self.schema = schema
        return self

    def batch(self, prompts, *, return_exceptions):
        assert return_exceptions
        assert all("def sat" in prompt for prompt in prompts)
        return list(self.replies[: len(prompts)])


ALL_NO = dict.fromkeys(SKILLS, False)


def test_labels_are_in_the_order_of_the_skills():
    model = ScriptedChatModel(ALL_NO, {**ALL_NO, "bit_manipulation": True})
    none, one = skill_labeller(model)(["def sat(): 1", "def sat(): 2"])
    assert none == (0.0,) * 10
    assert one == (0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    assert skill_names(one) == ["bit_manipulation"]
    assert model.schema is REPLY_SCHEMA


@pytest.mark.parametrize(
    "reply",
    [None, "yes", {}, {**ALL_NO, "mathematics": "true"}, {**ALL_NO, "mathematics": 1}, TimeoutError("late")],
)
def test_a_reply_without_labels_is_a_line_of_text(reply):
    [label] = skill_labeller(ScriptedChatModel(reply))(["def sat(): 1"])
    assert isinstance(label, str)


def test_the_schema_asks_for_ten_booleans_and_nothing_else():
    json.dumps(REPLY_SCHEMA)
    assert len(REPLY_SCHEMA["properties"]) == len(REPLY_SCHEMA["required"]) == 10
    assert {kind["type"] for kind in REPLY_SCHEMA["properties"].values()} == {"boolean"}
    assert REPLY_SCHEMA["additionalProperties"] is False


class ModelOfWords:
    """Scripted likelihoods: fond of mathematics always, of a skill where a word stands for it."""

    WORDS = (("sorted", " sorting and searching."), ("bin(", " bit manipulation."), ("% 26", " string"))

    def score(self, prompt, continuations):
        return [
            -5.0
            + 2.0 * (continuation == " mathematics.")
            + sum(4.0 for word, skill in self.WORDS if word in prompt and continuation.startswith(skill))
            for continuation in continuations
        ]


def test_likelihoods_count_where_they_stand_out_from_what_the_model_says_of_any_puzzle():
    label = skill_labeller(ModelOfWords())
    puzzles = {puzzle.name: puzzle.program(puzzle.bodies[0]) for puzzle in load_puzzles()}
    labelled = label([puzzles["CaesarShift:0"], puzzles["BinaryWithOnes:0"], puzzles["SortedByLength:0"]])
    assert [skill_names(labels) for labels in labelled] == [
        ["string_manipulation"],
        ["bit_manipulation"],
        ["sorting_and_searching"],
    ]
    assert label([]) == []


def test_a_model_that_can_neither_is_one_sentence():
    with pytest.raises(UserError, match="skills"):
        skill_labeller(object())
