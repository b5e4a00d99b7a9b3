"""How fast voice calls decode, and in how much memory: `python -m genesys_assets_tests.benchmarks.decoding [CALLS]`.

100,000 calls of about 5.6 kB: a customer, an IVR with its flow, a queue and an agent, with three attributes. They are
written by another process, so that the peak is the decoding's own. CPU time is told beside the wall's: on a machine
that others use too it is the steadier of the two. Goals: 20,000 a second on two idle cores; a peak below 400 MB.
"""

import multiprocessing
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from genesys_assets.tables.decode import decode

DAY = date(2026, 11, 20)
Json = dict[str, Any]


class Call:
    """One inbound call, told from its start on: the clock moves as its parts are written."""

    def __init__(self, random_: random.Random) -> None:
        self.random = random_
        self.clock = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC) + timedelta(milliseconds=self.below(80_000_000))
        self.queue = self.id()

    def below(self, top: int) -> int:
        return self.random.randrange(1, top)

    def id(self) -> str:
        digits = f"{self.random.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def now(self) -> str:
        return self.clock.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def segment(self, kind: str, milliseconds: int, **fields: Any) -> Json:
        start = self.now()
        self.clock += timedelta(milliseconds=milliseconds)
        return {"conference": False, "segmentStart": start, "segmentEnd": self.now(), "segmentType": kind, **fields}

    def metric(self, name: str, value: int = 1) -> Json:
        return {"emitDate": self.now(), "name": name, "value": value}

    def party(self, purpose: str, segments: list[Json], metrics: list[Json], **fields: Any) -> Json:
        session = {
            "ani": "tel:+15550001234",
            "direction": "inbound",
            "dnis": "tel:+15550005678",
            "edgeId": self.id(),
            "mediaType": "voice",
            "peerId": self.id(),
            "provider": "Edge",
            "requestedRoutings": ["Standard"],
            "sessionId": self.id(),
            **fields,
            "metrics": metrics,
            "segments": segments,
        }
        return {"participantId": self.id(), "participantName": purpose, "purpose": purpose, "sessions": [session]}

    def document(self) -> Json:
        """The call's record, from the caller's first second to the agent's wrap-up."""
        start = self.now()
        ring = [self.segment("system", 200)]
        connected = self.metric("nConnected")
        ivr = self._ivr(ring)
        queue = self._queue()
        agent = self._agent()
        customer = self.party("customer", ring, [connected, self.metric("tConnected", 400_000)])
        customer["attributes"] = {"intent": "billing", "tier": "gold", "verified": "true"}
        return {
            "conversationEnd": self.now(),
            "conversationId": self.id(),
            "conversationStart": start,
            "divisionIds": [self.id()],
            "mediaStatsMinConversationMos": 4 + self.random.random(),
            "originatingDirection": "inbound",
            "participants": [customer, ivr, queue, agent],
        }

    def _ivr(self, ring: list[Json]) -> Json:
        segment = self.segment("ivr", self.below(40_000), disconnectType="transfer")
        flow = {
            "entryReason": "tel:+15550005678",
            "entryType": "dnis",
            "exitReason": "TRANSFER",
            "flowId": self.id(),
            "flowName": "Main menu",
            "flowType": "INBOUNDCALL",
            "flowVersion": "28.0",
            "transferTargetAddress": self.queue,
            "transferType": "ACD",
        }
        names = ["tIvr", "tFlow", "tFlowExit"]
        metrics = [self.metric("nFlow"), *(self.metric(name, 30_000) for name in names)]
        return self.party("ivr", [*ring, segment], metrics, flow=flow)

    def _queue(self) -> Json:
        delay = self.segment("delay", 50, queueId=self.queue)
        offered, wait = self.metric("nOffered"), self.below(60_000)
        waiting = self.segment("interact", wait, queueId=self.queue, disconnectType="transfer")
        return self.party("acd", [delay, waiting], [offered, self.metric("tAcd", wait)])

    def _agent(self) -> Json:
        segments = [self.segment("alert", 3_000, queueId=self.queue)]
        metrics = [self.metric("tAlert", 3_000), self.metric("tAnswered", 20_000)]
        for kind, name in (("interact", "tTalk"), ("hold", "tHeld"), ("interact", "tTalk")):
            spent = self.below(200_000)
            segments.append(self.segment(kind, spent, queueId=self.queue))
            metrics.append(self.metric(name, spent))
        metrics += [self.metric("tTalkComplete", 200_000), self.metric("tHeldComplete", 9_000)]
        segments.append(self.segment("wrapup", self.below(30_000), queueId=self.queue, wrapUpCode=self.id()))
        metrics += [self.metric("tAcw", 20_000), self.metric("tHandle", 229_000)]
        stats = {"codecs": ["audio/opus"], "eventTime": self.now(), "maxLatencyMs": 30, "minMos": 4.87}
        stats |= {"minRFactor": 92.4, "receivedPackets": self.below(4_000)}
        agent = self.party("agent", segments, metrics, mediaEndpointStats=[stats], usedRouting="Standard")
        return {**agent, "userId": self.id()}


def documents(count: int, seed: int = 1) -> Iterator[str]:
    """That many calls as JSON, the same for a seed."""
    random_ = random.Random(seed)  # noqa: S311 - generated calls guard no secret
    for _ in range(count):
        yield msgspec.json.encode(Call(random_).document()).decode()


def write(file: Path, count: int) -> None:
    """Writes raw conversations as the warehouse hands them on."""
    frame = pl.LazyFrame({"document": documents(count)}, schema={"document": pl.String})
    frame.select(partition_date=pl.lit(DAY), document="document").sink_parquet(file, row_group_size=2_000)


def main(count: int) -> None:
    """Prints the rates of two rounds: the second tells whether the memory stays."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "raw.parquet"
        writer = multiprocessing.get_context("spawn").Process(target=write, args=(file, count))
        writer.start()
        writer.join()
        size = sum(map(len, documents(100))) / 100
        print(f"{count:,} conversations of {size:,.0f} bytes; before: {_peak():,.0f} MB")
        for _ in range(2):
            wall, cpu = time.perf_counter(), time.process_time()
            decode(pl.scan_parquet(file), Path(folder) / "tables")
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            print(f"{count / wall:,.0f} a second, {count / cpu:,.0f} a second of CPU; peak {_peak():,.0f} MB")


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
