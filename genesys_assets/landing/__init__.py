"""What a step has read so far, on disk, slice by slice: Parquet parts and a manifest."""

from genesys_assets.landing.landing import Landing

__all__ = ["Landing"]
