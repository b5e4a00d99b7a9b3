"""What cannot become rows: the branch `TablesError` of `genesys_assets.errors`."""

from genesys_assets.errors import ProjectError


class TablesError(ProjectError):
    """What is given is nothing that a table can hold."""
