"""The client of inference: draws completions over the OpenAI completions and chat completions APIs.

Any server of these APIs works; adapters need our inference, which finds an adapter by its digest
and serves it only for requests that name its base.
"""

import asyncio
import hashlib
import json
import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from types import TracebackType
from typing import Any, Self

import httpx

from rlvf.cost.v1 import cost_pb2
from rlvf.sampling.v1 import sampling_pb2
from rlvf.version.v1 import version_pb2
from rlvf_api.errors import FailedPrecondition, NotFound, Unavailable
from rlvf_common.problems.problem import Problem
from rlvf_common.problems.prompts import PromptStyle, chat_message, completion_prompt, stop_strings
from rlvf_common.rollouts.cost import EngineClock, Meter
from rlvf_common.rollouts.served import INFERENCE, VERSION_PATH, check_weights, parse_version
from rlvf_common.rpc.concurrency import for_each
from rlvf_common.rpc.retry import retried
from rlvf_common.rpc.tracing import trace_headers
from rlvf_common.rpc.validation import require, require_artifact
from rlvf_common.rpc.version import version_items

__all__ = [
    "STYLE_NUMBERS",
    "TRUNCATED",
    "Completion",
    "InferenceClient",
    "SamplingParameters",
    "Trace",
    "adapter_name",
    "check_model",
    "derived_seed",
    "served_name",
]

TRUNCATED = "length"
"""`finish_reason` of a completion that reached `max_tokens`."""

STYLE_NUMBERS: "dict[PromptStyle, sampling_pb2.PromptStyle.ValueType]" = {
    "completion": sampling_pb2.PROMPT_STYLE_COMPLETION,
    "chat": sampling_pb2.PROMPT_STYLE_CHAT,
}
"""The numbers of the prompt styles in requests."""

_STYLES: dict[int, PromptStyle] = {
    sampling_pb2.PROMPT_STYLE_UNSPECIFIED: "completion",
    **{number: style for style, number in STYLE_NUMBERS.items()},
}
# The prefix of names of adapters.
_ADAPTERS = "adapter-"
_MAX_SAMPLES = 1_000
_MAX_TOKENS = 32_768
# Another server may soon answer at the same address, so it is asked again after this time.
_BASE_KNOWN_SECONDS = 5.0
# Status codes of some servers for unknown paths, which ours never sends for its own.
_NO_SUCH_PATH = (500, 501)
# A full engine answers a request after everything before it in its queue.
_TIMEOUT = httpx.Timeout(connect=5.0, read=900.0, write=30.0, pool=None)


@dataclass(frozen=True, slots=True)
class SamplingParameters:
    """`rlvf.sampling.v1.Sampling`, checked and with its defaults filled in."""

    samples_per_problem: int
    temperature: float
    top_p: float
    max_tokens: int
    seed: int
    prompt_style: PromptStyle = "completion"

    @classmethod
    def checked(cls, message: sampling_pb2.Sampling, field: str = "sampling") -> Self:
        """Fill in the defaults of `message`, which is the request's `field`.

        Raises:
            InvalidArgument: a value is out of range, or several samples are requested with greedy
                decoding.
        """
        require(
            message.prompt_style in _STYLES,
            f"{field}.prompt_style",
            f"is unknown: {message.prompt_style}",
        )
        parameters = cls(
            samples_per_problem=message.samples_per_problem or 1,
            temperature=message.temperature,
            top_p=message.top_p or 1.0,
            max_tokens=message.max_tokens or 512,
            seed=message.seed,
            prompt_style=_STYLES[message.prompt_style],
        )
        require(
            1 <= parameters.samples_per_problem <= _MAX_SAMPLES,
            f"{field}.samples_per_problem",
            f"must be from 1 to {_MAX_SAMPLES:,}, got {parameters.samples_per_problem}",
        )
        require(
            0.0 <= parameters.temperature <= 2.0,
            f"{field}.temperature",
            f"must be from 0 to 2, got {parameters.temperature}",
        )
        require(
            0.0 < parameters.top_p <= 1.0,
            f"{field}.top_p",
            f"must be above 0 and at most 1, got {parameters.top_p}",
        )
        require(
            1 <= parameters.max_tokens <= _MAX_TOKENS,
            f"{field}.max_tokens",
            f"must be from 1 to {_MAX_TOKENS:,}, got {parameters.max_tokens}",
        )
        require(
            parameters.temperature > 0.0 or parameters.samples_per_problem == 1,
            f"{field}.samples_per_problem",
            "must be 1 when the temperature is 0: greedy decoding has one answer",
        )
        return parameters


