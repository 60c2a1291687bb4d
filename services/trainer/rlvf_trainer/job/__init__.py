"""The training job: one process, or one for each GPU, that trains one adapter. Of the trainer's
packages only this one imports torch."""
