"""`python -m rlvf_trainer.job --run RUN --attempt N`: one attempt at a training run that waits in
object storage.

Storage comes from the RLVF_S3_* variables. The outcome is written there; the exit status is 0 when
it is a response, `FAILURE_RECORDED` when it is an error that the control plane is to pass on, and
anything else when the job could not say.
"""

import argparse
import logging
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from rlvf.trainer.v1 import trainer_pb2
from rlvf_api.errors import FailedPrecondition, RlvfError
from rlvf_common.rpc.settings import load
from rlvf_common.storage.artifacts import ArtifactStore
from rlvf_trainer.job.answers import Answer, parse_answers
from rlvf_trainer.job.errors import job_error
from rlvf_trainer.job.lifetime import end_with_parent
from rlvf_trainer.job.pairs import Pair, parse_pairs
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
        end_with_parent(arguments.parent)
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )

    try:
        settings = load(JobSettings)
        run = Run(ArtifactStore.connect(settings), arguments.run)
        try:
            with TemporaryDirectory(dir=arguments.scratch, prefix="rlvf-job-") as scratch:
                run.write_response(_response(run, settings, Path(scratch)))
        except Exception as error:
            log.exception("the run failed")
            run.record_failure(arguments.attempt, job_error(error))
            return FAILURE_RECORDED
    except RlvfError as error:
        # Not even the failure could be written.
        print(f"{error}", file=sys.stderr)
        return 3
    return 0


def _response(run: Run, settings: JobSettings, scratch: Path) -> trainer_pb2.RunTrainingResponse:
    request = run.request()
    # What is wrong with the request is told before the slow imports.
    records: list[Pair] | list[Answer] = (
        parse_answers(run.store.get_bytes(request.answers))
        if request.HasField("answers")
        else parse_pairs(run.store.get_bytes(request.pairs))
    )
    _check_model_path(request.base_model)
    from rlvf_trainer.job.training import train

    threads = settings.trainer_threads or len(os.sched_getaffinity(0))
    return train(request, records, run, scratch, threads)


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
