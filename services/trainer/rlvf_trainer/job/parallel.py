"""Divides the micro-batches of a step among the processes of a job: one process for each GPU of a
machine.

Each process has the whole model (data parallelism, by accelerate). A step has the same
micro-batches as with one process; of W processes, process r computes every W-th micro-batch from
the r-th on, and the gradients are summed. So losses and adapter are those of one process, except
for the order of the sums.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.data_loader import prepare_data_loader
from datasets import Dataset
from torch import distributed
from torch.utils.data import BatchSampler, DataLoader

from rlvf_trainer.job.processes import device_index, rank, world

__all__ = ["BACKEND", "DividedSteps", "barrier", "joined", "places_of_step", "shared_directory"]

BACKEND = "nccl" if torch.cuda.is_available() else "gloo"
"""torch.distributed's backend, by which processes exchange numbers."""

PATIENCE = timedelta(days=1)
"""How long a process waits for another one. The others wait while the first samples and grades,
which has no limit; when a process dies, the others are ended without a timeout."""


@contextmanager
def joined() -> Iterator[None]:
    """Join the process group: while this is entered, the processes can exchange numbers."""
    if world() == 1:
        yield
        return
    if torch.cuda.is_available():
        torch.cuda.set_device(device_index())
    # The default of NCCL, 10 minutes, would end a job whose step takes longer to sample.
    distributed.init_process_group(BACKEND, timeout=PATIENCE)
    try:
        yield
    finally:
        distributed.destroy_process_group()


def barrier() -> None:
    """Return when all processes have called this."""
    if world() > 1:
        distributed.barrier()


def shared_directory(scratch: Path) -> Path:
    """The directory where all processes write their parts of a checkpoint; `scratch` is this
    process's own."""
    return scratch if world() == 1 else scratch.parent / "checkpoints"


class DividedSteps:
    """Mixin of TRL's trainers that divides each step among the processes, on data that is encoded
    already.

    The batches must have `indices`, the places of their records in the data set.
    """

    accelerator: Accelerator
    args: Any
    _metrics: dict[str, dict[str, list[float]]]

    def _prepare_dataset(self, dataset: Dataset, *_: object, **__: object) -> Dataset:
        """The data set as it is: its records are encoded already."""
        return dataset

    def create_model_card(self, *_: object, **__: object) -> None:
        """Do nothing: checkpoints are for resuming, and nobody reads a card in them."""

    def get_train_dataloader(self) -> DataLoader[Any]:
        """The micro-batches of this process."""
        loader: DataLoader[Any] = super().get_train_dataloader()  # type: ignore[misc]
        if world() == 1:
            return loader
        whole = loader.batch_sampler.batch_sampler  # type: ignore[union-attr]
        divided: DataLoader[Any] = prepare_data_loader(
            DataLoader(
                loader.dataset,
                batch_sampler=_Share(whole, self.args.gradient_accumulation_steps * world()),
                collate_fn=loader.collate_fn,
            ),
            device=self.accelerator.device,
            # `_Share` has divided it already.
            num_processes=1,
            process_index=0,
            put_on_device=self.accelerator.device_placement,
            use_seedable_sampler=True,
        )
        return divided

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Log the metrics of the whole step."""
        metrics = self._metrics["train"]
        if world() > 1 and metrics:
            own = torch.tensor([sum(values) / len(values) for values in metrics.values()])
            mean = self.accelerator.reduce(own.to(self.accelerator.device), reduction="mean")
            for values, value in zip(metrics.values(), mean.tolist(), strict=True):
                values[:] = [value]
        super().log(logs, start_time)  # type: ignore[misc]

    @contextmanager
    def own_numbers(self) -> Iterator[None]:
        """While this is entered, TRL's metrics are those of this process alone; `log` averages
        them over the processes."""
        names = ("gather", "gather_for_metrics", "reduce")
        own = {name: getattr(self.accelerator, name) for name in names}
        for name in names:
            setattr(self.accelerator, name, lambda values, **_: values)
        try:
            yield
        finally:
            for name in names:
                setattr(self.accelerator, name, own[name])


class _Share(BatchSampler):
    """The micro-batches of one process; `micro_batches` is how many a step has in all processes.
    Every process has at least one of each step: if there are too few, it gets the step's first one
    again, which does not count there (`places_of_step`)."""

    def __init__(self, batch_sampler: BatchSampler, micro_batches: int) -> None:
        self.batch_sampler = batch_sampler
        self.sampler = batch_sampler.sampler
        self.batch_size = batch_sampler.batch_size
        self.drop_last = False
        self._micro_batches = micro_batches

    def __iter__(self) -> Iterator[list[int]]:
        batches = iter(self.batch_sampler)
        while step := list(islice(batches, self._micro_batches)):
            yield from step[rank() :: world()] or step[:1]

    def __len__(self) -> int:
        steps, rest = divmod(len(self.batch_sampler), self._micro_batches)
        own = len(range(rank(), rest, world()))
        return steps * self._micro_batches // world() + (max(1, own) if rest else 0)


def places_of_step(own: Sequence[int]) -> tuple[list[int], bool]:
    """The places of a step's records in all processes, each once, and whether this process's
    records count: they do not if an earlier process has them too. `own` are the places of this
    process's records."""
    if world() == 1:
        return list(own), True
    gathered: list[list[int]] = [[] for _ in range(world())]
    distributed.all_gather_object(gathered, list(own))
    earlier = {place for places in gathered[: rank()] for place in places}
    return sorted({place for places in gathered for place in places}), own[0] not in earlier
