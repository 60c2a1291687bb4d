"""The scopes of a team's token, and the scope that each method needs."""

from enum import StrEnum

__all__ = ["DEFAULT_SCOPES", "Scope", "needed_scope"]


class Scope(StrEnum):
    """A kind of work."""

    SCORE = "score"
    """Grade given answers, compare results, store and read artifacts."""
    EVALUATE = "evaluate"
    """Sample a model, and grade what it answers."""
    TRAIN = "train"
    """Make training data, train, report."""
    ADMIN = "admin"
    """Everything, and the operations of other teams."""


DEFAULT_SCOPES = frozenset({Scope.SCORE, Scope.EVALUATE})
"""The scopes of a token that states none."""

# Scopes by method or by service; other services, such as operations and versions, need none.
_NEEDED = {
    "/rlvf.evaluator.v1.EvaluatorService/Evaluate": Scope.EVALUATE,
    "/rlvf.evaluator.v1.EvaluatorService/ListModels": Scope.EVALUATE,
    "/rlvf.evaluator.v1.EvaluatorService/": Scope.SCORE,
    "/rlvf.artifact.v1.ArtifactService/": Scope.SCORE,
    "/rlvf.executor.v1.ExecutorService/": Scope.SCORE,
    # Asked for by the services that the HTTP gateway forwards to.
    "/rlvf.http_gateway.v1.HttpGatewayService/": Scope.SCORE,
    "/rlvf.pair_generator.v1.PairGeneratorService/": Scope.TRAIN,
    "/rlvf.trainer.v1.TrainerService/": Scope.TRAIN,
    "/rlvf.reporter.v1.ReporterService/": Scope.TRAIN,
}


def needed_scope(method: str) -> Scope | None:
    """The scope that a method, `/SERVICE/NAME`, needs; None if any token will do."""
    service = method[: method.rfind("/") + 1]
    return _NEEDED.get(method) or _NEEDED.get(service)
