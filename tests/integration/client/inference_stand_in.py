"""What a local stack runs in place of inference: `python inference_stand_in.py PORT` is healthy and
tells a version with weights."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from rlvf_client.local_stack.stack import LocalStack

WEIGHTS = "a" * 64


def command_of(stack: LocalStack) -> list[str]:
    """The command that starts it at the address of the stack's inference."""
    return [sys.executable, str(Path(__file__)), stack.address("inference").rpartition(":")[2]]


def replace_inference(patch: pytest.MonkeyPatch, stack: LocalStack, command: list[str]) -> None:
    """Make a stack run another command as its inference."""
    describe = stack._describe

    def replaced(name: str) -> object:
        service = describe(name)
        if name == "inference":
            service.command = command
        return service

    patch.setattr(stack, "_describe", replaced)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        version = {"service": "inference", "model": {"name": "m", "weightsSha256": WEIGHTS}}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(version).encode())


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), _Handler).serve_forever()
