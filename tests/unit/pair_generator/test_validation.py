"""A bad request names its field."""

from collections.abc import Callable

import pytest

from rlvf.artifact.v1.artifact_pb2 import ArtifactRef
from rlvf.pair_generator.v1.pair_generator_pb2 import GeneratePairsRequest, Selection
from rlvf.sampling.v1.sampling_pb2 import Model, Sampling
from rlvf_common.errors import InvalidArgument
from rlvf_pair_generator.selection import Rules
from rlvf_pair_generator.validation import checked_rules, validate

REF = ArtifactRef(uri="s3://rlvf/x", sha256="a" * 64, size_bytes=1)


def request() -> GeneratePairsRequest:
    return GeneratePairsRequest(
        problems=REF,
        model=Model(base="m"),
        sampling=Sampling(samples_per_problem=8, temperature=0.8),
        benchmarks=[REF],
        ladder=[1, 2, 5],
    )


def test_a_good_request_passes() -> None:
    validate(request())


def test_defaults_of_the_selection() -> None:
    assert checked_rules(Selection()) == Rules(4, 3.0, 0.0, 1.0, 0)


@pytest.mark.parametrize(
    ("spoil", "field"),
    [
        (lambda r: r.ClearField("problems"), "problems"),
        (lambda r: r.problems.ClearField("sha256"), "problems.sha256"),
        (lambda r: r.ClearField("model"), "model"),
        (lambda r: r.model.ClearField("base"), "model.base"),
        (lambda r: r.ClearField("sampling"), "sampling"),
        (lambda r: r.sampling.MergeFrom(Sampling(temperature=3)), "sampling.temperature"),
        (lambda r: r.sampling.CopyFrom(Sampling(samples_per_problem=1)), "sampling.temperature"),
        (
            lambda r: r.sampling.MergeFrom(Sampling(samples_per_problem=1)),
            "sampling.samples_per_problem",
        ),
        (
            lambda r: r.selection.MergeFrom(Selection(max_pairs_per_problem=-1)),
            "selection.max_pairs_per_problem",
        ),
        (
            lambda r: r.selection.MergeFrom(Selection(max_length_ratio=0.5)),
            "selection.max_length_ratio",
        ),
        (
            lambda r: r.selection.MergeFrom(Selection(max_length_ratio=float("nan"))),
            "selection.max_length_ratio",
        ),
        (lambda r: r.selection.MergeFrom(Selection(min_pass_rate=-0.1)), "selection.min_pass_rate"),
        (
            lambda r: r.selection.MergeFrom(Selection(min_pass_rate=0.5, max_pass_rate=0.4)),
            "selection.max_pass_rate",
        ),
        (lambda r: r.selection.MergeFrom(Selection(max_pass_rate=1.1)), "selection.max_pass_rate"),
        (lambda r: r.benchmarks[0].ClearField("uri"), "benchmarks[0].uri"),
        (lambda r: r.ladder.append(5), "ladder"),
        (lambda r: r.ladder.insert(0, 0), "ladder"),
    ],
)
def test_a_bad_field_is_named(spoil: Callable[[GeneratePairsRequest], None], field: str) -> None:
    bad = request()
    spoil(bad)
    with pytest.raises(InvalidArgument) as error:
        validate(bad)
    assert error.value.field == field
