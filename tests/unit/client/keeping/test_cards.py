"""What the card of an adapter says of its training."""

from dataclasses import replace
from pathlib import Path

import pytest

from rlvf.artifact.v1 import artifact_pb2
from rlvf.reporter.v1 import reporter_pb2
from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.hyperparameters import Hyperparameters
from rlvf_client.keeping.cards import (
    ExportedAdapter,
    ExportedData,
    data_card,
    export_card,
    model_card,
)
from rlvf_client.keeping.data_sets import (
    NamedRecords,
    describe_records,
    is_control,
    named_records,
)
from rlvf_client.keeping.report_file import Comparison, Condition, Report, TrainedOn
from rlvf_client.keeping.training_runs import TrainingRun

_TRAINED_ON = TrainedOn("pairs", "dpo", ("dpo-shuffled-seed-0",), 3, "model", False, ())
_PAIRS = ExportedData("dpo", "pairs", "dpo.jsonl", 6, ("starter",), _TRAINED_ON, verified=True)
_AGAINST_CONTROL = Comparison(
    "starter", "dpo-shuffled", "dpo", True, (), 9, 0.1, (0.0, 0.2), 0.04, None, None, "better"
)
_REPORT = Report("mine", "It works.", (), (), (_AGAINST_CONTROL,), ())


def adapter(name: str, data: ExportedData | None, *, is_control: bool = False) -> ExportedAdapter:
    return ExportedAdapter(
        name=name,
        sha256="1" * 64,
        model="model",
        base_weights_sha256="2" * 64,
        hyperparameters=Hyperparameters(),
        data=data,
        problems_sha256="" if data else "3" * 64,
        is_control=is_control,
        steps=5,
        stopped="",
    )


def test_an_adapter_that_learned_online_has_problems_in_place_of_records() -> None:
    learned = adapter("grpo", None)
    card = model_card(learned, _REPORT, None)
    assert "trained by online reinforcement learning (GRPO)" in card
    assert f"problems of the artifact `{'3' * 64}`; optimizer steps: 5." in card
    assert "- grpo\n" in card
    assert "GRPO" in export_card([learned], [], _REPORT, None)


@pytest.mark.parametrize("data", [_PAIRS, None], ids=["pairs", "online"])
def test_a_control_says_so_however_it_was_trained(data: ExportedData | None) -> None:
    assert "This is a control" in model_card(adapter("x", data, is_control=True), _REPORT, None)
    assert "This is a control" not in model_card(adapter("x", data), _REPORT, None)
    listed = export_card([adapter("x", data, is_control=True)], [], _REPORT, None)
    assert "; a control |" in listed


def test_the_controls_of_a_report_are_the_baselines_of_those_comparisons() -> None:
    assert _REPORT.controls == {"dpo-shuffled"}


def test_an_adapter_that_learned_online_adds_no_set_of_records() -> None:
    ref = artifact_pb2.ArtifactRef(sha256="4" * 64)
    pairs = artifact_pb2.ArtifactRef(sha256="5" * 64)
    responses = [trainer_pb2.RunTrainingResponse(base_weights_sha256=one) for one in "ab"]
    runs = [
        TrainingRun(trainer_pb2.RunTrainingRequest(problems=ref), responses[0]),
        TrainingRun(trainer_pb2.RunTrainingRequest(pairs=pairs), responses[1]),
    ]
    request = reporter_pb2.RenderReportRequest(
        training=[
            reporter_pb2.Training(name=name, run=response)
            for name, response in zip(("grpo", "dpo"), responses, strict=True)
        ],
        data=[reporter_pb2.TrainingData(name="dpo", trainings=["dpo"])],
    )
    request.data[0].pairs.pairs.CopyFrom(pairs)
    assert [one.ref.sha256 for one in named_records(request, runs, _REPORT)] == ["5" * 64]


@pytest.mark.parametrize(
    ("arm", "verdicts", "is_compared", "verified"),
    [
        ("dpo", "true", True, True),
        ("dpo", "shuffled", False, False),
        # Earlier reports say it of controls that were compared alone.
        ("dpo", None, True, True),
        ("dpo-shuffled", None, True, False),
    ],
)
def test_records_of_a_control_were_not_selected_by_verdicts(
    arm: str, verdicts: str | None, is_compared: bool, verified: bool, tmp_path: Path
) -> None:
    training = "dpo-shuffled-seed-0"
    condition = Condition(
        training, arm, "starter", "model", training, 1, 2, 2, 0.5, (0.0, 1.0), None, {}
    )
    report = replace(
        _REPORT,
        conditions=(condition,),
        data=(replace(_TRAINED_ON, verdicts=verdicts),),
        head_to_head=_REPORT.head_to_head if is_compared else (),
    )
    file = tmp_path / "dpo.jsonl"
    file.write_text('{"source": "starter"}\n')
    records = NamedRecords("dpo", artifact_pb2.ArtifactRef(), "dpo")
    described = describe_records(records, file, report)
    assert described.verified is verified
    assert (
        "| no true verdicts: a control |" in data_card([described], report, None)
    ) is not verified
    run = TrainingRun(trainer_pb2.RunTrainingRequest(), trainer_pb2.RunTrainingResponse())
    assert is_control(run, described, arm, report) is not verified


@pytest.mark.parametrize("shuffled", [True, False])
def test_a_run_on_shuffled_rewards_is_a_control_though_no_arm_names_it(shuffled: bool) -> None:
    request = trainer_pb2.RunTrainingRequest(problems=artifact_pb2.ArtifactRef(sha256="4" * 64))
    request.hyperparameters.shuffle_rewards = shuffled
    run = TrainingRun(request, trainer_pb2.RunTrainingResponse())
    report = replace(_REPORT, head_to_head=())
    assert is_control(run, None, "grpo", report) is shuffled
