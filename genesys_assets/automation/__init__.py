"""What runs when: jobs, schedules, sensors. Planners are pure functions, under thin shells that talk to Dagster."""
