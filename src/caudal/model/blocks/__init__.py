"""One mechanism, one noun, one file. A block returns flows and never writes a stock."""
