"""What runs when, and who is told of failures: jobs, schedules, sensors, alerts and the run launcher.

What belongs here: which days are requested (`planning`, pure functions) and the schedules and sensors that request
them; how alerts are worded and posted; the jobs `purge` and `forget_runs`; the run launcher of dagster.yaml. What a run
computes belongs to the assets.
"""
