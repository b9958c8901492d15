//! The border's types and functions as wasmtime's bindings, generated from `wit/`, and conversions to the types of `rescue-core`.
#![allow(missing_docs, reason = "every item is documented in wit/, from which this is generated")]

use self::rescue::plugin::types;

wasmtime::component::bindgen!({
    path: "../../wit/0.1.0",
    world: "all-kinds",
    imports: { default: trappable },
    additional_derives: [PartialEq, serde::Serialize, serde::Deserialize],
});

impl From<types::Rect> for rescue_core::Rect {
    fn from(types::Rect { x_min, y_min, x_max, y_max }: types::Rect) -> Self {
        Self { x_min, y_min, x_max, y_max }
    }
}

impl From<rescue_core::Rect> for types::Rect {
    fn from(rescue_core::Rect { x_min, y_min, x_max, y_max }: rescue_core::Rect) -> Self {
        Self { x_min, y_min, x_max, y_max }
    }
}

impl From<types::Point> for rescue_core::Point {
    fn from(types::Point { x, y, inside }: types::Point) -> Self {
        Self { x, y, inside }
    }
}

impl From<types::Size> for rescue_core::Size {
    fn from(types::Size { width, height }: types::Size) -> Self {
        Self { width, height }
    }
}

impl From<rescue_core::Size> for types::Size {
    fn from(rescue_core::Size { width, height }: rescue_core::Size) -> Self {
        Self { width, height }
    }
}
