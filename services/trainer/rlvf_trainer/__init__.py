"""The trainer: launches training runs, tracks them, resumes them.

This package is the control plane and imports no torch; `rlvf_trainer.job` is what it launches.
"""
