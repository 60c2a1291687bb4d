"""Clients of executor and inference that charge the caller's quotas."""

from datetime import timedelta

import grpc

from rlvf.sampling.v1 import sampling_pb2
from rlvf_common.problems.problem import Problem
from rlvf_common.rollouts.cost import Meter
from rlvf_common.rollouts.grading import Grade, Grader
from rlvf_common.rollouts.sampling import Completion, InferenceClient
from rlvf_common.rpc.context import principal
from rlvf_common.rpc.resources import Resource
from rlvf_common.storage.quotas import Quotas

__all__ = ["ChargedGrader", "ChargedInference"]


class ChargedGrader(Grader):
    """A grader that charges samples and CPU seconds."""

    def __init__(self, channel: grpc.aio.Channel, quotas: Quotas) -> None:
        super().__init__(channel)
        self._quotas = quotas

    async def _grade(self, problem: Problem, solution: str, credit: bool) -> Grade:
        """As `Grader._grade`. A sample counts only when it has a slot and is graded.

        Raises:
            ResourceExhausted: a quota of the day is used up.
        """
        who = principal.get()
        await self._quotas.admit(who, Resource.CPU_SECONDS)
        day = await self._quotas.admit(who, Resource.SAMPLES)
        self._quotas.charge(who, Resource.SAMPLES, day, 1)
        try:
            grade = await super()._grade(problem, solution, credit)
        except BaseException:
            self._quotas.charge(who, Resource.SAMPLES, day, -1)
            raise
        self._quotas.charge(who, Resource.CPU_SECONDS, day, grade.cpu_ms / 1000)
        return grade


class ChargedInference(InferenceClient):
    """An inference client that charges tokens."""

    def __init__(
        self,
        url: str,
        quotas: Quotas,
        *,
        api_key: str = "",
        max_in_flight: int = 128,
        patience: timedelta = timedelta(minutes=4),
    ) -> None:
        super().__init__(url, api_key=api_key, max_in_flight=max_in_flight, patience=patience)
        self._quotas = quotas

    async def complete(
        self,
        model: sampling_pb2.Model,
        problem: Problem,
        sampling: sampling_pb2.Sampling,
        *,
        meter: Meter | None = None,
        traced: bool = False,
    ) -> list[Completion]:
        """As `InferenceClient.complete`.

        Raises:
            ResourceExhausted: the quota of the day is used up.
        """
        who = principal.get()
        day = await self._quotas.admit(who, Resource.TOKENS)
        completions = await super().complete(model, problem, sampling, meter=meter, traced=traced)
        used = sum(completion.tokens for completion in completions)
        self._quotas.charge(who, Resource.TOKENS, day, used)
        return completions
