"""What is measured against one another: a process each, which ends with one line of JSON (see `stopwatch`)."""
