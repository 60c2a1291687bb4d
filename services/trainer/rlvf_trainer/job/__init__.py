"""The training job: one process that trains one adapter. Only this package imports torch."""
