"""What runs when, and what is said of it: jobs, schedules, sensors, alerts, the purge, and how runs are launched.

What belongs here: planners, pure functions, under thin shells that talk to Dagster (`sensors`, `schedules`); how alerts
are worded and posted; the jobs `purge` and `forget_runs`; the run launcher of dagster.yaml. What a run computes belongs
to the assets.
"""
