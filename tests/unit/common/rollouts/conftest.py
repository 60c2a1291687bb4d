"""A small OpenAI completions server, for what no real server does on demand: to fail."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


class FakeInference:
    """Answers completions and chats by a function that returns the seed; fails as it is told."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.failures: list[tuple[int, str]] = []
        """Status and message of the next answers; after them it answers well."""
        self.base = "base"
        """The model that it lists, besides an adapter."""
        self.api_key = ""
        """What is asked for; empty: nothing."""
        self.version: object = None
        """What it tells of itself; None: it is a server of somebody else, which lists its models at
        any path."""
        self.version_status = 200
        self.traces = True
        """Whether it tells token ids where they are asked for."""
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                if fake.api_key and self.headers["Authorization"] != f"Bearer {fake.api_key}":
                    self._answer(401, {"error": {"message": "no such key"}})
                    return
                if self.path == "/rlvf/version" and fake.version is not None:
                    self._answer(fake.version_status, fake.version)
                    return
                adapter = f"adapter-{'0' * 64}@{fake.base}"
                self._answer(200, {"data": [{"id": fake.base}, {"id": adapter}]})

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if fake.failures:
                    status, message = fake.failures.pop(0)
                    self._answer(status, {"error": {"message": message}})
                    return
                fake.requests.append(body)
                text = f"\n    return {body.get('seed')}\n"
                choice: dict[str, object] = {"finish_reason": "stop"}
                if self.path == "/v1/chat/completions":
                    code = f"def f():{text}"
                    choice["message"] = {"content": f"Sure:\n```python\n{code}```\nDone."}
                else:
                    choice["text"] = text
                answer: dict[str, object] = {"choices": [choice], "usage": {"completion_tokens": 5}}
                if body.get("return_token_ids") and fake.traces:
                    choice["token_ids"] = [11, 12]
                    if "message" in choice:
                        answer["prompt_token_ids"] = [1, 2, 3]
                        choice["logprobs"] = {"content": [{"logprob": -0.5}, {"logprob": -0.25}]}
                    else:
                        choice["prompt_token_ids"] = [1, 2, 3]
                        choice["logprobs"] = {"token_logprobs": [-0.5, -0.25]}
                self._answer(200, answer)

            def _answer(self, status: int, body: object) -> None:
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def fake_inference() -> Iterator[FakeInference]:
    fake = FakeInference()
    yield fake
    fake.close()


@pytest.fixture
def later_inference() -> Iterator[FakeInference]:
    """A server that has nothing in its socket of those who asked `fake_inference` and left."""
    fake = FakeInference()
    yield fake
    fake.close()
