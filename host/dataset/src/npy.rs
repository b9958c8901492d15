//! Reads arrays of bools from NumPy files.
