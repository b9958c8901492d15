//! Draws pictures to show to a model: a photo with marks on it, identified by a recipe.
//!
//! A [`View`] describes what a picture shows: a part of the photo, marks on it, and a caption. From one view, or
//! several side by side, a [`Painter`] computes a [`Recipe`], which decides everything without drawing anything, and
//! draws the picture. The recipe identifies the picture: **equal recipes give equal pictures**, bit for bit, on every
//! machine, because the painter uses only the recipe, the photo and the masks that the recipe names. A recipe is
//! normalised: defaults are written out, text is cleaned, boxes are clipped to the photo. The bytes of a JPEG file do
//! not identify a picture, since processors round differently.
//!
//! ```
//! use std::sync::Arc;
//!
//! use rescue_core::{Digest, Photo, Rect, Size};
//! use rescue_mask::{CompactMask, Mask, Style};
//! use rescue_picture::{Crop, Defaults, Mark, Painter, Shape, Target, View};
//!
//! let size = Size::new(640, 480);
//! let photo = Photo::new(size, vec![90; 640 * 480 * 3], Digest::of(b"the file")).ok_or("wrong length")?;
//! let thing = Mask::from_rect(size, Rect { x_min: 100.0, y_min: 100.0, x_max: 300.0, y_max: 200.0 });
//! let view = View {
//!     marks: vec![Mark {
//!         target: Target::Mask(Shape::new(Arc::new(CompactMask::new(thing)))),
//!         style: Style::Outline,
//!         colour: None,
//!         strength: None,
//!         label: "A".into(),
//!     }],
//!     crop: Crop::Around(0.5),
//!     max_side: 0,
//!     caption: "Is the red outline around a dog?".into(),
//! };
//!
//! let painter = Painter::new(Arc::new(photo), Defaults::default())?;
//! let recipe = painter.recipe(std::slice::from_ref(&view))?;
//! let jpeg = painter.jpeg(std::slice::from_ref(&view))?.to_vec();
//! assert_eq!(jpeg.get(..2), Some(&[0xff, 0xd8][..]));
//!
//! // The panel converts coordinates from the picture to the photo.
//! let panel = recipe.panels.first().ok_or("no panel")?;
//! assert_eq!((panel.area.x_min, panel.area.x_max), (0, 400));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod base_cache;
mod canvas;
mod crop;
mod error;
mod font;
mod label;
mod layout;
pub mod limits;
mod paint;
mod painter;
mod rasterize;
mod recipe;
mod resize;
mod resize_cache;
mod resolve;
mod text;
mod view;

pub use error::{MarkError, PictureError, ViewError};
pub use painter::{Defaults, Painter, Picture};
pub use recipe::{Caption, Drawn, Encoding, Filter, Panel, Recipe, Subject};
pub use resize::{Resampling, resize};
pub use view::{Crop, Mark, Shape, Target, View, mask_digest};

/// The version of the drawing rules. It must be raised whenever a recipe gives other pixels than before;
/// `tests/golden.rs` detects such a change.
pub const RENDER: u32 = 1;
