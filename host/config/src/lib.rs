//! What a run is configured with: one file, the environment, and flags.
