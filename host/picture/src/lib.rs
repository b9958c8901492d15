//! Pictures to show to a model: a photo with marks drawn on it, by recipe.
