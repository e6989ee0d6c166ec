"""What we know: sources, observed series, typed records, and the inputs of the model."""
