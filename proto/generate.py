"""Generate the Python code of the protos, or their descriptor set.

Runs in the environment of `requirements.txt` beside it:

    python generate.py python OUT      messages, stubs and services below OUT
    python generate.py image FILE      the descriptor set with comments, for buf
"""

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import grpc_tools
from google.longrunning import operations_proto_pb2
from grpc_tools import protoc

HERE = Path(__file__).parent
GOOGLE = Path(operations_proto_pb2.__file__).parents[2]
WELL_KNOWN = Path(grpc_tools.__file__).parent / "_proto"


def run_protoc(*options: str) -> None:
    """Run protoc over all our protos.

    Raises:
        SystemExit: protoc failed; it has said why on stderr.
    """
    protos = sorted(str(path.relative_to(HERE)) for path in (HERE / "rlvf").rglob("*.proto"))
    with TemporaryDirectory() as renamed:
        # googleapis-common-protos ships this file under another name than its imports use.
        longrunning = Path(renamed, "google", "longrunning")
        longrunning.mkdir(parents=True)
        shutil.copy(
            GOOGLE / "google/longrunning/operations_proto.proto", longrunning / "operations.proto"
        )
        includes = [f"-I{path}" for path in (HERE, renamed, GOOGLE, WELL_KNOWN)]
        if protoc.main(["protoc", *includes, *options, *protos]) != 0:
            raise SystemExit("protoc failed")


def main() -> None:
    match sys.argv[1:]:
        case ["python", out]:
            Path(out).mkdir(parents=True, exist_ok=True)
            run_protoc(
                f"--python_out={out}",
                f"--grpc_python_out={out}",
                f"--mypy_out={out}",
                f"--mypy_grpc_out={out}",
            )
        case ["image", file]:
            run_protoc(f"--descriptor_set_out={file}", "--include_imports", "--include_source_info")
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main()
