//! The samples of a run over several: read from a file with one JSON object a line, or made of images with one query.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::input;

/// The most samples of a run.
pub const MAX_SAMPLES: usize = 1_000_000;
/// The longest line of a file of samples, in bytes.
pub const MAX_LINE_BYTES: u64 = 1 << 20;
/// The longest id of a sample, in bytes. It is the name of a folder.
pub const MAX_ID_BYTES: usize = 100;

/// What the names of photos end in, in lower case. Other files in a folder of photos are passed over.
const PHOTOS: [&str; 4] = ["jpg", "jpeg", "png", "webp"];

/// One sample of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListedSample {
    /// Its line in the file, or its number among the images, from 1.
    pub line: u64,
    /// Its name, which no other sample of the list has. Its results are in the folder `samples/ID` of the run.
    pub id: String,
    /// The image's file.
    pub image: PathBuf,
    /// What to find, in a sentence.
    pub query: String,
    /// The seed of this sample. `None` if it is that of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The line as it was given, which is carried through to the result line; image and query if there was no file.
    pub given: Map<String, Value>,
}

/// A line that is no sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BadLine {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong with it, and what would be right.
    pub why: String,
    /// The line as it was given; empty if it is no JSON object.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub given: Map<String, Value>,
}

/// An entry of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Entry {
    /// A sample.
    Sample(ListedSample),
    /// A line that is none. It counts as failed; the others are searched.
    Bad(BadLine),
}

/// The samples of a run, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SampleList {
    entries: Vec<Entry>,
}

/// A list of samples that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {cause}", file.display())]
pub struct SampleListError {
    /// The file or folder.
    pub file: PathBuf,
    /// Why.
    pub cause: io::Error,
}

/// A line of a file of samples.
#[derive(Deserialize)]
struct Line {
    image: PathBuf,
    query: String,
    id: Option<Value>,
}

impl SampleList {
    /// Reads a file of samples. Each line is a JSON object with `image` (a path, relative to the file's folder), `query` and, optionally,
    /// `id`; other fields are carried through. A sample without an id has its line's number as its id. Empty lines are passed over.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read, holds nothing, or has more than [`MAX_SAMPLES`] lines. A bad line is an entry of its
    /// own and no error.
    pub fn read(file: &Path) -> Result<Self, SampleListError> {
        let fail = |cause| SampleListError { file: file.to_owned(), cause };
        let folder = file.parent().unwrap_or(Path::new(""));
        let mut reader = BufReader::new(File::open(file).map_err(fail)?);
        let mut list = Building::default();
        for number in 1.. {
            let mut bytes = Vec::new();
            let read = reader.by_ref().take(MAX_LINE_BYTES + 1).read_until(b'\n', &mut bytes).map_err(fail)?;
            if read == 0 {
                break;
            }
            if bytes.len() as u64 > MAX_LINE_BYTES {
                skip_line(&mut reader, &bytes).map_err(fail)?;
                list.bad(number, format!("it has more than {MAX_LINE_BYTES} bytes"), Map::new());
                continue;
            }
            // Some editors put a mark of three bytes before the first line.
            let text = bytes.strip_prefix(b"\xef\xbb\xbf").filter(|_| number == 1).unwrap_or(&bytes).trim_ascii();
            if !text.is_empty() {
                match object(text) {
                    Ok(given) => match sample(&given, number, folder) {
                        Ok(sample) => list.add(sample),
                        Err(why) => list.bad(number, why, given),
                    },
                    Err(why) => list.bad(number, why, Map::new()),
                }
            }
        }
        list.finish(file)
    }

    /// These samples. `place` names what they come from, for messages.
    ///
    /// # Errors
    ///
    /// Returns an error if there are none, or more than [`MAX_SAMPLES`].
    pub fn of(samples: Vec<ListedSample>, place: &Path) -> Result<Self, SampleListError> {
        let mut list = Building::default();
        samples.into_iter().for_each(|sample| list.add(sample));
        list.finish(place)
    }

