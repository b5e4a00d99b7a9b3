"""Service level as an organisation configures it: its three switches and the formula. Nothing else.

Source: the Genesys Cloud Resource Center article "Configure the service level calculation"
(help.genesys.cloud/articles/configure-the-service-level-calculation/), page Admin > Contact Center > Analytics,
heading "Service Level Calculations Options". Genesys applies a change of the switches to past dates too; here the
stored ratio keeps the switches it was computed with, and `roll_up` recomputes it exactly with any others.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import product

import polars as pl


@dataclass(frozen=True)
class ServiceLevelOptions:
    """The three switches of the Genesys admin page, in its order and with its names.

    The defaults give `(answered - over service level) / (answered + abandoned)`, the formula that the article states
    before any switch is touched.

    Attributes:
        include_flowouts_in_calculation: Flow-outs are added to the denominator.
        include_short_abandons_in_calculation: Off: short abandons are taken off the denominator.
        include_abandons_in_calculation: Off: all abandons are taken off the denominator, and with them the short ones,
            which Genesys counts among the abandons (they are taken off once, not twice).
    """

    include_flowouts_in_calculation: bool = False
    include_short_abandons_in_calculation: bool = True
    include_abandons_in_calculation: bool = True

    def denominator(self) -> pl.Expr:
        """Return the interactions that the service level is measured against, from the additive columns of a mart."""
        interactions = pl.col("answered")
        if self.include_abandons_in_calculation:
            interactions = interactions + pl.col("abandoned")
            if not self.include_short_abandons_in_calculation:
                interactions = interactions - pl.col("short_abandoned")
        if self.include_flowouts_in_calculation:
            interactions = interactions + pl.col("flow_outs")
        return interactions

    def changed(self, from_others: ServiceLevelOptions) -> dict[str, bool]:
        """Return the switches that stand otherwise than those of others, with what they are here."""
        mine, others = asdict(self), asdict(from_others)
        return {switch: on for switch, on in mine.items() if on != others[switch]}


EVERY_SETTING = tuple(ServiceLevelOptions(*switches) for switches in product((False, True), repeat=3))
"""All eight settings of the switches."""
