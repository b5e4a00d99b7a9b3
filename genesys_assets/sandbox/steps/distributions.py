"""What happens by chance, and how long it lasts."""

from __future__ import annotations

from random import Random

from genesys_assets.sandbox.scenario import MINUTE, SECOND


def lasting(random: Random, mean_seconds: float, least: float, most: float) -> int:
    """Return a duration in milliseconds, skewed as talk and waiting times are, within bounds given in seconds."""
    seconds = random.lognormvariate(0.0, 0.7) * mean_seconds * 0.78
    return int(min(max(seconds, least), most) * SECOND)


def chance(random: Random, probability: float) -> bool:
    """Return whether something of this probability happens."""
    return random.random() < probability


def patience(random: Random, mean_seconds: float) -> int:
    """Return the milliseconds that pass in a queue until an agent is free."""
    return lasting(random, mean_seconds, 0.4, mean_seconds * 9)


def phone_number(random: Random) -> str:
    """Return a caller's number; from the ranges reserved for fiction."""
    return f"tel:+4477009{random.randrange(100_000):05d}"


def stretches(random: Random, mean_seconds: float, hold_probability: float, most: float = 3_600) -> list[int]:
    """Return milliseconds of talk and hold in turn, as `talk` takes them."""
    whole = lasting(random, mean_seconds, 8, most)
    if not chance(random, hold_probability):
        return [whole]
    cut = int(whole * random.uniform(0.2, 0.8))
    if chance(random, 0.8):
        return [cut, lasting(random, 45, 3, 300), whole - cut]
    return [cut, lasting(random, 40, 3, 300), (whole - cut) // 2 + 1, lasting(random, 20, 3, 120), (whole - cut) // 2]


def after_call_work(random: Random, mean_seconds: float = 40) -> int:
    """Return milliseconds of after-call work; one conversation in eight has none."""
    return 0 if chance(random, 0.125) else lasting(random, mean_seconds, 1, 15 * MINUTE // SECOND)