    /// One sample for each image with the same query. A folder stands for all JPEG, PNG and WebP files in it, by name, without those in
    /// folders below. A sample's id is its file's name without the ending, with a number behind it where two are the same.
    ///
    /// # Errors
    ///
    /// Returns an error if a folder cannot be read or holds no photo.
    pub fn of_images(images: &[PathBuf], query: &str) -> Result<Self, SampleListError> {
        let mut files = Vec::new();
        for image in images {
            if !image.is_dir() {
                files.push(image.clone());
                continue;
            }
            let found = photos_in(image).map_err(|cause| SampleListError { file: image.clone(), cause })?;
            files.extend(found);
        }
        let mut list = Building::default();
        for (image, line) in files.into_iter().zip(1..) {
            if image.to_str().is_none() {
                list.bad(line, format!("{}: its name is no UTF-8: rename it", image.display()), Map::new());
                continue;
            }
            let stem: String = image.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let stem = if check_id(&stem).is_ok() { stem } else { line.to_string() };
            let mut id = stem.clone();
            let mut more = 2;
            while list.ids.contains_key(&id.to_lowercase()) {
                id = format!("{stem}-{more}");
                more += 1;
            }
            let given = Map::from_iter([
                ("image".to_owned(), image.display().to_string().into()),
                ("query".to_owned(), query.into()),
            ]);
            list.add(ListedSample { line, id, image, query: query.to_owned(), seed: None, given });
        }
        list.finish(images.first().map_or(Path::new(""), PathBuf::as_path))
    }

    /// The samples for which `keep`, without bad lines.
    #[must_use]
    pub fn only(&self, keep: impl Fn(&ListedSample) -> bool) -> Self {
        let kept = |entry: &&Entry| matches!(entry, Entry::Sample(sample) if keep(sample));
        Self { entries: self.entries.iter().filter(kept).cloned().collect() }
    }

    /// The entries, in their order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The list as it is kept in the folder of a run: one JSON object a line, images by their absolute paths.
    pub(super) fn write(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        for entry in &self.entries {
            let entry = match entry {
                Entry::Sample(sample) => {
                    let image = std::path::absolute(&sample.image).unwrap_or_else(|_| sample.image.clone());
                    Entry::Sample(ListedSample { image, ..sample.clone() })
                }
                bad @ Entry::Bad(_) => bad.clone(),
            };
            serde_json::to_writer(&mut bytes, &entry)?;
            bytes.push(b'\n');
        }
        Ok(bytes)
    }

    /// Reads what [`SampleList::write`] has written.
    pub(super) fn read_kept(bytes: &[u8]) -> io::Result<Self> {
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        Ok(Self { entries: lines.map(serde_json::from_slice).collect::<Result<_, _>>()? })
    }
}

/// A list while it is read.
#[derive(Default)]
struct Building {
    entries: Vec<Entry>,
    /// The line of each id, in lower case: some file systems do not tell the cases apart.
    ids: BTreeMap<String, u64>,
}

impl Building {
    fn add(&mut self, sample: ListedSample) {
        let id = sample.id.to_lowercase();
        if let Some(line) = self.ids.get(&id) {
            let why = format!(
                "its id {:?} is that of line {line} (without an id, a line has its number; upper and lower case count as one)",
                sample.id
            );
            self.bad(sample.line, why, sample.given);
        } else {
            self.ids.insert(id, sample.line);
            self.entries.push(Entry::Sample(sample));
        }
    }

    fn bad(&mut self, line: u64, why: String, given: Map<String, Value>) {
        self.entries.push(Entry::Bad(BadLine { line, why, given }));
    }

