"""The kinds of test, in the judge's process: one module each, with the name of its field in
`GradeRequest`, and `checker`, which judges one output of a whole program.

Each module has `prepare`, which parses and compiles a test; its arguments are the fields of the
payload (`contract/test_payload.py`).
"""

import os
from importlib import import_module

MODULES = {
    name: import_module(f"{__name__}.{name}")
    for name, suffix in map(os.path.splitext, sorted(os.listdir(__path__[0])))
    if suffix == ".py" and not name.startswith("_")
}
"""The modules by kind."""
