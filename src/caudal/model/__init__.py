"""What happens: state, blocks, the step, and what is measured of it."""
