"""SmolLM2 through the repository that `elm-triton export` writes, in a real Triton server on the CPU."""

import pytest

from elm_triton import ChatTriton, TritonError, TritonLLM


@pytest.fixture(scope="module")
def text_model(smollm2_server):
    model = TritonLLM(url=smollm2_server.address, model_name="smollm2", max_tokens=8, temperature=0)
    yield model
    model.close()


@pytest.fixture(scope="module")
def chat_model(smollm2_server):
    model = ChatTriton(url=smollm2_server.address, model_name="smollm2", max_tokens=8, temperature=0)
    yield model
    model.close()


def test_it_knows_the_capital_of_france(text_model):
    assert "Paris" in text_model.invoke("The capital of France is")


def test_the_chat_template_comes_from_the_server(chat_model):
    message = chat_model.invoke("What is the capital of France?")
    assert "Paris" in message.content
    assert message.usage_metadata["input_tokens"] > 20  # the template's words and the question's
    assert message.usage_metadata["output_tokens"] == 8
    assert message.response_metadata == {"model_name": "smollm2", "finish_reason": "stop"}


def test_pieces_make_the_whole(chat_model):
    pieces = list(chat_model.stream("What is the capital of France?"))
    assert len(pieces) > 4
    total = sum(pieces[1:], start=pieces[0])
    assert total.content == chat_model.invoke("What is the capital of France?").content
    assert total.usage_metadata["output_tokens"] == 8
    assert total.response_metadata["finish_reason"] == "stop"


def test_each_prompt_of_a_batch_is_drawn_in_its_own_way(text_model):
    prompts = [f"def add_{index}(a, b):" for index in range(8)]
    texts = [one[0].text for one in text_model.generate(prompts, max_tokens=6).generations]
    assert len(texts) == 8
    assert all(texts)
    same = [text_model.invoke(prompts[0], seed=seed, temperature=1.0) for seed in (3, 3, 4)]
    assert same[0] == same[1] != same[2]


def test_a_stop_text_ends_the_text_before_it(text_model):
    result = text_model.generate(["The capital of France is"], stop=["Paris"])
    assert result.generations[0][0].text == " "
    assert result.generations[0][0].generation_info["finish_reason"] == "stop"


def test_a_prompt_that_does_not_fit_is_refused_with_the_figures(text_model):
    with pytest.raises(TritonError, match=r"The prompt has \d+ tokens, and the model's context holds \d+"):
        text_model.invoke("word " * 10_000)


def test_many_at_once_are_batched_by_the_server(text_model, smollm2_server):
    from urllib.request import urlopen

    def executions():
        with urlopen(f"http://127.0.0.1:{smollm2_server.metrics_port}/metrics", timeout=10) as page:
            lines = page.read().decode().splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith("nv_inference_exec_count{"))

    before = executions()
    result = text_model.generate(["One, two, three,"] * 32, max_tokens=2)
    assert len({one[0].text for one in result.generations}) == 1
    assert executions() - before < 16  # alone they would be 32
