"""`run_code` and `submit` in SandboxFusion's form, so that its callers change only the URL.

The form is that of its server (github.com/bytedance/SandboxFusion, `sandbox/server`). Only Python
is offered. A failure to run a program is a `SandboxError`, never a wrong answer.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Literal

import grpc
from pydantic import BaseModel, Field

from rlvf.evaluator.v1 import evaluator_pb2
from rlvf.executor.v1 import executor_pb2, executor_pb2_grpc
from rlvf.http_gateway.v1 import http_gateway_pb2
from rlvf_api.errors import InvalidArgument
from rlvf_common.rpc.retry import PASSING, retried
from rlvf_http_gateway.answer_memory import holding
from rlvf_http_gateway.calls import Context, authorization
from rlvf_http_gateway.whole_streams import WholeStreams

__all__ = ["METHODS", "RunCodeRequest", "SandboxFusion", "SubmitRequest"]

_OUTPUT_BYTES = 4 << 20
_PATIENCE = timedelta(seconds=10)
"""How long `run_code` is retried; callers wait this long in addition to the program's time."""
_DATASETS = {"humaneval_python": "humaneval"}
"""Our names of data sets that SandboxFusion names otherwise."""


class RunCodeRequest(BaseModel):
    """A program to run."""

    code: str
    language: str
    stdin: str | None = None
    compile_timeout: float = Field(10, gt=0, allow_inf_nan=False)
    run_timeout: float = Field(10, gt=0, allow_inf_nan=False, description="seconds of CPU time")
    memory_limit_MB: int = -1  # noqa: N815
    files: dict[str, str | None] = {}
    fetch_files: list[str] = []
    args: list[str] = []


class CommandRunResult(BaseModel):
    """How it ended."""

    status: Literal["Finished", "Error", "TimeLimitExceeded"]
    execution_time: float | None = None
    return_code: int | None = None
    stdout: str | None = None
    stderr: str | None = None


class RunCodeResponse(BaseModel):
    """Whether it ended with status 0."""

    status: Literal["Success", "Failed", "SandboxError"]
    message: str = ""
    compile_result: CommandRunResult | None = None
    run_result: CommandRunResult | None = None
    executor_pod_name: str | None = None
    files: dict[str, str] = {}


class SubmitRequest(BaseModel):
    """An answer to a task; `dataset` is the name of a benchmark."""

    dataset: str
    id: int | str
    completion: str
    config: dict[str, Any] = {}


class EvalTestCase(BaseModel):
    """The verdict on it."""

    passed: bool
    exec_info: RunCodeResponse
    test_info: dict[str, Any] | None = None


class EvalResult(BaseModel):
    """Whether it passes. The program is extracted by the evaluator, which does not return it."""

    id: int | str
    accepted: bool
    extracted_code: str = ""
    full_code: str | None = None
    test_code: str | None = None
    tests: list[EvalTestCase]
    extracted_type: None = None
    extra: dict[str, Any] | None = None


METHODS: Mapping[str, tuple[type[BaseModel], type[BaseModel]]] = {
    "run_code": (RunCodeRequest, RunCodeResponse),
    "submit": (SubmitRequest, EvalResult),
}
"""Request and response of each method of `SandboxFusion`, by its name, which is also its path."""


