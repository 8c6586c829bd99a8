"""The Transformers model for real, on the CPU: SmolLM2 from its GGUF file. Has a session of its own."""

import pytest

from elm_protocols import MutationRequest, UserError

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
