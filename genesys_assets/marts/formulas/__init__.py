"""What the formulas of the marts are made of: measures, names, service level, days; and rules for their figures."""
