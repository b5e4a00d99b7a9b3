"""The scenes that conversations are made of: a flow, a wait in a queue, a ringing agent, the handling, the hanging up.

Each scene adds its segments to the story and emits its metrics as Genesys Cloud does: when the measured thing ends,
with its whole value. `kinds` puts scenes together into conversations. A scene takes the instant at which it begins and
returns the instant at which it is over.
"""
