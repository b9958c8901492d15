//! Reads what models reply: choices, places and JSON out of text.
