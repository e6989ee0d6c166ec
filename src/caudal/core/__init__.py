"""What every layer shares: errors, messages, records, units and the clock."""
