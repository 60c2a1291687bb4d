"""Starts a real evaluator process for integration and soak tests."""

from rlvf_common.rpc.testing import ServiceProcess


class EvaluatorProcess(ServiceProcess):
    """An evaluator process as a context manager."""

    module = "rlvf_evaluator"
