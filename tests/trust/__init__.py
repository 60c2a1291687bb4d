"""Known attacks on graders, against graders in use and ours: `make trust`, `docs/trust.md`."""
