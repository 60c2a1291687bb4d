"""`python -m rlvf_inference`: serve a model and its adapters."""

from rlvf_common.rpc.settings import load
from rlvf_inference.launcher import launch
from rlvf_inference.settings import InferenceSettings

# vLLM starts its engine by spawning, which imports this module again.
if __name__ == "__main__":
    raise SystemExit(launch(load(InferenceSettings)))
