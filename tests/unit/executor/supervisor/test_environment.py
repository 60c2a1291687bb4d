"""Which programs start with all packages of their environment."""

import pytest

from rlvf_executor.supervisor.environment import mentions_packages


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"import pandas as pd", True),
        (b"from scipy import stats", True),
        (b'{"source": "import networkx\\nimport sympy"}', True),
        (b"import numpy as np", False),
        (b"pandas_like = scipyx = 1", False),
        (b"", False),
    ],
)
def test_a_package_that_is_named_is_found(text: bytes, found: bool) -> None:
    assert mentions_packages([b"def f(x): return x", text]) is found
