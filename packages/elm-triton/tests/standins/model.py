"""A stand-in for a language model behind each backend's tensors, inside a real Triton server.

It is copied into every stand-in model. It writes the words `w0 w1 w2 ...`, as many as max_tokens says. A
prompt may hold orders: `slow:0.5` waits before each word, `fail:words` fails with these words, `report`
writes what the model was asked for, as JSON, `cancelled` how many requests were cancelled.
"""

import json
import re
import threading
import time

import numpy as np
import triton_python_backend_utils as triton


class TritonPythonModel:
    def initialize(self, args):
        self.config = json.loads(args["model_config"])
        if self.config["name"] == "broken":
            raise RuntimeError("the weights are not there")
        self.cancelled = 0

    def execute(self, requests):
        if self.config.get("model_transaction_policy", {}).get("decoupled"):
            for request in requests:
                threading.Thread(target=self.stream, args=(request, request.get_response_sender())).start()
            return None
        return [self.whole(request) for request in requests]

    def whole(self, request):
        asked = self.read(request)
        words = self.words(asked)
        prefix = "" if asked["exclude_prompt"] else asked["prompt"]
        return self.response(asked, prefix + "".join(words), len(words), "length")

    def stream(self, request, sender):
        asked = self.read(request)
        final = triton.TRITONSERVER_RESPONSE_COMPLETE_FINAL
        order = re.search(r"fail:(.*)", asked["prompt"])
        if order:
            error = triton.TritonError(order[1], triton.TritonError.INTERNAL)
            sender.send(triton.InferenceResponse(error=error), flags=final)
            return
        words = self.words(asked)
        pause = re.search(r"slow:([\d.]+)", asked["prompt"])
        written = ""
        for index, word in enumerate(words):
            time.sleep(float(pause[1]) if pause else 0)
            if sender.is_cancelled():
                self.cancelled += 1
                sender.send(flags=final)
                return
            written += word
            last = index == len(words) - 1
            if asked["stream"]:
                text = written if self.cumulative else word
                count = index + 1 if self.cumulative else 1
                reason = "length" if last else "None"
                sender.send(self.response(asked, text, count, reason), flags=final if last else 0)
            elif last:
                sender.send(self.response(asked, written, len(words), "length"), flags=final)

    @property
    def cumulative(self):
        return self.config["name"] in ("llm_api", "bls")

    def words(self, asked):
        if "cancelled" in asked["prompt"]:
            return [str(self.cancelled)]
        if "report" in asked["prompt"]:
            return [json.dumps(asked)]
        return [f"w{index} " for index in range(asked["max_tokens"])]

    def read(self, request):
        def values(*names):
            for name in names:
                tensor = triton.get_input_tensor_by_name(request, name)
                if tensor is not None:
                    flat = tensor.as_numpy().reshape(-1).tolist()
                    return [value.decode() if isinstance(value, bytes) else value for value in flat]
            return []

        def value(*names, default=None):
            found = values(*names)
            return found[0] if found else default

        sampling = json.loads(value("sampling_parameters", default="{}"))
        return {
            "prompt": value("text_input"),
            "stream": value("stream", "streaming", default=False),
            "exclude_prompt": value(
                "exclude_input_in_output", "sampling_param_exclude_input_from_output", default=False
            ),
            "max_tokens": value(
                "max_tokens", "sampling_param_max_tokens", default=sampling.get("max_tokens")
            ),
            "temperature": value(
                "temperature", "sampling_param_temperature", default=sampling.get("temperature")
            ),
            "top_p": value("top_p", "sampling_param_top_p", default=sampling.get("top_p")),
            "top_k": value("top_k", "sampling_param_top_k"),
            "seed": value("seed", "random_seed", "sampling_param_seed", default=sampling.get("seed")),
            "stop": values("stop_words", "sampling_param_stop") or sampling.get("stop", []),
            "timeout": request.timeout(),
            "counts": value("return_num_output_tokens", default=False),
            "reason": value("return_finish_reason", default=False),
        }

    def response(self, asked, text, count, reason):
        shape = (1, 1) if self.config["max_batch_size"] else (1,)
        names = {output["name"] for output in self.config["output"]}
        tensors = [triton.Tensor("text_output", np.array([text.encode()], dtype=object).reshape(shape))]
        if asked["reason"] and "finish_reason" in names:
            tensors.append(
                triton.Tensor("finish_reason", np.array([reason.encode()], dtype=object).reshape(shape))
            )
        if asked["counts"]:
            number = np.uint32 if self.config["name"] == "vllm" else np.int32
            read = len(asked["prompt"].split())
            tensors.append(triton.Tensor("num_input_tokens", np.array([read], number).reshape(shape)))
            tensors.append(triton.Tensor("num_output_tokens", np.array([count], number).reshape(shape)))
        return triton.InferenceResponse(tensors)
