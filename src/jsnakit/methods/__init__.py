"""The statistics of public health, each with its formula and its source: one module a family."""

__all__: list[str] = []
