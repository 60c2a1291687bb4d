"""`python -m rlvf_trainer.job --run RUN --attempt N`: one attempt at a training run whose request
is in object storage.

Storage comes from the RLVF_S3_* variables. The outcome is written there; the exit status is 0 when
it is a response, `FAILURE_RECORDED` when it is an error that the control plane is to pass on, and
anything else when the job could not write an outcome.
"""

import argparse
import logging
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.errors import FailedPrecondition, RlvfError
from rlvf_api.trackers import require_packages
from rlvf_common.problems.problem import Problem
from rlvf_common.rpc.settings import load
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_trainer.job.answers import Answer, parse_answers
from rlvf_trainer.job.errors import is_peer_problem, job_error
from rlvf_trainer.job.lifetime import end_with_parent
from rlvf_trainer.job.pairs import Pair, parse_pairs
from rlvf_trainer.job.problems import trainable_problems
from rlvf_trainer.job.processes import is_first, run_processes, wanted_processes, world
from rlvf_trainer.runs import FAILURE_RECORDED, Run
from rlvf_trainer.settings import JobSettings

log = logging.getLogger("rlvf_trainer.job")


def main() -> int:
    """Run one attempt; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m rlvf_trainer.job", description=__doc__)
    parser.add_argument("--run", required=True, help="id of the run")
    parser.add_argument("--attempt", required=True, type=int, help="number of the attempt")
    parser.add_argument("--parent", type=int, help="process id with which this job is to end")
    parser.add_argument("--scratch", type=Path, help="directory for files while the job runs")
    arguments = parser.parse_args()
    if arguments.parent is not None:
        # With several processes, the parent of each is the job that started them, which itself
        # ends with the trainer.
        end_with_parent(arguments.parent if world() == 1 else os.getppid())
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    # httpx logs every request at level INFO.
    logging.getLogger("httpx").setLevel(logging.WARNING)

    try:
        settings = load(JobSettings)
        if (number := wanted_processes(settings.trainer_processes)) > 1:
            return run_processes(number, sys.argv[1:], arguments.scratch)
        run = Run(ArtifactStore.connect(settings), arguments.run)
        run.begin(arguments.attempt)
        try:
            with TemporaryDirectory(dir=arguments.scratch, prefix="rlvf-job-") as scratch:
                response = _response(run, settings, Path(scratch))
                if response is not None:
                    run.write_response(response)
        except Exception as error:
            log.exception("the run failed")
            if is_peer_problem(error):
                return 4
            if is_first():
                run.write_time()
            run.record_failure(arguments.attempt, job_error(error))
            return FAILURE_RECORDED
    except RlvfError as error:
        # Not even the failure could be written.
        print(f"{error}", file=sys.stderr)
        return 3
    return 0


def _response(
    run: Run, settings: JobSettings, scratch: Path
) -> trainer_pb2.RunTrainingResponse | None:
    """What came of the run; None in all processes except the first."""
    request = run.request()
    # Errors of the request are reported before the slow imports.
    records = _records(request, run)
    _check_model_path(request.base_model)
    require_packages(request.tracking.trackers)
    from rlvf_trainer.job.parallel import joined
    from rlvf_trainer.job.training import train

    with joined():
        return train(request, records, run, scratch, settings)


def _records(
    request: trainer_pb2.RunTrainingRequest, run: Run
) -> list[Pair] | list[Answer] | list[Problem]:
    """What the request trains on."""
    if request.HasField("answers"):
        return parse_answers(run.store.get_bytes(request.answers))
    if request.HasField("pairs"):
        return parse_pairs(run.store.get_bytes(request.pairs))
    return trainable_problems(request, run.store)


def _check_model_path(base_model: str) -> None:
    """Raise FailedPrecondition when `base_model` is a path at which there is no checkpoint."""
    is_path = base_model.startswith((".", "/", "~")) or os.path.exists(base_model)
    if is_path and not Path(base_model, "config.json").is_file():
        raise FailedPrecondition(
            f"the base model cannot be loaded: there is no checkpoint at {base_model} (no "
            f"config.json)"
        )


if __name__ == "__main__":
    sys.exit(main())
