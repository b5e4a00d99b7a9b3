"""The steps that conversations are made of: a flow, a wait in a queue, a ringing agent, the handling, the hanging up.

Each step adds its segments to the scenario and emits its metrics as Genesys Cloud does: when the measured thing ends,
with its whole value. `scenario_types` puts steps together into conversations. A step takes the instant at which it
begins and returns the instant at which it is over.
"""
