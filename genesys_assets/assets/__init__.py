"""The assets, thin: fetch or load, shape, return. One module a layer; their checks beside them."""
