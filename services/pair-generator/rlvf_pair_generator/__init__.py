"""The pair generator: turns problems into preference pairs and verified answers."""

import os

# The audit's matrices are small: more threads of BLAS only make it slower on a busy machine.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
