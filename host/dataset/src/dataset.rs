//! Data sets by kind, and where they are.

use std::collections::HashSet;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::error::DatasetError;
use crate::item::Item;
use crate::names::twice;
use crate::{coco, folder, muse, reasonseg, refcoco};

/// A kind of data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// ReasonSeg: photos with labelme's files, or Parquet.
    ReasonSeg,
    /// RefCOCO, RefCOCO+, RefCOCOg, RefCLEF and gRefCOCO: a file of expressions and `instances.json`, or Parquet.
    RefCoco,
    /// MUSE: questions with several targets.
    Muse,
    /// COCO's `instances.json` with a sentence in each annotation.
    Coco,
    /// A file of lines of one's own.
    Own,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::ReasonSeg, Self::RefCoco, Self::Muse, Self::Coco, Self::Own];

    /// The name before the colon in `--dataset KIND:PATH`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReasonSeg => "reasonseg",
            Self::RefCoco => "refcoco",
            Self::Muse => "muse",
            Self::Coco => "coco",
            Self::Own => "own",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Where a data set is, and which part of it is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its kind.
    pub kind: Kind,
    /// Its folder or file.
    pub path: PathBuf,
    /// The split, such as `val`. `None` takes the data set's only one, or all.
    pub split: Option<String>,
    /// Who made the split, where there are several: `unc`, `google`, `umd`, `berkeley`.
    pub split_by: Option<String>,
    /// The folder of the photos. `None` looks for it where it usually is.
    pub images: Option<PathBuf>,
    /// The field with the sentence, in [`Kind::Coco`]. `None` takes the first of the usual ones.
    pub field: Option<String>,
}

impl FromStr for Source {
    type Err = String;

    /// Reads `KIND:PATH`.
    fn from_str(text: &str) -> Result<Self, String> {
        let kinds = || Kind::ALL.map(Kind::name).join(", ");
        let wrong = || format!("{text:?} is not KIND:PATH, as in reasonseg:data/ReasonSeg; kinds are {}", kinds());
        let (kind, path) = text.split_once(':').ok_or_else(wrong)?;
        let kind = Kind::ALL.into_iter().find(|known| known.name() == kind);
        let kind = kind.ok_or_else(|| format!("there is no kind of data set of that name: kinds are {}", kinds()))?;
        let (split, split_by, images, field) = Default::default();
        Ok(Self { kind, path: PathBuf::from(path), split, split_by, images, field })
    }
}

/// A data set that was opened. Photos and masks are read later.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// Its name, for tables.
    pub name: String,
    /// Which truth it has, where there are several in use. Results with different ones cannot be compared.
    pub ground_truth: String,
    /// Its entries, in its order.
    pub items: Vec<Item>,
    /// What of it cannot be used.
    pub bad: Vec<DatasetError>,
}

/// The entries of a data set that is being read.
pub(crate) struct Entries {
    pub(crate) name: String,
    pub(crate) ground_truth: String,
    pub(crate) items: Vec<Item>,
    pub(crate) bad: Vec<DatasetError>,
}

impl Entries {
    pub(crate) fn new(name: &str, ground_truth: &str) -> Self {
        Self { name: name.to_owned(), ground_truth: ground_truth.to_owned(), items: Vec::new(), bad: Vec::new() }
    }
}

impl Dataset {
    /// Opens a data set: reads its lists, but no photo and no mask.
    ///
    /// # Errors
    ///
    /// Returns an error if a file cannot be read, or there is no entry.
    pub fn open(source: &Source) -> Result<Self, DatasetError> {
        let has = |named: &Option<String>, is_known: bool, flag: &str| match named {
            Some(_) if !is_known => Err(DatasetError::new(
                &source.path,
                "",
                format!("a data set of the kind {} has no {flag}", source.kind),
            )),
            _ => Ok(()),
        };
        has(&source.split, !matches!(source.kind, Kind::Coco | Kind::Own), "split")?;
        has(&source.split_by, source.kind == Kind::RefCoco, "split-by")?;
        has(&source.field, source.kind == Kind::Coco, "field")?;
        let entries = match source.kind {
            Kind::ReasonSeg => reasonseg::open(source),
            Kind::RefCoco => refcoco::open(source),
            Kind::Muse => muse::open(source),
            Kind::Coco => coco::open(source),
            Kind::Own => folder::open(source),
        };
        let Entries { name, ground_truth, mut items, mut bad } = entries?;
        let nameless = items.iter().filter(|item| item.id.is_empty());
        bad.extend(nameless.map(|item| item.error("its id has no letter and no digit")));
        bad.extend(
            items.iter().filter(|item| item.query.trim().is_empty()).map(|item| item.error("it has no sentence")),
        );
        items.retain(|item| !item.id.is_empty() && !item.query.trim().is_empty());
        let lower: Vec<String> = items.iter().map(|item| item.id.to_lowercase()).collect();
        let twice = twice(lower.iter().map(String::as_str));
        for (second, first) in &twice {
            if let (Some(second), Some(first)) = (items.get(*second), items.get(*first)) {
                let cause = format!("it has the id of {}", first.place.place);
                let way_out = "Two truths for one id cannot both count: give each an id of its own.";
                bad.push(second.error(cause).way_out(way_out));
            }
        }
        let second: HashSet<usize> = twice.into_iter().map(|(second, _)| second).collect();
        let mut places = 0..items.len();
        items.retain(|_| places.next().is_none_or(|at| !second.contains(&at)));
        if items.is_empty() && bad.is_empty() {
            return Err(DatasetError::new(&source.path, "", "it has no entry"));
        }
        Ok(Self { name, ground_truth, items, bad })
    }
}
