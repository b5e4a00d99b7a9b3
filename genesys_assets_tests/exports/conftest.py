"""Destinations of exports: a folder, and a bucket of an S3 server on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from genesys_assets.exports import Destination, destination_of
from genesys_assets_tests.object_storage import s3_endpoint, s3_url

__all__ = ["s3_endpoint", "s3_url"]


@pytest.fixture(params=["folder", "bucket"])
def destination(request: pytest.FixtureRequest, tmp_path: Path) -> Destination:
    """Each kind of destination."""
    if request.param == "folder":
        return destination_of(str(tmp_path / "exports"))
    return destination_of(request.getfixturevalue("s3_url"))
