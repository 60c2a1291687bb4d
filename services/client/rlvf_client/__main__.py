"""The `rlvf` command's entry point. If only the SDK is installed, it prints what is missing."""


def main() -> None:
    """Run the command."""
    try:
        from rlvf_client.cli.main import main as command
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package == "rlvf_client":
            raise
        raise SystemExit(
            f"rlvf: the command needs the Python package `{package}`, which is not installed; "
            "install `rlvf-client[cli]` (the SDK alone needs no extra)"
        ) from None
    command(prog_name="rlvf")


if __name__ == "__main__":
    main()
