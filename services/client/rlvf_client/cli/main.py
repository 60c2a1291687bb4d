"""The `rlvf` command with all its subcommands.

Importing a module of commands adds them to the group `main`.
"""

from rlvf_client.cli import (
    grading_commands,
    keeping_commands,
    plan_commands,
    profile_commands,
    run_commands,
    stack_commands,
)
from rlvf_client.cli.group import main

__all__ = [
    "grading_commands",
    "keeping_commands",
    "main",
    "plan_commands",
    "profile_commands",
    "run_commands",
    "stack_commands",
]

if __name__ == "__main__":
    main()