    fn finish(self, file: &Path) -> Result<SampleList, SampleListError> {
        let why = match self.entries.len() {
            0 => "it holds no samples".to_owned(),
            1..=MAX_SAMPLES if !self.entries.iter().any(|entry| matches!(entry, Entry::Sample(_))) => {
                let first = self.entries.iter().find_map(|entry| match entry {
                    Entry::Bad(BadLine { line, why, .. }) => Some(format!("line {line}: {why}")),
                    Entry::Sample(_) => None,
                });
                format!("none of its lines is a sample. {}", first.unwrap_or_default())
            }
            1..=MAX_SAMPLES => return Ok(SampleList { entries: self.entries }),
            more => format!("it holds {more} samples, and at most {MAX_SAMPLES} are taken"),
        };
        Err(SampleListError { file: file.to_owned(), cause: io::Error::new(io::ErrorKind::InvalidData, why) })
    }
}

/// Passes over the rest of a line of which `bytes` were read.
fn skip_line(reader: &mut impl BufRead, bytes: &[u8]) -> io::Result<()> {
    if bytes.last() == Some(&b'\n') { Ok(()) } else { reader.skip_until(b'\n').map(drop) }
}

/// What is wrong with a line that is no sample. The text that was read is one line, whatever its number in the file.
fn wrong(error: &serde_json::Error) -> String {
    let error = error.to_string().replace(" at line 1 column ", " at column ");
    format!("{error}; a line is an object such as {{\"image\": \"street.jpg\", \"query\": \"the red car\"}}")
}

/// The object on a line. The error says what is wrong with it.
fn object(text: &[u8]) -> Result<Map<String, Value>, String> {
    serde_json::from_slice(text).map_err(|error| wrong(&error))
}

/// The sample of a line. The error says what is wrong with it.
fn sample(given: &Map<String, Value>, line: u64, folder: &Path) -> Result<ListedSample, String> {
    let read = Line::deserialize(given).map_err(|error| wrong(&error))?;
    let id = match read.id {
        None | Some(Value::Null) => line.to_string(),
        Some(Value::String(id)) => id,
        Some(Value::Number(id)) if id.is_u64() => id.to_string(),
        Some(_) => return Err("its id is neither a text nor a whole number".into()),
    };
    check_id(&id)?;
    input::query(&read.query).map_err(|error| error.to_string())?;
    Ok(ListedSample { line, id, image: folder.join(read.image), query: read.query, seed: None, given: given.clone() })
}

/// Fails if an id cannot be the name of a folder.
fn check_id(id: &str) -> Result<(), String> {
    let refused = |character: char| character.is_control() || "/\\:*?\"<>|".contains(character);
    let why = if id.is_empty() || id.len() > MAX_ID_BYTES {
        format!("an id has 1 to {MAX_ID_BYTES} bytes")
    } else if let Some(character) = id.chars().find(|character| refused(*character)) {
        format!("an id names a folder and has no {character:?} in it")
    } else if id.starts_with('.') || id.ends_with(['.', ' ']) || id.starts_with(' ') {
        "an id names a folder and neither begins nor ends with a dot or a space".into()
    } else {
        return Ok(());
    };
    Err(format!("its id is {id:?}, and {why}"))
}

