"""What a step has read so far, on disk, slice by slice: Parquet parts and a manifest."""

from genesys_assets.checkpoint.checkpoint import ParquetCheckpoint, is_being_filled
from genesys_assets.checkpoint.scrubbed import ScrubbedCheckpoint

__all__ = ["ParquetCheckpoint", "ScrubbedCheckpoint", "is_being_filled"]
