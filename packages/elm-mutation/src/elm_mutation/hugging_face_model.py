"""A Hugging Face Transformers model on the user's own hardware, as a LangChain LLM."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch  # type: ignore[import-not-found,unused-ignore]
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseLLM
from langchain_core.outputs import Generation, LLMResult
from langchain_core.prompt_values import ChatPromptValue, PromptValue
from pydantic import PrivateAttr
from transformers import (  # type: ignore[import-not-found,unused-ignore]
    AutoModelForCausalLM,
    AutoTokenizer,
    BitsAndBytesConfig,
)

from elm_mutation.batched_writing import Draw, WrittenText, write_together
from elm_mutation.conversations import Turns, written_out
from elm_mutation.dynamic_batches import DynamicBatches
from elm_mutation.grammar_masks import GrammarMasks, gbnf_grammar, json_grammar
from elm_mutation.scoring import split_tokens
from elm_protocols import UserError

_QUANTIZATIONS = {"": {}, "8bit": {"load_in_8bit": True}, "4bit": {"load_in_4bit": True}}


class HuggingFaceModel(BaseLLM):
    """A causal language model that Transformers loads.

    Prompts given together, or at the same time by several threads, are run as batches, padded on the left, as
    far as they have the same token limit and stop texts. Conversations are written out in the model's chat
    template, if it has one. Calls may set `seed`, `temperature`, `max_tokens`, `n`, `stop`, and `grammar`
    (GBNF) or `json_schema`. A reply is drawn by a generator of its own: the same seed gives it again, but for
    the rounding that differs a little with the lengths of the batch.

    Args:
        name: A model's name on the Hugging Face hub, a local folder, or a GGUF file.
        device: `cpu`, `cuda`, `cuda:1`, `mps`; `auto`: the best there is.
        dtype: `float32`, `bfloat16`, `float16`; `auto`: bfloat16 on CUDA, else float32.
        quantization: `4bit` or `8bit` (bitsandbytes, on CUDA); empty: none.
        batch_size: Most prompts run together.
        instruct: Wrap each prompt that is a text, too, as a user's turn in the model's chat template.
        temperature: Where a call does not set it; 0: always the likeliest token.
        max_tokens: Most tokens of a reply, where a call does not set it.
        seed: Where a call does not set it; None: a new one each call.
        n: Replies a prompt, where a call does not set it.
        grammar: Where a call does not set it; empty: none.
    """

    name_or_path: str
    device: str = "auto"
    dtype: str = "auto"
    quantization: str = ""
    batch_size: int = 8
    instruct: bool = False
    temperature: float = 0.8
    max_tokens: int = 256
    seed: int | None = None
    n: int = 1
    grammar: str = ""

    _tokenizer: Any = PrivateAttr()
    _model: Any = PrivateAttr()
    _lock: threading.Lock = PrivateAttr(default_factory=threading.Lock)
    _batches: DynamicBatches[Draw, WrittenText] = PrivateAttr()

    def model_post_init(self, context: object, /) -> None:
        """Load the model."""
        super().model_post_init(context)
        device = best_device() if self.device == "auto" else self.device
        settings = self._load_settings(device)
        source, files = _source(self.name_or_path)
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(source, padding_side="left", **files)
            self._model = AutoModelForCausalLM.from_pretrained(source, **files, **settings)
        except (OSError, ValueError) as error:
            reason = " ".join(str(error).split())[:200]
            raise UserError(f"Transformers cannot load '{self.name_or_path}': {reason}") from error
        if self._tokenizer.pad_token is None:
            self._tokenizer.pad_token = self._tokenizer.eos_token
        self._model = self._model.eval() if self.quantization else self._model.to(device).eval()
        self._batches = DynamicBatches(
            self._write, lambda draw: (draw.max_tokens, draw.stop), self.batch_size
        )

    def _load_settings(self, device: str) -> dict[str, object]:
        if self.quantization not in _QUANTIZATIONS:
            raise UserError(f"Option 'quantization' must be 4bit, 8bit or empty, not '{self.quantization}'.")
        on_cuda = device.startswith("cuda")
        dtype = ("bfloat16" if on_cuda else "float32") if self.dtype == "auto" else self.dtype
        if not isinstance(getattr(torch, dtype, None), torch.dtype):
            raise UserError(f"Option 'dtype' must be a floating-point type of torch, not '{self.dtype}'.")
        settings: dict[str, object] = {"dtype": getattr(torch, dtype)}
        if self.quantization:
            if not on_cuda:
                raise UserError(
                    "Option 'quantization' needs a CUDA device: leave it empty, or use a GGUF file."
                )
            settings["quantization_config"] = BitsAndBytesConfig(**_QUANTIZATIONS[self.quantization])
            settings["device_map"] = device
        return settings

    @property
    def prompts_at_once(self) -> int:
        """How many prompts it runs at once: those of one batch."""
        return self.batch_size

    @property
    def _llm_type(self) -> str:
        return "elm-hugging-face"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"name": self.name_or_path, "temperature": self.temperature, "max_tokens": self.max_tokens}

    def generate_prompt(self, prompts: list[PromptValue], *args: Any, **kwargs: Any) -> LLMResult:
        """Return the replies; conversations are asked in the model's own chat template, where it has one."""
        if self.instruct:
            prompts = [ChatPromptValue(messages=prompt.to_messages()) for prompt in prompts]
        if self._tokenizer.chat_template:
            prompts = written_out(prompts, self._in_template)
        return super().generate_prompt(prompts, *args, **kwargs)

    def _in_template(self, turns: Turns) -> str:
        text: str = self._tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
        begins = self._tokenizer("")["input_ids"]  # tokens that the tokenizer itself puts before a text
        return text.removeprefix(self._tokenizer.decode(begins))

    def _generate(
        self,
        prompts: list[str],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> LLMResult:
        count, grammar = kwargs.get("n", self.n), self._grammar(kwargs)
        draws = [
            Draw(
                prompt=prompt,
                seed=seed,
                temperature=kwargs.get("temperature", self.temperature),
                max_tokens=kwargs.get("max_tokens", self.max_tokens),
                stop=tuple(stop or ()),
                grammar=grammar,
            )
            for prompt, seeds in zip(prompts, self._seeds(kwargs, len(prompts), count), strict=True)
            for seed in seeds
        ]
        written = self._batches.run(draws)
        read = sum(text.prompt_tokens for text in written[::count])
        wrote = sum(text.completion_tokens for text in written)
        usage = {"prompt_tokens": read, "completion_tokens": wrote, "total_tokens": read + wrote}
        replies = [_generation(text) for text in written]
        return LLMResult(
            generations=[replies[start : start + count] for start in range(0, len(replies), count)],
            llm_output={"token_usage": usage, "model_name": Path(self.name_or_path).name},
        )

    def _grammar(self, settings: dict[str, Any]) -> str:
        gbnf = settings.get("grammar", self.grammar)
        if "json_schema" in settings:
            grammar = json_grammar(settings["json_schema"])
        else:
            grammar = gbnf_grammar(gbnf) if gbnf else ""
        if grammar:
            self._masks.of(grammar)  # tried here: in a batch it would take others' texts with it
        return grammar

    def _seeds(self, settings: dict[str, Any], prompts: int, count: int) -> list[list[int]]:
        """Return a seed of its own for each reply, shape (prompts, replies a prompt)."""
        seed = settings.get("seed", self.seed)
        states = np.random.SeedSequence(seed).generate_state(prompts * count)
        return [[int(state) for state in row] for row in states.reshape(prompts, count)]

    def _write(self, draws: list[Draw]) -> list[WrittenText]:
        """Return the texts of draws that end alike, written as one batch."""
        with self._lock, torch.inference_mode():
            return write_together(self._model, self._tokenizer, draws, lambda: self._masks)

    @cached_property
    def _masks(self) -> GrammarMasks:
        return GrammarMasks(self._tokenizer, self._model.config.vocab_size)

    def score(self, prompt: str, continuations: Sequence[str]) -> list[float]:
        """Return each continuation's mean log-likelihood a token (nats, at most 0) after the prompt."""
        with self._lock, torch.inference_mode():
            return list(self._scores(prompt, continuations))

    def _scores(self, prompt: str, continuations: Sequence[str]) -> Iterator[float]:
        for continuation in continuations:
            before, after = split_tokens(self._tokens, prompt, continuation)
            ids = torch.tensor([before + after], device=self._model.device)
            logits = self._model(ids).logits[0, len(before) - 1 : -1].float()
            of_token = torch.log_softmax(logits, dim=-1)[range(len(after)), after]
            yield float(of_token.mean())

    def _tokens(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer(text)["input_ids"]
        return ids


def _generation(text: WrittenText) -> Generation:
    info = {"finish_reason": "stop" if text.finished else "length", "tokens": text.completion_tokens}
    return Generation(text=text.text, generation_info=info)


def best_device() -> str:
    """Return the name of the best device that torch can use here."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _source(name: str) -> tuple[str, dict[str, str]]:
    path = Path(name).expanduser()
    if path.suffix == ".gguf" and path.is_file():
        return str(path.parent), {"gguf_file": path.name}
    return name, {}
