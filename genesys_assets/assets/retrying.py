"""How the steps of assets are tried again.

What belongs here: the kind of retry policy that every asset has. Which errors may pass is said by the errors themselves
(`allow_retries`); how often and after how long, by the assets.
"""

import sys

import dagster as dg
from dagster._core.errors import DagsterExecutionInterruptedError


class UnlessTerminated(dg.RetryPolicy):
    """Tries again after an error, and ends with the run when the run is terminated.

    Dagster's own policy takes the interrupt of a terminated run for an error too, and the run would go on. Dagster asks
    for the delay while it handles what was raised, so that the interrupt can be told from an error then.
    """

    def calculate_delay(self, attempt_num: int) -> float:
        """Seconds until the next attempt.

        Raises:
            DagsterExecutionInterruptedError: The run was terminated: there is no next attempt.
        """
        raised = sys.exception()
        if isinstance(raised, DagsterExecutionInterruptedError | KeyboardInterrupt):
            raise raised
        return super().calculate_delay(attempt_num)
