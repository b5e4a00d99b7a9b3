"""What figures cannot be computed of: the branch `MetricsError` of `genesys_assets.errors`."""

from genesys_assets.errors import ProjectError


class MetricsError(ProjectError):
    """What is given leads to no figures."""


class UnknownIntervalError(MetricsError):
    """An interval is of a length that has no figures."""


class DoubledNameError(MetricsError):
    """A directory holds an id twice, so that it names nothing."""
