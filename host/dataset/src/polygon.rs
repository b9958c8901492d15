//! Draws polygons into masks, pixel by pixel as the reference code of each data set does.
