//! Every level gives the same bits.
