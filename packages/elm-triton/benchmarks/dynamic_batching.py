"""Dynamic batching on against off: texts per second of the generated model, 16 requests at once, as a ratio.

    ELM_TRITON_SERVER=ENVIRONMENT python benchmarks/dynamic_batching.py MODEL_DIRECTORY

MODEL_DIRECTORY is a Hugging Face model directory (the tests' convert_smollm2.py writes one).
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from elm_triton import TritonLLM
from elm_triton.model_repository import ModelSource, TransformersPlacement, export_transformers
from elm_triton.serving import ServingOptions, running_server, wait_until_ready

ROUNDS, AT_ONCE, TOKENS = 3, 16, 16


def seconds_per_round(model):
    prompts = [f"def add_{index}(a, b):" for index in range(AT_ONCE)]
    begin = time.perf_counter()
    model.generate(prompts, max_tokens=TOKENS)
    return time.perf_counter() - begin


def main(directory):
    options = ServingOptions(grpc_port=18101, http_port=18100, metrics_port=18102)
    with tempfile.TemporaryDirectory() as scratch:
        repository = Path(scratch) / "repository"
        sizes = {"off": 1, "on": AT_ONCE}
        for name, size in sizes.items():
            source = ModelSource(model=directory, name=name, dtype="bfloat16")
            placement = TransformersPlacement(max_batch_size=size, threads=1, queue_delay=0.05)
            export_transformers(repository, source, placement)
        with (Path(scratch) / "log").open("w") as log, running_server(repository, options, log) as process:
            wait_until_ready(process, options, list(sizes), 300)
            models = {name: TritonLLM(url=options.address, model_name=name, timeout=600) for name in sizes}
            for model in models.values():
                model.invoke("warm up", max_tokens=1)
            times = {name: [] for name in sizes}
            for _ in range(ROUNDS):
                for name, model in models.items():
                    times[name].append(seconds_per_round(model))
            for model in models.values():
                model.close()
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, seconds in medians.items():
        print(f"batching {name:3}: {AT_ONCE / seconds:6.2f} texts/s")
    print(f"ratio: {medians['off'] / medians['on']:.1f}")


if __name__ == "__main__":
    main(sys.argv[1])
