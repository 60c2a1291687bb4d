"""The adapters for verl, verifiers and inspect_ai, called by those packages' own code: rewards are
the verdicts of `Score`, and an unavailable executor is not a reward of 0."""

import json
import subprocess
from pathlib import Path

import pytest

from rlvf_client import Evaluator
from rlvf_common.problems.problem import Problem

from .conftest import Graders, example
from .environments import environment, run

pytestmark = pytest.mark.slow

ANSWERS = (
    "```python\n{right}```",
    "I would write:\n\n```python\ndef {name}(*given):\n    return None\n```\n",
    "```python\ndef {name}(\n```",
    "I do not know.",
)
"""A right answer of a chat model, a wrong one, one that does not parse, and an empty one."""


@pytest.fixture
def answers(own_problems: list[Problem], tmp_path: Path) -> Path:
    """Each of these answers to each problem, as JSON: pairs of task and text."""
    path = tmp_path / "answers.json"
    pairs = [
        (
            problem.task_id,
            answer.format(
                right=problem.prompt + problem.canonical_solution, name=problem.entry_point
            ),
        )
        for problem in own_problems
        for answer in ANSWERS
    ]
    path.write_text(json.dumps(pairs))
    return path


@pytest.fixture
def verdicts(graders: Graders, problem_file: Path, answers: Path) -> list[str]:
    """The verdicts of `Score` on these answers."""
    samples = [
        {"task_id": task_id, "completion": text}
        for task_id, text in json.loads(answers.read_text())
    ]
    with Evaluator(graders.address) as evaluator:
        score = evaluator.score(problem_file, samples, extract=True)
    found = [result.verdict for result in score.results]
    assert found[:4] == ["passed", "failed", "error", "failed"]
    return found


VERL = """
import asyncio, json, sys
import numpy as np
import torch
from omegaconf import OmegaConf
from tensordict import TensorDict
from verl import DataProto
from verl.experimental.reward_loop.reward_loop import RewardLoopWorker
from verl.workers.reward_manager import BatchRewardManager
from rlvf_client.rewards.verl import compute_score_batch

overrides, answers, tokenizer = sys.argv[1:]
config = OmegaConf.create({
    "actor_rollout_ref": {"model": {"path": tokenizer, "tokenizer_path": None}},
    "reward": {
        "reward_manager": {"source": "register", "name": "naive", "module": None},
        "reward_model": {"enable": False},
    },
})
config.merge_with_dotlist([line.removeprefix("+") for line in overrides.splitlines()])
settings = dict(config.reward.custom_reward_function.reward_kwargs, patience_seconds=1)
config.reward.custom_reward_function.reward_kwargs = settings
pairs = json.load(open(answers))
worker = RewardLoopWorker(config)
tokens = [worker.input_tokenizer(text)["input_ids"] for _, text in pairs]
longest = max(map(len, tokens))
responses = torch.tensor([row + [0] * (longest - len(row)) for row in tokens])
attention = torch.tensor([[1] * (1 + len(row)) + [0] * (longest - len(row)) for row in tokens])
batch = {
    "prompts": torch.zeros((len(pairs), 1), dtype=torch.long),
    "responses": responses,
    "attention_mask": attention,
}
data = DataProto(
    batch=TensorDict(batch, batch_size=len(pairs)),
    non_tensor_batch={
        "data_source": np.array(["mine"] * len(pairs), dtype=object),
        "reward_model": np.array([{"ground_truth": task} for task, _ in pairs], dtype=object),
        "extra_info": np.array([{} for _ in pairs], dtype=object),
    },
)
loop = worker.loop
try:
    found = loop.run_until_complete(worker.compute_score_batch(data))
except Exception as error:
    print(json.dumps({"error": type(error).__name__}))
else:
    print(json.dumps([[one["reward_score"], one["reward_extra_info"]] for one in found]))
    manager = BatchRewardManager(worker.input_tokenizer, 0, compute_score_batch, **settings)
    tensor = manager(data)
    print(json.dumps(tensor.sum(dim=1).tolist()))
"""

TOKENIZER = """
import sys
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

end = "<|endoftext|>"
alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
backend = Tokenizer(models.BPE({end: 0} | {one: n + 1 for n, one in enumerate(alphabet)}, []))
backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
backend.decoder = decoders.ByteLevel()
made = PreTrainedTokenizerFast(tokenizer_object=backend, eos_token=end, pad_token=end)
made.save_pretrained(sys.argv[1])
"""


