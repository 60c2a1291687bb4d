"""Verified rewards for trainers: answers are graded by the evaluator's `Score`.

Needs what the SDK needs, grpcio and protobuf. An adapter (`trl`, `verl`, `verifiers`, `inspect`)
imports its trainer, if it needs it at all, when it is used.
"""

from rlvf_client.rewards.rewarder import Batch, Reward, Rewarder, RewardUnavailable

__all__ = ["Batch", "Reward", "RewardUnavailable", "Rewarder"]