class SandboxFusion:
    """The two methods; errors are those of `calls.answered`."""

    def __init__(self, executor: grpc.aio.Channel, streams: WholeStreams) -> None:
        self._executor = executor_pb2_grpc.ExecutorServiceStub(executor)
        self._streams = streams

    async def run_code(self, request: RunCodeRequest, context: Context) -> RunCodeResponse:
        """Run a program, and return how it ended. `run_timeout` limits CPU time; wall time may be
        longer by `compile_timeout`, since nothing is compiled.

        Raises:
            InvalidArgument: a limit is too large.
            Unavailable: the gateway has no memory for the answer.
        """
        if request.language != "python":
            return _refused(f"the language {request.language!r} is not offered, only 'python'")
        if request.files or request.fetch_files or request.args:
            return _refused("`files`, `fetch_files` and `args` are not offered; leave them empty")
        message = executor_pb2.ExecuteRequest(
            source=request.code, stdin=(request.stdin or "").encode()
        )
        limits = message.limits
        limits.output_bytes = _OUTPUT_BYTES
        with _in_range("memory_limit_MB"):
            limits.memory_bytes = max(0, request.memory_limit_MB) << 20
        with _in_range("run_timeout"):
            limits.cpu_time.FromTimedelta(timedelta(seconds=request.run_timeout))
        with _in_range("compile_timeout"):
            wall_seconds = request.run_timeout + request.compile_timeout
            limits.wall_time.FromTimedelta(timedelta(seconds=wall_seconds))
        metadata = authorization(context.request_headers)
        try:
            ended = await retried(
                lambda: self._executor.Execute(message, metadata=metadata), patience=_PATIENCE
            )
        except PASSING as error:
            return _refused(str(error))
        holding.get().add(ended.ByteSize())
        return _ended(ended)

    async def submit(self, request: SubmitRequest, context: Context) -> EvalResult:
        """Grade an answer.

        Raises:
            InvalidArgument: the evaluator refuses the answer or its task.
            grpc.RpcError: it could not be graded.
        """
        header = evaluator_pb2.ScoreHeader(
            benchmark=_DATASETS.get(request.dataset, request.dataset), extract=True
        )
        sample = evaluator_pb2.Sample(task_id=str(request.id), completion=request.completion)
        asked = http_gateway_pb2.ScoreRequest(header=header, samples=[sample])
        answer = await self._streams.score(asked, context)
        for invalid in answer.invalid:
            raise InvalidArgument(invalid.field, invalid.problem)
        (result,) = answer.results
        passed = result.verdict == "passed"
        run = CommandRunResult(
            status="TimeLimitExceeded" if result.verdict == "timeout" else "Finished",
            execution_time=result.cpu_ms / 1000,
            return_code=0 if passed else 1,
            stdout="",
            stderr=result.detail,
        )
        info = RunCodeResponse(
            status="Success" if passed else "Failed", message=result.verdict, run_result=run
        )
        test = EvalTestCase(passed=passed, exec_info=info)
        return EvalResult(id=request.id, accepted=passed, tests=[test])


@contextmanager
def _in_range(field: str) -> Iterator[None]:
    """Raise InvalidArgument where the block sets a number that its message cannot hold."""
    try:
        yield
    except (OverflowError, ValueError):
        raise InvalidArgument(field, "is too large") from None


def _refused(message: str) -> RunCodeResponse:
    return RunCodeResponse(status="SandboxError", message=message)


def _ended(response: executor_pb2.ExecuteResponse) -> RunCodeResponse:
    outcome = executor_pb2.Outcome.Name(response.outcome).removeprefix("OUTCOME_")
    timeout = outcome in ("CPU_TIME_EXCEEDED", "WALL_TIME_EXCEEDED")
    # A signal's number is negated, as in Python; a program that exceeded a limit was killed.
    code = {"EXITED": response.exit_code, "SIGNALED": -response.signal}.get(outcome, -9)
    run = CommandRunResult(
        status="TimeLimitExceeded" if timeout else "Finished",
        execution_time=response.usage.wall_time.ToTimedelta().total_seconds(),
        return_code=None if timeout else code,
        stdout=response.stdout.decode(errors="replace"),
        stderr=response.stderr.decode(errors="replace"),
    )
    # Truncated output must not be taken for the whole output.
    whole = not response.stdout_truncated
    ended = outcome.lower().replace("_", " ") if outcome != "EXITED" else ""
    return RunCodeResponse(
        status="Success" if outcome == "EXITED" and code == 0 and whole else "Failed",
        message=ended if whole else f"stdout has more than {_OUTPUT_BYTES:,} bytes",
        run_result=run,
    )
