"""Run it: scenarios as documents, draws, the executor and the labelled results."""
