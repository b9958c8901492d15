//! stub
use rescue_mask::{Mask, Size};
pub(crate) fn coco(size: Size, _: &[Vec<f64>]) -> Result<Mask, String> {
    Ok(Mask::new(size))
}
pub(crate) fn cv2(size: Size, _: &[(i32, i32)]) -> Mask {
    Mask::new(size)
}
