"""The Transformers model for real, on the CPU: SmolLM2 from its GGUF file. Has a session of its own."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from elm_protocols import ElmError, MutationRequest, UserError

pytest.importorskip("torch", reason="the extra `hf` is not installed")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

PROMPT = "One, two, three,"


@pytest.fixture(scope="module")
def model():
    from elm_mutation.models import hf

    return hf(device="cpu", batch_size=2)


def test_a_batch_with_prompts_of_unlike_length_is_padded_on_the_left(model):
    alone = model.generate([PROMPT], temperature=0.0, max_tokens=4).generations[0][0].text
    together = model.generate([PROMPT, "Once upon a time there was a", "A"], temperature=0.0, max_tokens=4)
    assert [len(replies) for replies in together.generations] == [1, 1, 1]
    assert together.generations[0][0].text == alone == " four, five,"
    assert together.llm_output["token_usage"]["completion_tokens"] == 12


def test_the_same_seed_gives_the_same_replies(model):
    def replies(seed):
        result = model.generate([PROMPT, "The"], seed=seed, temperature=1.0, max_tokens=4, n=2)
        return [reply.text for group in result.generations for reply in group]

    first = replies(1)
    assert len(first) == 4
    assert first == replies(1) != replies(2)
    assert len(set(first)) > 1


def test_requests_of_several_threads_are_written_together_each_as_if_alone(model, monkeypatch):
    from elm_mutation import hugging_face_model

    sizes, write = [], hugging_face_model.write_together

    def counted(*arguments):
        sizes.append(len(arguments[2]))
        return write(*arguments)

    monkeypatch.setattr(hugging_face_model, "write_together", counted)

    def ask(seed):
        return model.generate([PROMPT], seed=seed, temperature=1.0, max_tokens=8).generations[0][0].text

    alone = [ask(seed) for seed in range(4)]
    sizes.clear()
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(ask, range(4)))
    assert together == alone
    assert len(set(alone)) > 1
    assert sum(sizes) == 4
    assert max(sizes) == 2  # the model's batch_size


def test_draws_are_distributed_as_the_model_says():
    import torch
    from transformers import GenerationConfig

    from elm_mutation.batched_writing import Draw, SeededSampling

    logits = torch.tensor([[2.0, 1.0, 0.0, -1.0]]).repeat(4000, 1)
    draws = [Draw("", seed, 0.5, 1, ()) for seed in range(4000)]
    tokens = SeededSampling(draws, GenerationConfig())(None, logits).argmax(dim=1)
    shares = torch.bincount(tokens, minlength=4) / 4000
    assert shares.tolist() == pytest.approx(torch.softmax(logits[0] / 0.5, dim=0).tolist(), abs=0.03)
    two = SeededSampling(draws, GenerationConfig(top_k=2))(None, logits).argmax(dim=1)
    assert set(two.tolist()) == {0, 1}
    greedy = [Draw("", seed, 0.0, 1, ()) for seed in range(4000)]
    assert set(SeededSampling(greedy, GenerationConfig())(None, logits).argmax(dim=1).tolist()) == {0}


def test_it_can_be_held_to_a_grammar(model):
    settings = {"grammar": 'root ::= " " ("blé" | "green") "."', "max_tokens": 16}
    replies = [model.generate([PROMPT, "The sky is"], seed=seed, **settings) for seed in range(3)]
    texts = {group[0].text for reply in replies for group in reply.generations}
    assert texts <= {" blé.", " green."}
    assert {group[0].generation_info["finish_reason"] for group in replies[0].generations} == {"stop"}


def test_it_can_be_held_to_a_json_schema(model):
    number = {"type": "integer", "minimum": 3, "maximum": 5}
    schema = {"type": "object", "properties": {"a": number}, "required": ["a"], "additionalProperties": False}
    reply = model.generate(["An object:"], json_schema=schema, max_tokens=32).generations[0][0].text
    assert json.loads(reply)["a"] in (3, 4, 5)


@pytest.mark.parametrize("grammar", ['root ::= "a" other', "no grammar"])
def test_what_is_no_grammar_fails_alone(model, grammar):
    with pytest.raises(ElmError, match="cannot be held to this grammar"):
        model.generate([PROMPT], grammar=grammar)


def test_infill_changes_one_fragment_of_each_parent(model):
    from elm_mutation.infill import Infill

    program = "def length(a, b):\n    total = a + 2\n    return total * b\n"
    requests = [MutationRequest(parents=(program,), seed=seed, language="python") for seed in range(6)]
    children = Infill(model).generate(requests)
    assert sum(child.ok for child in children) >= 4
    assert all(program != child.text for child in children)


def test_stop_strings_and_the_token_limit(model):
    result = model.generate([PROMPT], stop=["five"], temperature=0.0, max_tokens=32)
    assert result.generations[0][0].text == " four, "
    assert result.generations[0][0].generation_info["finish_reason"] == "stop"
    cut = model.generate([PROMPT], temperature=0.0, max_tokens=2)
    assert cut.generations[0][0].generation_info["finish_reason"] == "length"


def test_scores_tell_the_likely_from_the_unlikely(model):
    likely, unlikely = model.score(PROMPT, [" four", " banana"])
    assert unlikely < likely < 0


def test_conversations_are_asked_in_the_models_own_template(model):
    template = "<|im_start|>{}\n{}<|im_end|>\n"
    written = template.format("system", "Be brief.") + template.format("user", "Hello!")
    settings = {"temperature": 0.0, "max_tokens": 8}
    asked = model.invoke([("system", "Be brief."), ("human", "Hello!")], **settings)
    assert asked == model.invoke(written + "<|im_start|>assistant\n", **settings)


def test_it_drives_an_operator(model):
    from elm_mutation.crossover import Crossover

    sentences = ("The red bird sings.", "The blue bird flies.", "The old bird sleeps.")
    requests = [MutationRequest(parents=sentences, seed=seed, language="text") for seed in range(2)]
    children = Crossover(model, max_tokens=16, draws=3).generate(requests)
    assert all(child.origin.usage.completion_tokens > 0 for child in children)
    assert any(child.ok for child in children)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"quantization": "4bit", "device": "cpu"}, "needs a CUDA device"),
        ({"quantization": "3bit"}, "must be 4bit, 8bit"),
        ({"dtype": "float99"}, "'dtype' must be"),
        ({"batch_size": 0}, "'batch_size' must be"),
        ({"id": "/nowhere/at/all"}, "cannot load '/nowhere"),
    ],
)
def test_options_that_cannot_work_are_refused(options, sentence):
    from elm_mutation.models import hf

    with pytest.raises(UserError, match=sentence):
        hf(**options)