/// The photos in a folder, by name.
fn photos_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut photos = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let file = entry?.path();
        let ending = file.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        if ending.is_some_and(|ending| PHOTOS.contains(&ending.as_str())) && file.is_file() {
            photos.push(file);
        }
    }
    if photos.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "it holds no JPEG, PNG or WebP files"));
    }
    photos.sort();
    Ok(photos)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Result<SampleList, SampleListError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("list.jsonl");
        std::fs::write(&file, text).unwrap();
        let mut list = SampleList::read(&file)?;
        for entry in &mut list.entries {
            if let Entry::Sample(sample) = entry {
                sample.image = sample.image.strip_prefix(folder.path()).unwrap_or(&sample.image).to_owned();
            }
        }
        Ok(list)
    }

    #[test]
    fn each_line_is_a_sample_or_is_named() {
        let long = format!("{{\"image\": \"a.jpg\", \"query\": \"{}\"}}", "x".repeat(5000));
        let lines = [
            "\u{feff}{\"image\": \"a.jpg\", \"query\": \"the dog\", \"mask\": [1, 2]}",
            "",
            "{\"image\": \"/b.png\", \"query\": \"the cat\", \"id\": \"Cat\"}",
            "{\"image\": \"b.png\", \"query\": \"the cat\", \"id\": \"cat\"}",
            "{\"image\": \"b.png\", \"query\": \"the cat\", \"id\": 7}",
            "{\"image\": \"b.png\", \"query\": \"the cat\", \"id\": \"../x\"}",
            "{\"image\": \"b.png\", \"query\": \"the cat\", \"id\": \"..\"}",
            "{\"image\": \"b.png\", \"query\": \"the cat\", \"id\": [1]}",
            "{\"image\": \"b.png\", \"query\": \" \"}",
            "{\"image\": \"b.png\"}",
            "[1]",
            "{\"image\":",
            &long,
        ];
        let list = read(lines.join("\n").as_bytes()).unwrap();
        let of = |entry: &Entry| match entry {
            Entry::Sample(sample) => format!("{} {} {}", sample.line, sample.id, sample.image.display()),
            Entry::Bad(bad) => format!("{} {}", bad.line, bad.why),
        };
        let read: Vec<String> = list.entries().iter().map(of).collect();
        let parts = [
            "1 1 a.jpg",
            "3 Cat /b.png",
            "4 its id \"cat\" is that of line 3",
            "5 7 b.png",
            "6 its id is \"../x\", and an id names a folder and has no '/' in it",
            "7 its id is \"..\", and an id names a folder and neither begins",
            "8 its id is neither a text nor a whole number",
            "9 the query is empty",
            "10 missing field `query`; a line is an object such as",
            "11 invalid type",
            "12 EOF while parsing",
            "13 the query has 5000 bytes",
        ];
        assert_eq!(read.len(), parts.len(), "{read:#?}");
        for (read, part) in read.iter().zip(parts) {
            assert!(read.starts_with(part), "{read}");
        }
        let Entry::Sample(first) = &list.entries()[0] else { panic!() };
        assert_eq!(first.given["mask"], serde_json::json!([1, 2]));
        assert_eq!(SampleList::read_kept(&list.write().unwrap()).unwrap().entries().len(), parts.len());
    }

    #[test]
    fn long_lines_bytes_that_are_no_text_and_empty_files_are_named() {
        let mut text = vec![b'x'; 3 << 20];
        text.extend(b"\n\xff\xfe\n{\"image\": \"a\", \"query\": \"b\"}");
        let list = read(&text).unwrap();
        let bad = |at: usize| match &list.entries()[at] {
            Entry::Bad(bad) => (bad.line, bad.why.clone()),
            Entry::Sample(sample) => panic!("{sample:?}"),
        };
        assert_eq!(bad(0), (1, "it has more than 1048576 bytes".into()));
        assert!(bad(1).1.starts_with("expected value"), "{}", bad(1).1);
        assert!(matches!(&list.entries()[2], Entry::Sample(sample) if sample.line == 3));
        assert!(read(b"\n \n").unwrap_err().to_string().contains("it holds no samples"));
        assert!(SampleList::read(Path::new("/no/such/file")).is_err());
    }

    #[test]
    fn images_are_named_by_their_files() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        for name in ["b.JPG", "a.png", "notes.txt", "b.webp"] {
            std::fs::write(file(name), "").unwrap();
        }
        let images = [file("no.jpg"), folder.path().to_owned()];
        let list = SampleList::of_images(&images, "the dog").unwrap();
        let ids: Vec<&str> = list
            .entries()
            .iter()
            .map(|entry| match entry {
                Entry::Sample(sample) => sample.id.as_str(),
                Entry::Bad(bad) => panic!("{bad:?}"),
            })
            .collect();
        assert_eq!(ids, ["no", "a", "b", "b-2"]);
        let empty = tempfile::tempdir().unwrap();
        let error = SampleList::of_images(&[empty.path().to_owned()], "the dog").unwrap_err().to_string();
        assert!(error.contains("holds no JPEG"), "{error}");
    }
}
