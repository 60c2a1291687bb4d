"""Loads an exported folder as somebody does who has nothing of ours: in a process that cannot
import any of our packages, with `datasets` and PEFT alone."""

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

_PROGRAM = """
import importlib.util, json, sys
from datasets import load_dataset
from peft import PeftModel
from transformers import AutoModelForCausalLM

folder, base, adapter, *names = sys.argv[1:]
ours = ("rlvf", "rlvf_api", "rlvf_common", "rlvf_client", "rlvf_trainer", "rlvf_inference")
found = [name for name in ours if importlib.util.find_spec(name) is not None]
model = AutoModelForCausalLM.from_pretrained(base)
model = PeftModel.from_pretrained(model, f"{folder}/adapters/{adapter}")
changed = sum(p.abs().sum().item() for n, p in model.named_parameters() if "lora_B" in n)
places = [folder, f"{folder}/data"]
sets = {name: load_dataset(places[i % 2], name, split="train") for i, name in enumerate(names)}
print(json.dumps({
    "ours": found,
    "adapter": model.peft_config["default"].r,
    "changed": changed,
    "rows": {name: rows.num_rows for name, rows in sets.items()},
    "first": {name: rows[0] for name, rows in sets.items()},
}))
"""


def load_elsewhere(folder: Path, base: Path, adapter: str, *sets: str) -> dict[str, Any]:
    """What is found in an exported folder: of an adapter, by its name, and of data sets, the first
    of which is read from the folder, the second from its `data`, and so on."""
    # Without `site` no `.pth` file is read, by which editable packages are found; the libraries
    # are on the path by name.
    libraries = [path for path in sys.path if path.endswith("site-packages")]
    with TemporaryDirectory() as empty:
        done = subprocess.run(
            [sys.executable, "-S", "-P", "-c", _PROGRAM, folder, base, adapter, *sets],
            env={
                "PATH": os.environ["PATH"],
                "HOME": empty,
                "HF_HUB_OFFLINE": "1",
                "PYTHONPATH": os.pathsep.join(libraries),
            },
            cwd=empty,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
