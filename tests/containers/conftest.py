import pytest

from tests.containers.overlays import OVERLAYS, VARIANTS, Overlay, load_overlay, load_variant


@pytest.fixture(
    scope="session", params=[*OVERLAYS, *VARIANTS], ids=lambda one: getattr(one, "name", one)
)
def overlay(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Overlay:
    """Each overlay, and each variant."""
    if isinstance(request.param, str):
        return load_overlay(request.param)
    return load_variant(request.param, tmp_path_factory.mktemp(request.param.name))
