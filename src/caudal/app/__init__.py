"""The web app: one local server over the same engine as the command line."""
