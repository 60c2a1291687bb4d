"""The part in C (`rlvf_executor/native/native.h`); all else is in pyproject.toml.

It needs a C compiler and Python's headers: on Debian, gcc, libc6-dev and python3-dev.
"""

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "rlvf_executor.native._native",
            sources=[
                f"rlvf_executor/native/{name}.c"
                for name in ("calls", "children", "large_pages", "module")
            ],
            depends=["rlvf_executor/native/native.h"],
            extra_compile_args=["-std=c11", "-Wall", "-Wextra"],
        )
    ]
)
