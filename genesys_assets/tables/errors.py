"""The errors of decoding: the branch `TablesError` of `genesys_assets.errors`."""

from genesys_assets.errors import ProjectError


class TablesError(ProjectError):
    """Something that no table can hold was given to be decoded."""
