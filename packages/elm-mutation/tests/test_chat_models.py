"""The prompt operator and chat models over a real OpenAI-compatible server: the embedded model's own."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import Request, urlopen

import pytest

from elm_mutation.model_calls import Message, ask
from elm_mutation.models import chat
from elm_mutation.prompted import PromptOperator
from elm_protocols import MissingExtraError, MutationRequest, UserError
from elm_protocols.testing import check_mutation_model

PARENT = "The cat sat on the mat."


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "not-a-secret")


@contextmanager
def server(behave):
    """A loopback server: `behave(number of the request, its body)` returns status, headers and body."""
    seen = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            seen.append(body)
            status, headers, answer = behave(len(seen), body)
            self.send_response(status)
            for name, value in {"content-type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_port}/v1", seen
        finally:
            running.shutdown()
            thread.join()


def said(text, finish="stop"):
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
    usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    answer = {"id": "1", "object": "chat.completion", "created": 1, "model": "scripted", "choices": [choice]}
    return 200, {}, json.dumps({**answer, "usage": usage}).encode()


def chat_at(url, **options):
    return chat(id="openai:any", base_url=url, **{"timeout": 20.0, "max_retries": 0, **options})


def text_requests(n):
    return [
        MutationRequest(
            parents=(PARENT,), seed=seed, instruction="Write another short sentence.", language="text"
        )
        for seed in range(n)
    ]


def test_texts_from_the_real_server_with_several_requests_at_once(embedded_model):
    operator = PromptOperator(chat_at(embedded_model.base_urls[0]), max_tokens=32, concurrency=4, draws=2)
    check_mutation_model(operator, text_requests(2))
    children = [child for child in operator.generate(text_requests(3)) if child.ok]
    assert children
    assert all(child.origin.usage.prompt_tokens > 10 for child in children)
    assert all(child.origin.usage.completion_tokens > 0 for child in children)
    assert all(child.origin.model for child in children)


def test_replies_cut_at_the_token_limit_are_counted(embedded_model):
    operator = PromptOperator(chat_at(embedded_model.base_urls[0]), max_tokens=3, draws=2)
    (child,) = operator.generate(text_requests(1))
    assert child.status == "truncated"
    assert child.origin.lost == {"truncated": 1}
    assert child.origin.usage.requests == 2


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings:UserWarning")  # langchain-openai 1.0
def test_structured_output_of_the_real_server(embedded_model):
    from pydantic import BaseModel

    class Verdict(BaseModel):
        score: int

    judge = chat_at(embedded_model.base_urls[0]).with_structured_output(Verdict, method="json_schema")
    assert isinstance(judge.invoke("Score this poem from 1 to 10: roses are red."), Verdict)


def test_too_many_requests_are_tried_again_after_the_time_that_the_server_asks_for():
    times = []

    def behave(number, body):
        times.append(time.monotonic())
        if number == 1:
            return 429, {"retry-after": "1"}, b'{"error": {"message": "slow down"}}'
        return said("A dog lay there.")

    with server(behave) as (url, _):
        (child,) = PromptOperator(chat_at(url, max_retries=2)).generate(text_requests(1))
    assert child.text == "A dog lay there."
    assert times[1] - times[0] >= 0.9


@pytest.mark.parametrize(
    ("behave", "status"),
    [
        (lambda number, body: (500, {}, b"broken"), "model-error"),
        (lambda number, body: (200, {}, b"{not json"), "model-error"),
        (lambda number, body: (200, {}, b"{}"), "model-error"),
        (lambda number, body: said(""), "empty"),
        (lambda number, body: said(PARENT), "duplicate"),
    ],
    ids=["server error", "malformed", "without choices", "empty", "the parent"],
)
def test_what_goes_wrong_is_a_status(behave, status):
    with server(behave) as (url, seen):
        (child,) = PromptOperator(chat_at(url), draws=2).generate(text_requests(1))
    assert child.status == status
    assert child.feedback
    assert "\n" not in child.feedback
    assert len(seen) == 2


def test_a_slow_server_is_a_timeout():
    def behave(number, body):
        time.sleep(0.6)
        return said("late")

    with server(behave) as (url, _):
        (child,) = PromptOperator(chat_at(url, timeout=0.2), draws=1).generate(text_requests(1))
    assert child.status == "timeout"


def test_a_server_that_dies_and_returns():
    with server(lambda number, body: said("A first child.")) as (url, _):
        operator = PromptOperator(chat_at(url), draws=1)
        assert operator.generate(text_requests(1))[0].ok
        address = url
    assert operator.generate(text_requests(1))[0].status == "model-error"
    port = int(address.split(":")[2].split("/")[0])

    class Again(BaseHTTPRequestHandler):
        def do_POST(self):
            answer = said("A child after all.")[2]
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", port), Again) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        assert operator.generate(text_requests(1))[0].text == "A child after all."
        running.shutdown()
        thread.join()


def test_a_refused_key_is_the_users_mistake():
    with (
        server(lambda number, body: (401, {}, b'{"error": {"message": "bad key"}}')) as (url, _),
        pytest.raises(UserError, match="refuses the API key"),
    ):
        PromptOperator(chat_at(url)).generate(text_requests(1))


def test_a_program_is_taken_out_of_the_reply_and_a_refusal_is_shown(programs, stub):
    parent = programs["radial"]
    template = parent[: parent.index("def make_circle")]
    good = "```python\nimport math\n\ndef make_walker():\n    return math.pi\n```"

    def behave(number, body):
        return said("```python\ndef make_walker():\n    return missing_name\n```" if number == 1 else good)

    request = MutationRequest(
        parents=(parent,), seed=1, template=template, interface=stub, feedback=("It fell over.",)
    )
    with server(behave) as (url, seen):
        (child,) = PromptOperator(chat_at(url)).generate([request])
    assert child.ok
    assert child.text.startswith(template)
    assert child.origin.lost == {"name": 1}
    assert child.origin.usage.tokens == 20
    shown = seen[0]["messages"][1]["content"]
    assert "It fell over." in shown
    assert "def add_muscle" in shown
    assert parent in shown
    assert "missing_name" in seen[1]["messages"][3]["content"]
    assert seen[0]["seed"] != seen[1]["seed"]


def test_the_same_request_asks_the_same(programs):
    with server(lambda number, body: said("x = 1")) as (url, seen):
        operator = PromptOperator(chat_at(url), draws=1)
        for _ in range(2):
            operator.generate([MutationRequest(parents=("x = 2\n",), seed=5)])
    assert seen[0] == seen[1]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "provider:model"),
        ({"id": "nobody:model"}, "nobody"),
        ({"id": "anthropic:claude"}, "langchain-anthropic"),
    ],
)
def test_a_wrong_model_is_one_sentence(options, sentence):
    with pytest.raises(UserError, match=sentence):
        chat(**options)


def test_a_missing_key_is_one_sentence_before_anything_is_spent(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(UserError, match="OPENAI_API_KEY"):
        chat(id="openai:gpt-4.1-mini")


def test_a_missing_extra_is_named(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "langchain.chat_models", None)
    with pytest.raises(MissingExtraError, match=r"elm-mutation\[chat\]"):
        chat(id="openai:x")


def test_the_embedded_server_can_be_used_by_anyone_on_this_machine(embedded_model):
    body = json.dumps({"prompt": "one two", "max_tokens": 2}).encode()
    request = Request(
        f"{embedded_model.base_urls[1]}/completions", body, {"content-type": "application/json"}
    )
    with urlopen(request) as answer:
        assert json.load(answer)["choices"][0]["text"]


def test_a_plain_llm_is_asked_in_words(embedded_model):
    reply = ask(
        embedded_model, (Message("system", "Be brief."), Message("human", "Hi")), max_tokens=4, nonsense=1
    )
    assert reply.problem is None
    assert reply.usage.prompt_tokens > 5
