"""A language model inside this process: llama.cpp through xllamacpp, as a LangChain LLM.

It needs no server of one's own, no key and no network. Each of its servers also speaks OpenAI's protocol on
loopback (`base_urls`), so that other processes can use the loaded model.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import xllamacpp  # type: ignore[import-untyped]
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseLLM
from langchain_core.outputs import Generation, LLMResult
from langchain_core.prompt_values import PromptValue
from pydantic import ConfigDict, PrivateAttr

from elm_mutation.conversations import Turns, written_out
from elm_mutation.prefix_slots import PrefixSlots, Slot
from elm_mutation.scoring import split_tokens
from elm_protocols import ElmError, UserError

_SEVERAL = 3  # continuations from which on one reply for all of them saves time
_LIKELIEST = 800  # tokens that such a reply lists


class EmbeddedModelError(ElmError):
    """The embedded model refused a request."""


class EmbeddedModel(BaseLLM):
    """A GGUF model on this machine's processors.

    One-thread servers side by side write more than one server with as many threads, and a prompt alone on
    its server gives the same reply each time. Calls may set `grammar` (GBNF), `seed`, `temperature`,
    `max_tokens`, and any other setting of llama.cpp's completion route.

    Args:
        path: The GGUF file.
        servers: How many prompts are run at once, each on a thread of its own.
        slots: How many prompts each server remembers, to read only what differs in the next one.
        context: Most tokens of a prompt and its reply together.
        reuse_prefixes: Read only what differs from what a slot holds; off, a reply depends on nothing else.
        temperature: Where a call does not set it.
        max_tokens: Where a call does not set it.
        seed: Where a call does not set it; None: a new one each call.
        grammar: Where a call does not set it; empty: none.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    path: Path
    servers: int = 2
    slots: int = 8
    context: int = 2048
    reuse_prefixes: bool = True
    temperature: float = 0.8
    max_tokens: int = 256
    seed: int | None = None
    grammar: str = ""

    _loaded: list[Any] = PrivateAttr(default_factory=list)
    _routes: PrefixSlots = PrivateAttr()

    def model_post_init(self, context: object, /) -> None:
        """Load the model."""
        super().model_post_init(context)
        self._loaded = [self._load() for _ in range(self.servers)]
        self._routes = PrefixSlots(self.servers, self.slots)

    def _load(self) -> xllamacpp.Server:
        params = xllamacpp.CommonParams()
        params.model.path = str(self.path)
        params.n_ctx = self.context * self.slots
        params.n_parallel = self.slots
        params.kv_unified = False  # on, idle slots lose what they hold
        params.cache_idle_slots = False  # the same
        params.cache_ram_mib = 0
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
        params.n_threads_http = 2
        params.n_gpu_layers = 0
        params.verbosity = -1
        params.warmup = False
        params.ui = False
        try:
            server = xllamacpp.Server(params)
        except RuntimeError as error:
            raise UserError(f"llama.cpp cannot load the model '{self.path}': {error}.") from error
        # A server that is given up before its loop has begun never ends, and the process with it.
        server.handle_completions({"prompt": "a", "max_tokens": 1})
        return server

    @property
    def prompts_at_once(self) -> int:
        """How many prompts it runs at once: one a server."""
        return self.servers

    @property
    def base_urls(self) -> tuple[str, ...]:
        """Address of each server's OpenAI API on loopback, to be given to a client as its base URL."""
        return tuple(f"{server.listening_address}/v1" for server in self._loaded)

    @property
    def _llm_type(self) -> str:
        return "elm-embedded"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"path": str(self.path), "temperature": self.temperature, "max_tokens": self.max_tokens}

    def generate_prompt(self, prompts: list[PromptValue], *args: Any, **kwargs: Any) -> LLMResult:
        """Return the replies; conversations are asked in the model's own chat template."""
        return super().generate_prompt(written_out(prompts, self._in_template), *args, **kwargs)

    def _in_template(self, turns: Turns) -> str:
        prompt: str = self._posted("apply-template", {"messages": turns})["prompt"]
        return prompt

    def _generate(
        self,
        prompts: list[str],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: object,
    ) -> LLMResult:
        with ThreadPoolExecutor(self.servers) as pool:
            replies = list(pool.map(lambda prompt: self._complete(prompt, stop, kwargs), prompts))
        usage = {
            name: sum(reply["usage"][name] for reply in replies)
            for name in ("prompt_tokens", "completion_tokens", "total_tokens")
        }
        generations = [
            [
                Generation(
                    text=reply["choices"][0]["text"],
                    generation_info={"finish_reason": reply["choices"][0]["finish_reason"]},
                )
            ]
            for reply in replies
        ]
        return LLMResult(
            generations=generations, llm_output={"token_usage": usage, "model_name": self.path.stem}
        )

    def score(self, prompt: str, continuations: Sequence[str]) -> list[float]:
        """Return each continuation's mean log-likelihood a token (nats, at most 0) after the prompt.

        The server cannot score a given text; a grammar that allows its tokens only makes it write just
        those, and it reports the likelihoods that they had without the grammar. Of several continuations
        those that are one of the likeliest tokens are read off one reply.
        """
        split = [split_tokens(self._tokens, prompt, continuation) for continuation in continuations]
        known = self._likeliest_tokens(prompt, split[0][0]) if len(split) >= _SEVERAL else {}
        return [
            known[after[0]]
            if len(after) == 1 and after[0] in known and before == split[0][0]
            else self._score(prompt, before, after)
            for before, after in split
        ]

    def _likeliest_tokens(self, prompt: str, before: list[int]) -> dict[int, float]:
        """Return the log-likelihoods of the likeliest next tokens."""
        settings = {"max_tokens": 1, "temperature": 1.0, "logprobs": _LIKELIEST}
        with self._routes.use(prompt) as slot:
            reply = self._request(slot, {**settings, "prompt": before, "cache_prompt": self.reuse_prefixes})
        (written,) = reply["choices"][0]["logprobs"]["content"]
        return {token["id"]: float(token["logprob"]) for token in written["top_logprobs"]}

    def _score(self, prompt: str, before: list[int], after: list[int]) -> float:
        grammar = "root ::= " + " ".join(f"<[{token}]>" for token in after)
        settings = {"grammar": grammar, "max_tokens": len(after), "temperature": 1.0, "logprobs": 1}
        with self._routes.use(prompt) as slot:
            reply = self._request(slot, {**settings, "prompt": before, "cache_prompt": self.reuse_prefixes})
        written = reply["choices"][0]["logprobs"]["content"]
        return sum(float(token["logprob"]) for token in written) / len(written)

    def _tokens(self, text: str) -> list[int]:
        tokens: list[int] = self._posted("tokenize", {"content": text, "add_special": True})["tokens"]
        return tokens

    def _posted(self, route: str, body: dict[str, object]) -> dict[str, Any]:
        """Return the first server's answer at one of its routes that read no prompt."""
        headers = {"content-type": "application/json"}
        request = Request(f"{self._loaded[0].listening_address}/{route}", json.dumps(body).encode(), headers)
        with urlopen(request) as reply:
            answer: dict[str, Any] = json.load(reply)
        return answer

    def _complete(self, prompt: str, stop: list[str] | None, settings: dict[str, object]) -> dict[str, Any]:
        body = {
            "temperature": self.temperature,
            "max_tokens": self.max_tokens,
            "cache_prompt": self.reuse_prefixes,
            **({"grammar": self.grammar} if self.grammar else {}),
            **({} if self.seed is None else {"seed": self.seed}),
            **settings,
            "prompt": prompt,
            "stop": stop or [],
        }
        with self._routes.use(prompt) as slot:
            return self._request(slot, body)

    def _request(self, slot: Slot, body: dict[str, object]) -> dict[str, Any]:
        reply: dict[str, Any] = self._loaded[slot.server].handle_completions({**body, "id_slot": slot.index})
        if "error" in reply:
            raise EmbeddedModelError(str(reply["error"].get("message", reply["error"])))
        return reply
