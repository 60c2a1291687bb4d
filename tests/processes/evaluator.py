"""A real evaluator process."""

from .service import ServiceProcess


class EvaluatorProcess(ServiceProcess):
    """An evaluator as a context manager."""

    module = "rlvf_evaluator"
