//! What a file is, by its first bytes: for messages about files that are no photos, or photos of another format.

use std::path::Path;

/// The beginnings of files, at a position in bytes, and what they are.
const BEGINNINGS: &[(usize, &[u8], &str)] = &[
    (0, b"GIF8", "a GIF"),
    (0, b"BM", "a BMP"),
    (0, b"II*\0", "a TIFF, or a camera's raw file"),
    (0, b"MM\0*", "a TIFF, or a camera's raw file"),
    (0, b"\xff\x0a", "a JPEG XL"),
    (0, b"\0\0\0\x0cJXL ", "a JPEG XL"),
    (0, b"\0\0\0\x0cjP  ", "a JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000"),
    (0, b"8BPS", "a Photoshop file"),
    (0, b"%PDF", "a PDF"),
    (0, b"qoif", "a QOI"),
    (0, b"\x76\x2f\x31\x01", "an OpenEXR"),
    (0, b"PK\x03\x04", "a ZIP archive"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"version https://git-lfs", "a Git LFS pointer, not the file itself: fetch it with `git lfs pull`"),
    (8, b"WEBP", "a WebP"),
];
/// The brands of ISO base media files (`ftyp`), and what they are.
const BRANDS: &[(&[u8], &str)] = &[
    (b"avif", "an AVIF"),
    (b"avis", "an AVIF"),
    (b"heic", "a HEIC (HEIF)"),
    (b"heix", "a HEIC (HEIF)"),
    (b"hevc", "a HEIC (HEIF)"),
    (b"heim", "a HEIC (HEIF)"),
    (b"heis", "a HEIC (HEIF)"),
    (b"mif1", "a HEIF"),
    (b"msf1", "a HEIF"),
];

/// What a file is that is no JPEG, PNG or WebP, in words that follow "is". `None` if that is not known.
fn kind(bytes: &[u8]) -> Option<&'static str> {
    if bytes.is_empty() {
        return Some("empty");
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        let brands = bytes.get(8..12).into_iter().chain(bytes.get(16..64).unwrap_or_default().chunks_exact(4));
        let known = |brand: &[u8]| BRANDS.iter().find(|(name, _)| *name == brand).map(|(_, kind)| *kind);
        return Some(brands.into_iter().find_map(known).unwrap_or("a video (MP4, MOV)"));
    }
    let found =
        BEGINNINGS.iter().find(|(at, beginning, _)| bytes.get(*at..).is_some_and(|rest| rest.starts_with(beginning)));
    if let Some((_, _, kind)) = found {
        return Some(kind);
    }
    let text = bytes.get(..bytes.len().min(512)).unwrap_or_default().to_ascii_lowercase();
    let text = text.trim_ascii_start();
    let has = |word: &[u8]| text.windows(word.len()).any(|part| part == word);
    if has(b"<svg") {
        return Some("an SVG");
    }
    if text.starts_with(b"<!doctype html") || text.starts_with(b"<html") {
        return Some("a web page: perhaps an address led elsewhere than to the photo");
    }
    (text.starts_with(b"{") || text.starts_with(b"<")).then_some("a text")
}

/// Why a file is not read, in words that follow its name: what it is, whether its name says otherwise, and how to convert it.
pub(super) fn refusal(bytes: &[u8], file: Option<&Path>) -> String {
    let ending =
        file.and_then(Path::extension).map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    let named = match ending.as_str() {
        "jpg" | "jpeg" => Some("JPEG"),
        "png" => Some("PNG"),
        "webp" => Some("WebP"),
        _ => None,
    };
    let Some(kind) = kind(bytes) else {
        return "is not a JPEG, PNG or WebP image: convert it to one of these".into();
    };
    let named = named.map(|name| format!(", although its name says {name}")).unwrap_or_default();
    let converts =
        ["GIF", "BMP", "TIFF", "JPEG XL", "JPEG 2000", "Photoshop", "QOI", "OpenEXR", "AVIF", "HEI", "SVG", "PDF"];
    let way_out = if converts.iter().any(|name| kind.contains(name)) {
        let name = file.map_or_else(|| "IN".to_owned(), |file| file.display().to_string());
        let tool = if kind.contains("HEI") { "heif-convert" } else { "magick" };
        format!(". It is not read here: convert it, for example with `{tool} {name} photo.png`")
    } else {
        ". A JPEG, PNG or WebP image is needed".into()
    };
    format!("is {kind}{named}{way_out}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_by_what_they_are() {
        let said = |bytes: &[u8], file: &str| refusal(bytes, Some(Path::new(file)));
        let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
        assert_eq!(
            said(heic, "a/photo.jpg"),
            "is a HEIC (HEIF), although its name says JPEG. It is not read here: convert it, for example with `heif-convert \
             a/photo.jpg photo.png`"
        );
        for (bytes, part) in [
            (&b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif"[..], "is a HEIF"),
            (b"\0\0\0\x1cftypavif\0\0\0\0avif", "is an AVIF"),
            (b"\0\0\0\x18ftypisom\0\0\0\0", "is a video"),
            (b"GIF89a", "is a GIF"),
            (b"II*\0\x08", "is a TIFF"),
            (b"\xff\x0a\xfa", "is a JPEG XL"),
            (b"<?xml version=\"1.0\"?><svg xmlns", "is an SVG"),
            (b"\n<!DOCTYPE html><html>", "is a web page"),
            (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
            (b"%PDF-1.7", "is a PDF"),
            (b"", "is empty"),
            (b"This is no photo.", "is not a JPEG, PNG or WebP image"),
        ] {
            assert!(said(bytes, "photo.png").contains(part), "{part}: {}", said(bytes, "photo.png"));
        }
        assert!(!said(b"GIF89a", "photo.gif").contains("although"));
    }
}