@dataclass(frozen=True, slots=True)
class Trace:
    """How the engine drew a completion, token by token."""

    prompt_ids: list[int]
    """The prompt as the engine encoded it, including the chat template."""
    token_ids: list[int]
    """All drawn tokens, including the one that ended the completion and those of a stop string."""
    logps: list[float]
    """Log-probability of each of `token_ids` when it was drawn, at the temperature; in nats."""


@dataclass(frozen=True, slots=True)
class Completion:
    """One answer as the model wrote it."""

    text: str
    finish_reason: str
    """`stop`, or `length` when it reached `max_tokens`."""
    tokens: int
    trace: Trace | None = None
    """None if it was not requested."""


def check_model(model: sampling_pb2.Model, field: str = "model") -> None:
    """Raise InvalidArgument unless the request's `field` names a model."""
    require(bool(model.base), f"{field}.base", "is required: the name that inference serves")
    if model.HasField("adapter"):
        require_artifact(model.adapter, f"{field}.adapter")


def adapter_name(sha256: str, base: str) -> str:
    """Name under which inference that serves `base` serves the adapter artifact with this digest.

    It contains the base, so that a server of another base refuses the request.
    """
    return f"{_ADAPTERS}{sha256}@{base}"


def served_name(model: sampling_pb2.Model) -> str:
    """Name under which inference serves `model`."""
    if model.HasField("adapter"):
        return adapter_name(model.adapter.sha256, model.base)
    return model.base


