//! The border as wasmtime's bindings see it: one module per published version of the WIT package, generated from `wit/`.
#![allow(missing_docs, reason = "every item is documented in wit/, from which this is generated")]

wasmtime::component::bindgen!({
    path: "../../wit/0.1.0",
    world: "all-kinds",
    imports: { default: trappable },
    additional_derives: [PartialEq, serde::Serialize, serde::Deserialize],
});

use self::rescue::plugin::types;
use rescue_core::{Point, Rect, Size};

impl From<Rect> for types::Rect {
    fn from(Rect { x_min, y_min, x_max, y_max }: Rect) -> Self {
        Self { x_min, y_min, x_max, y_max }
    }
}

impl From<types::Rect> for Rect {
    fn from(types::Rect { x_min, y_min, x_max, y_max }: types::Rect) -> Self {
        Self { x_min, y_min, x_max, y_max }
    }
}

impl From<types::Point> for Point {
    fn from(types::Point { x, y, inside }: types::Point) -> Self {
        Self { x, y, inside }
    }
}

impl From<Size> for types::Size {
    fn from(Size { width, height }: Size) -> Self {
        Self { width, height }
    }
}

impl From<types::Size> for Size {
    fn from(types::Size { width, height }: types::Size) -> Self {
        Self { width, height }
    }
}
