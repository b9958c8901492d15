//! Reads pickles that hold plain data, and executes nothing.