def derived_seed(seed: int, task_id: str, sample: int) -> int:
    """Seed of one sample, 0 to 2**63 - 1; it depends on the arguments alone."""
    digest = hashlib.sha256(json.dumps([seed, task_id, sample]).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


class InferenceClient:
    """Client of one inference endpoint, which is sent `api_key` as a bearer token, if there is one.

    At most `max_in_flight` requests are open at one time; the engine queues what it cannot batch.
    Requests to a server that is unreachable or answers 5xx are retried for `patience`, long enough
    for a dead engine to be restarted.
    """

    def __init__(
        self,
        url: str,
        *,
        api_key: str = "",
        max_in_flight: int = 128,
        patience: timedelta = timedelta(minutes=4),
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._url = url.rstrip("/")
        self._max_in_flight = max_in_flight
        self._patience = patience
        self._slots = asyncio.Semaphore(max_in_flight)
        self._clock = clock
        self._seen_at: dict[str, float] = {}
        self._version = version_pb2.Version(service=INFERENCE)
        self._engine = EngineClock()
        limits = httpx.Limits(max_connections=max_in_flight + 4, keepalive_expiry=4.0)
        # `trust_env=False`: a proxy for the internet must not be used for a service of the cluster.
        self._http = httpx.AsyncClient(
            timeout=_TIMEOUT,
            limits=limits,
            trust_env=False,
            headers={"Authorization": f"Bearer {api_key}"} if api_key else None,
        )

    @property
    def max_in_flight(self) -> int:
        """Requests that may be open at one time."""
        return self._max_in_flight

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def complete(
        self,
        model: sampling_pb2.Model,
        problem: Problem,
        sampling: sampling_pb2.Sampling,
        *,
        meter: Meter | None = None,
        traced: bool = False,
    ) -> list[Completion]:
        """`samples_per_problem` completions of one problem, in order of their sample number.
        `meter` counts what they cost. With `traced` each has its `trace`.

        Each is a request with a seed of its own. A seed fixes the random numbers; the probabilities
        that they are compared with can differ in the last bit, depending on the rest of the batch.

        Raises:
            InvalidArgument: `sampling` is out of range.
            NotFound: inference does not serve the model, or does not find the adapter.
            FailedPrecondition: inference refuses the request, for example a prompt that exceeds its
                context, a chat with a model without a chat template, or a wrong API key; or it
                reports other weights than `model` names.
            Unavailable: inference could not be reached, or failed, for longer than the client's
                patience.
        """
        parameters = SamplingParameters.checked(sampling)
        await self._check_base(model)
        return await for_each(
            range(parameters.samples_per_problem),
            lambda sample: self._sample(model, problem, parameters, sample, meter, traced),
            at_once=parameters.samples_per_problem,
        )

    async def warm(self, model: sampling_pb2.Model) -> None:
        """Return when the server has sampled a token with `model`, so that an adapter is fetched
        and loaded by one request before many need it. Raises the errors of `complete`."""
        await self._check_base(model)
        body = {"model": served_name(model), "prompt": "#", "max_tokens": 1, "temperature": 0}
        self._refused(await self._send("POST", "/v1/completions", body), "a request of one token")

    async def version(self) -> version_pb2.Version:
        """The versions of what the server runs and serves; only the name of the service if the
        server is not ours.

        Raises:
            Unavailable: it could not be reached, or does not know its weights yet, for longer than
                the client's patience.
        """
        response = await self._send("GET", VERSION_PATH, None, final=_NO_SUCH_PATH)
        return parse_version("" if response.is_error else response.text)

    async def models(self) -> list[version_pb2.ServedModel]:
        """The bases that the server serves, sorted by name, with details if it reports them.

        Raises:
            FailedPrecondition: it does not list its models.
            Unavailable: as in `version`.
        """
        said = (await self.version()).model
        said.ClearField("adapters_sha256")
        return [
            said if name == said.name else version_pb2.ServedModel(name=name)
            for name in sorted(await self._names())
        ]

    async def pinned(self, model: sampling_pb2.Model) -> sampling_pb2.Model:
        """`model` with the digest of the weights that are served now, so that all its completions
        are drawn from the same weights; without a digest if the server does not report one.

        Raises the errors of `complete`.
        """
        await self._ask_for(model.base)
        pinned = sampling_pb2.Model()
        pinned.CopyFrom(model)
        if self._version.model.weights_sha256:
            check_weights(model, self._version, self._url)
        pinned.weights_sha256 = self._version.model.weights_sha256
        return pinned

    def versions(self) -> dict[str, str]:
        """Digest of the code and versions of the packages, by name, of the server that answered
        last; empty if it is not ours."""
        return version_items(self._version)

    def devices(self) -> cost_pb2.Devices:
        """The devices of the server that answered last; without a kind if it does not report it."""
        return self._version.model.devices

    async def _check_base(self, model: sampling_pb2.Model) -> None:
        """Raise unless the server has the model's base with the weights that the model names."""
        await self._ask_for(model.base)
        check_weights(model, self._version, self._url)

    async def _ask_for(self, base: str) -> None:
        """Check at intervals that the server serves `base`, since many servers of the API answer
        for any name."""
        now = self._clock()
        if now - self._seen_at.get(base, -math.inf) < _BASE_KNOWN_SECONDS:
            return
        served = await self._names()
        if base not in served:
            names = ", ".join(f"`{name}`" for name in served)
            raise NotFound(f"inference at {self._url} does not serve `{base}`; it serves {names}")
        self._version = await self.version()
        self._seen_at[base] = now

    async def _names(self) -> list[str]:
        """Names of the bases that the server serves."""
        response = await self._send("GET", "/v1/models", None)
        if response.is_error:
            raise FailedPrecondition(
                f"inference at {self._url} does not list its models ({response.status_code}): "
                f"{_message(response)}"
            )
        try:
            served = [str(entry["id"]) for entry in response.json()["data"]]
        except (ValueError, LookupError, TypeError) as error:
            raise self._unlike_openai(error) from None
        return [name for name in served if not name.startswith(_ADAPTERS)]

    async def _sample(
        self,
        model: sampling_pb2.Model,
        problem: Problem,
        sampling: SamplingParameters,
        sample: int,
        meter: Meter | None,
        traced: bool,
    ) -> Completion:
        body: dict[str, Any] = {
            "model": served_name(model),
            "max_tokens": sampling.max_tokens,
            "temperature": sampling.temperature,
            "seed": derived_seed(sampling.seed, problem.task_id, sample),
        }
        chats = sampling.prompt_style == "chat"
        if chats:
            body["messages"] = [{"role": "user", "content": chat_message(problem)}]
        else:
            body["prompt"] = completion_prompt(problem)
            body["stop"] = list(stop_strings(problem))
        if sampling.top_p < 1.0:
            # Left out at 1, since it makes a CPU engine sort the vocabulary for every token.
            body["top_p"] = sampling.top_p
        if traced:
            # An extension of vLLM: the ids themselves, since encoding the text again can give other
            # tokens.
            body["return_token_ids"] = True
            body |= {"logprobs": True, "top_logprobs": 0} if chats else {"logprobs": 0}
        async with self._slots:
            path = "/v1/chat/completions" if chats else "/v1/completions"
            response = await self._send("POST", path, body, meter=meter)
        self._refused(response, f"task {problem.task_id}")
        try:
            answer = response.json()
            choice = answer["choices"][0]
            tokens = int(answer["usage"]["completion_tokens"])
            if meter is not None:
                meter.count_tokens(tokens)
            return Completion(
                # A lone surrogate is JSON, but neither UTF-8 nor Python source.
                text=_text(choice).encode(errors="replace").decode(),
                finish_reason=str(choice["finish_reason"]),
                tokens=tokens,
                trace=_trace(answer, choice) if traced else None,
            )
        except (ValueError, LookupError, TypeError) as error:
            raise self._unlike_openai(error) from None

    def _refused(self, response: httpx.Response, what: str) -> None:
        """Raise if the server has refused `what`."""
        if response.status_code == httpx.codes.NOT_FOUND:
            raise NotFound(f"inference at {self._url}: {_message(response)}")
        if response.is_error:
            raise FailedPrecondition(
                f"inference at {self._url} refuses {what} ({response.status_code}): "
                f"{_message(response)}"
            )

    def _unlike_openai(self, error: Exception) -> FailedPrecondition:
        return FailedPrecondition(
            f"{self._url} does not answer like an OpenAI completions server: {error!r}"
        )

    async def _send(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None,
        *,
        final: Collection[int] = (),
        meter: Meter | None = None,
    ) -> httpx.Response:
        """The first answer that is not a passing failure; statuses in `final` count as answers.
        `meter` counts the time of the requests, without the pauses between them.

        Raises:
            Unavailable: there was none within the client's patience.
        """

        async def attempt() -> httpx.Response:
            try:
                with self._engine.request(meter):
                    response = await self._http.request(
                        method, self._url + path, json=body, headers=trace_headers()
                    )
            except (httpx.InvalidURL, httpx.UnsupportedProtocol):
                # The operator's fault, not the caller's: the same request works once it is fixed.
                raise FailedPrecondition(
                    f"inference: `{self._url}` is not a URL (RLVF_INFERENCE_URL, RLVF_ENDPOINTS)"
                ) from None
            except httpx.TransportError as error:
                raise Unavailable(str(error) or type(error).__name__, None) from None
            status = response.status_code
            if status in final or (status < 500 and status != 429):
                return response
            raise Unavailable(f"status {status}: {_message(response)}", None)

        try:
            return await retried(attempt, patience=self._patience)
        except Unavailable as error:
            raise Unavailable(
                f"inference at {self._url} did not answer for "
                f"{self._patience.total_seconds():.0f} s ({error}); check that it runs and "
                "RLVF_INFERENCE_URL"
            ) from None


def _text(choice: dict[str, Any]) -> str:
    """The text that the model wrote. A chat's content is null if it wrote nothing."""
    if "message" in choice:
        return str(choice["message"]["content"] or "")
    return str(choice["text"])


def _trace(answer: dict[str, Any], choice: dict[str, Any]) -> Trace:
    """The trace of a choice. Raises ValueError, LookupError or TypeError if it has none."""
    if "message" in choice:
        prompt_ids = answer["prompt_token_ids"]
        logps = [token["logprob"] for token in choice["logprobs"]["content"]]
    else:
        prompt_ids = choice["prompt_token_ids"]
        logps = choice["logprobs"]["token_logprobs"]
    trace = Trace(list(map(int, prompt_ids)), list(map(int, choice["token_ids"])), logps)
    if len(trace.token_ids) != len(logps) or not all(math.isfinite(logp) for logp in logps):
        raise ValueError("a log-probability is missing")
    return trace


def _message(response: httpx.Response) -> str:
    """The server's error message; the first 500 characters."""
    try:
        message = response.json()["error"]["message"]
    except (ValueError, LookupError, TypeError):
        message = response.text
    return " ".join(str(message).split())[:500]
