"""Learn: fit the model to the record."""
