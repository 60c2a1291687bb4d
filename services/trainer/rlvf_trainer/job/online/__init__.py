"""Online reinforcement learning: answers are drawn from inference and graded by the executor while
the policy is trained, and inference samples with the policy's adapters.

    schedule        which problems a step has, and with the adapter of which step it samples
    drawing         draws and grades the answers of a step
    samples         graded answers, their rewards and advantages
    rollouts        the answers of steps, in order, ahead of training where that is allowed
    publishing      hands adapters to inference
    policy_trainer  TRL's GRPO trainer on those answers
    trl_trainer     imports TRL's classes without vLLM
    online_run      connects all of them
"""
