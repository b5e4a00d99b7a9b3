"""Everything that the sandbox can do wrong, for tests that mix it at random."""

from hypothesis import strategies as st

from genesys_assets.sandbox import on

EFFECTS = st.one_of(
    st.sampled_from([408, 500, 502, 503, 504, 429, 400, 404, 410, 403]).map(lambda status: {"status": status}),
    st.sampled_from(["1", "date", "soon", "0"]).map(lambda text: {"retry_after": text}),
    st.sampled_from(["before", "inside"]).map(lambda moment: {"drop": moment}),
    st.sampled_from(["id", "start", "page", "record"]).map(lambda kind: {"garbage": kind}),
    st.sampled_from(["FAILED", "EXPIRED", "CANCELLED", "unknown"]).map(lambda state: {"job": state}),
    st.sampled_from([-50, -3, 3, 9]).map(lambda rows: {"shift": rows}),
    st.sampled_from([0, 5, 12, 25]).map(lambda cap: {"cap": cap}),
    st.sampled_from([1, 2, 50]).map(lambda more: {"total_hits": more}),
    st.sampled_from([60_000.0, 80_000.0]).map(lambda lag: {"lag": lag}),  # a lake that has the day tells it as it was
    st.sampled_from(["truncate", "expire_token", "refuse_cursor", "next_page_cursor", "repeat"]).map(
        lambda name: {name: True}
    ),
    st.integers(3, 9).map(lambda limit: {"limit": limit}),
    st.sampled_from([1, 2, 5]).map(lambda rows: {"clamp": rows}),
    st.sampled_from(["conversations", "totalHits", "dataAvailabilityDate", "state", "jobId"]).map(
        lambda name: {"leave_out": (name,)}
    ),
    st.just({"error": "response.entity.too.large"}),
)
FAULTS = st.builds(
    lambda where, after, times, effect: on(where, after=after, times=times, **effect),
    where=st.sampled_from(
        ["", "details/query", "details/jobs$", "details/jobs/", "jobs/.*/results", "availability", "oauth"]
    ),
    after=st.integers(0, 12),
    times=st.one_of(st.integers(1, 6), st.none()),
    effect=EFFECTS,
)