def test_the_reward_loop_of_verl(
    graders: Graders,
    problem_file: Path,
    answers: Path,
    verdicts: list[str],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    python = environment("verl", request.config.cache)
    tokenizer = tmp_path / "tokenizer"
    subprocess.run([python, "-c", TOKENIZER, tokenizer], check=True, capture_output=True)
    overrides = example("verl").replace("=humaneval", f"={problem_file}")
    here, nowhere = (
        overrides.replace("localhost:50054", address)
        for address in (graders.address, "127.0.0.1:1")
    )
    one_by_one, together = run(python, VERL, here, answers, tokenizer)
    expected = [float(verdict == "passed") for verdict in verdicts]
    assert one_by_one == [
        [value, {"score": value, "acc": value, "verdict": verdict}]
        for value, verdict in zip(expected, verdicts, strict=True)
    ]
    assert together == expected
    assert run(python, VERL, nowhere, answers, tokenizer) == [{"error": "RewardUnavailable"}]


VERIFIERS = """
import asyncio, json, sys
from datetime import timedelta
from pathlib import Path
import verifiers.v1 as vf

address, problems, answers, example = sys.argv[1:]
problems, more = Path(problems), {"patience": timedelta(seconds=1)}
exec(example)

async def score(task_id, text):
    task = CodeTask(vf.TaskData(id=task_id, prompt="p"))
    trace = vf.Trace(
        task=vf.TraceTask(type="CodeTask", data=task.data),
        agent=vf.AgentInfo(config=vf.AgentConfig()),
        nodes=[vf.MessageNode(message=vf.AssistantMessage(content=text), sampled=True)],
    )
    try:
        await task.score(trace)
    except vf.TaskError as error:
        return {"error": str(error), "rewards": trace.rewards}
    return [trace.reward, trace.metrics["tests_passed"], trace.info["verified"]["verdict"]]

async def score_all():
    return await asyncio.gather(*(score(*pair) for pair in json.load(open(answers))))

for found in asyncio.run(score_all()):
    print(json.dumps(found))
"""


def test_a_task_of_verifiers(
    graders: Graders,
    problem_file: Path,
    answers: Path,
    verdicts: list[str],
    request: pytest.FixtureRequest,
) -> None:
    python, made_by = environment("verifiers", request.config.cache), example("verifiers")
    found = run(python, VERIFIERS, graders.address, problem_file, answers, made_by)
    values = [float(verdict == "passed") for verdict in verdicts]
    assert found == [[one, one, verdict] for one, verdict in zip(values, verdicts, strict=True)]
    for failed in run(python, VERIFIERS, "127.0.0.1:1", problem_file, answers, made_by):
        assert isinstance(failed, dict)
        # verifiers' own marker of a scoring that did not run.
        assert failed["rewards"] == {"verified": None}
        assert "could not be graded" in failed["error"] or "cannot be reached" in failed["error"]


INSPECT = """
import json, sys
from datetime import timedelta
from pathlib import Path
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.solver import generate

address, problems, answers, folder, unavailable, example = sys.argv[1:]
problems = Path(problems)
more = {"token": "secret", "unavailable": unavailable, "patience": timedelta(seconds=1)}
pairs = json.load(open(answers))
texts = {f"{number}": text for number, (_, text) in enumerate(pairs)}
dataset = [
    Sample(input=f"{number}", id=number, metadata={"task_id": task_id})
    for number, (task_id, _) in enumerate(pairs)
]
exec(example)
def answered(messages, *_):
    output = ModelOutput.from_content("mockllm/model", texts[messages[-1].text])
    output.usage = ModelUsage()  # Else its tokens are counted, by a vocabulary from the network.
    return output


model = get_model("mockllm/model", custom_outputs=answered)
[log] = eval(task, model=model, display="none", log_dir=folder, log_format="json")
samples = log.samples or []
scores = {one.id: one.scores["verified"] for one in samples if one.scores}
for number in range(len(pairs)):
    one = scores.get(number)
    print(json.dumps([one and one.value, one and (one.metadata or {}).get("verdict")]))
accuracy = log.results.scores[0].metrics["accuracy"].value if log.results else None
print(json.dumps({"status": log.status, "accuracy": accuracy}))
"""


def test_a_scorer_of_inspect(
    graders: Graders,
    problem_file: Path,
    answers: Path,
    verdicts: list[str],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    python = environment("inspect", request.config.cache)
    made_by = example("inspect")
    here = (graders.address, problem_file, answers, tmp_path / "logs", "raise", made_by)
    *found, end = run(python, INSPECT, *here)
    assert found == [[float(verdict == "passed"), verdict] for verdict in verdicts]
    assert end == {"status": "success", "accuracy": verdicts.count("passed") / len(verdicts)}
    logs = [path.read_text() for path in (tmp_path / "logs").iterdir()]
    assert logs
    assert not any("secret" in log for log in logs)

    away = ("127.0.0.1:1", problem_file, answers, tmp_path / "away")
    *raised, end = run(python, INSPECT, *away, "raise", made_by)
    assert raised == [[None, None]] * len(verdicts)
    assert end == {"status": "error", "accuracy": None}
    *masked, end = run(python, INSPECT, *away, "mask", made_by)
    # NaN, which no metric counts.
    assert all(isinstance(one, list) and one[0] != one[0] for one in masked)
