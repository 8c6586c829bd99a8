"""The embedded model: a LangChain LLM over the real weights."""

import json
import subprocess
import sys
import threading

import pytest

from elm_mutation import embedded
from elm_mutation.embedded_model import EmbeddedModelError
from elm_mutation.model_calls import Message, ask
from elm_mutation.prefix_slots import PrefixSlots, Slot
from elm_mutation.prompted import PromptOperator
from elm_mutation.scoring import Scorer
from elm_mutation.weights import faster_weights, find_weights
from elm_protocols import MissingExtraError, MutationRequest, UserError

PROMPT = "def area(width, height):\n    return width"
POEM = "The sea at dusk is calm and wide,\nthe gulls return upon the tide."


def test_it_is_a_langchain_model(embedded_model):
    assert isinstance(embedded_model.invoke("Once upon a time", max_tokens=4), str)
    assert len(embedded_model.batch(["One, two,", "Red, green,"], max_tokens=2)) == 2


def test_a_grammar_holds_the_reply(embedded_model):
    reply = ask(embedded_model, PROMPT, grammar='root ::= " " [*+] " height\\n"', max_tokens=16)
    assert reply.text in (" * height\n", " + height\n")
    assert reply.finished
    assert reply.usage.prompt_tokens > 5
    assert 0 < reply.usage.completion_tokens <= 16
    assert reply.model.startswith("SmolLM2-135M")


def test_a_reply_cut_at_the_limit_says_so(embedded_model):
    assert not ask(embedded_model, "Once upon a time", max_tokens=2).finished


def test_a_json_schema_holds_the_reply(embedded_model):
    schema = {"type": "object", "properties": {"score": {"enum": [1, 2, 3]}}, "required": ["score"]}
    schema["additionalProperties"] = False
    reply = embedded_model.invoke("Score from 1 to 10:", json_schema=schema, max_tokens=32, temperature=0.0)
    assert isinstance(json.loads(reply)["score"], int)


def test_conversations_are_asked_in_the_models_own_template(embedded_model):
    turns = (Message("system", "Be brief."), Message("human", "Hello!"))
    template = "<|im_start|>{}\n{}<|im_end|>\n"
    written = template.format("system", "Be brief.") + template.format("user", "Hello!")
    settings = {"max_tokens": 12, "temperature": 0.0, "cache_prompt": False}
    by_hand = embedded_model.invoke(written + "<|im_start|>assistant\n", **settings)
    asked = embedded_model.invoke([(turn.role, turn.text) for turn in turns], **settings)
    assert asked == by_hand
    assert ask(embedded_model, turns, max_tokens=4).usage.prompt_tokens > 15


def test_texts_are_rewritten_by_the_prompt_operator(embedded_model):
    requests = [
        MutationRequest(parents=(POEM,), seed=seed, instruction="Write a happy poem.", language="text")
        for seed in range(3)
    ]
    children = PromptOperator(embedded_model, max_tokens=40).generate(requests)
    texts = {child.text for child in children if child.ok}
    assert len(texts) >= 2
    assert not any(mark in text for mark in ("```", "<|im", "Human:") for text in texts)


def test_stop_strings_end_a_reply(embedded_model):
    text = embedded_model.invoke("one two three four", stop=["e"], max_tokens=32, seed=1)
    assert "e" not in text


def test_a_refused_request_is_an_error_of_its_own(embedded_model):
    with pytest.raises(EmbeddedModelError):
        embedded_model.invoke("x", grammar="root ::= undefined")
    with pytest.raises(EmbeddedModelError, match="context"):
        embedded_model.invoke("word " * 5000)
    assert embedded_model.invoke("still", max_tokens=1) is not None


def test_the_same_seed_gives_the_same_reply(embedded_model):
    replies = {embedded_model.invoke(PROMPT, seed=7, max_tokens=8, cache_prompt=False) for _ in range(3)}
    assert len(replies) == 1


def test_scores_tell_the_likely_from_the_unlikely(embedded_model):
    assert isinstance(embedded_model, Scorer)
    likely, unlikely, odd = embedded_model.score("One, two, three,", [" four", " banana", " four, five, six"])
    assert unlikely < likely < 0
    assert unlikely < odd < 0
    for prompt, continuation in (("", "a"), ("a", "")):
        with pytest.raises(UserError, match="not empty"):
            embedded_model.score(prompt, [continuation])


def test_files_that_are_no_weights_are_refused(tmp_path):
    with pytest.raises(UserError, match="There is no weights file"):
        find_weights(str(tmp_path / "missing.gguf"))
    (tmp_path / "text.gguf").write_text("hello")
    with pytest.raises(UserError, match="not in the GGUF format"):
        find_weights(str(tmp_path / "text.gguf"))
    (tmp_path / "cut.gguf").write_bytes(find_weights().read_bytes()[:5000])
    with pytest.raises(UserError, match=r"cannot load.*cut\.gguf"):
        embedded(path=str(tmp_path / "cut.gguf"), requantize=False)


def test_the_faster_copy_is_made_once(tmp_path):
    copy = faster_weights(find_weights(), tmp_path / "cache")
    assert copy.stat().st_size < find_weights().stat().st_size
    made = copy.stat().st_mtime_ns
    assert faster_weights(find_weights(), tmp_path / "cache") == copy
    assert copy.stat().st_mtime_ns == made
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [copy.name]
    assert faster_weights(copy, tmp_path / "cache") == copy  # it has nothing left to make faster


def test_a_cache_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="XDG_CACHE_HOME"):
        faster_weights(find_weights(), tmp_path / "file")


@pytest.mark.parametrize("options", [{"servers": -1}, {"slots": 0}, {"context": 1}])
def test_options_out_of_range_are_refused(options):
    with pytest.raises(UserError, match="must be at least"):
        embedded(**options)


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "elm_mutation.embedded_model", None)
    with pytest.raises(MissingExtraError, match=r"elm-mutation\[embedded\]"):
        embedded()


def test_prompts_go_where_their_beginning_is_held():
    slots = PrefixSlots(servers=2, slots=2)
    used = {}
    for prompt in ("alpha one", "beta one", "gamma one", "delta one"):
        with slots.use(prompt) as slot:
            used[prompt.split()[0]] = slot
    assert len(set(used.values())) == 4
    for prompt in ("delta two", "alpha two", "gamma two", "beta two"):
        with slots.use(prompt) as slot:
            assert slot == used[prompt.split()[0]]
    with slots.use("omega") as slot:
        assert slot == used["delta"]  # the one longest unused


def test_each_server_runs_one_prompt_at_a_time():
    slots = PrefixSlots(servers=2, slots=2)
    with slots.use("a") as first, slots.use("a") as second:
        assert {first.server, second.server} == {0, 1}
        got = []
        waiting = threading.Thread(target=lambda: got.append(_use(slots)))
        waiting.start()
        waiting.join(0.05)
        assert not got
    waiting.join()
    assert isinstance(got[0], Slot)


def _use(slots):
    with slots.use("b") as slot:
        return slot


def test_a_model_that_is_given_up_as_soon_as_it_is_loaded_lets_the_process_end():
    source = (
        "from elm_mutation.models import embedded\n"
        "for _ in range(4):\n"
        "    embedded(servers=1, slots=1, context=256)\n"
        "raise SystemExit(2)\n"
    )
    done = subprocess.run([sys.executable, "-c", source], timeout=120, check=False)
    assert done.returncode == 2
