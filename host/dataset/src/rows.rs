//! Rows of Parquet files. Texts and numbers of all rows are read when a file is opened; photos and masks row by row, when they are needed.

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use parquet::basic::Type;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::{BoolType, ByteArrayType, DataType, DoubleType, FloatType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use rescue_mask::{Mask, Size};

use crate::error::DatasetError;

/// The most pixels of a mask, and so values of one cell.
const MAX_VALUES: usize = 100_000_000;

/// A Parquet file.
pub(crate) struct Table {
    file: PathBuf,
    reader: SerializedFileReader<File>,
    /// BLAKE3 of the file, once it was asked for.
    digest: OnceLock<Option<blake3::Hash>>,
}

/// A row of a Parquet file. Its photo is in `image.bytes`, its mask in a list of lists of bools.
#[derive(Clone, Debug)]
pub struct Row {
    pub(crate) table: Arc<Table>,
    /// From 0.
    pub(crate) number: usize,
}

/// A column of one row group whose records are read one after another.
struct Cells<T: DataType> {
    reader: ColumnReaderImpl<T>,
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
    values: Vec<T::T>,
}

impl Table {
    pub(crate) fn open(file: &Path) -> Result<Arc<Self>, DatasetError> {
        let opened = File::open(file).map_err(|error| DatasetError::io(file, &error))?;
        let reader = SerializedFileReader::new(opened).map_err(|error| unreadable(file, &error))?;
        Ok(Arc::new(Self { file: file.to_owned(), reader, digest: OnceLock::new() }))
    }

    /// BLAKE3 of the file. `None` if it cannot be read any more.
    pub(crate) fn digest(&self) -> Option<blake3::Hash> {
        *self.digest.get_or_init(|| {
            let mut hasher = blake3::Hasher::new();
            hasher.update_reader(File::open(&self.file).ok()?).ok()?;
            Some(hasher.finalize())
        })
    }

    pub(crate) fn rows(&self) -> usize {
        usize::try_from(self.reader.metadata().file_metadata().num_rows()).unwrap_or_default()
    }

    /// The number of the only column at this path, or below it if it is a list. `None` if there is none.
    fn column(&self, path: &str) -> Option<usize> {
        let columns = self.reader.metadata().file_metadata().schema_descr().columns();
        let is_it = |name: &str| name == path || name.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'));
        let mut found = columns.iter().enumerate().filter(|(_, column)| is_it(&column.path().string()));
        let (number, _) = found.next()?;
        found.next().is_none().then_some(number)
    }

    fn needed(&self, path: &str) -> Result<usize, DatasetError> {
        self.column(path).ok_or_else(|| {
            let columns = self.reader.metadata().file_metadata().schema_descr().columns().iter();
            let names: Vec<String> = columns.map(|column| column.path().string()).collect();
            DatasetError::new(&self.file, "", format!("it has no column {path}"))
                .way_out(format!("Its columns are: {}.", names.join(", ")))
        })
    }

    /// The texts of a column, whose cells may be lists, for each row. Numbers are written out.
    pub(crate) fn texts(&self, path: &str) -> Result<Vec<Vec<String>>, DatasetError> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match self.kind(path)? {
            Type::BYTE_ARRAY => self.all::<ByteArrayType, _>(path, |value| text(value.data())),
            Type::INT32 => self.all::<Int32Type, _>(path, |value| value.to_string()),
            Type::INT64 => self.all::<Int64Type, _>(path, |value| value.to_string()),
            Type::BOOLEAN => self.all::<BoolType, _>(path, |value| value.to_string()),
            other => Err(self.of_other_kind(path, other, "texts")),
        }
    }

    /// The numbers of a column, whose cells may be lists, for each row.
    pub(crate) fn numbers(&self, path: &str) -> Result<Vec<Vec<f64>>, DatasetError> {
        match self.kind(path)? {
            Type::INT32 => self.all::<Int32Type, _>(path, |value| f64::from(*value)),
            Type::INT64 => self.all::<Int64Type, _>(path, |value| *value as f64),
            Type::FLOAT => self.all::<FloatType, _>(path, |value| f64::from(*value)),
            Type::DOUBLE => self.all::<DoubleType, _>(path, |value| *value),
            other => Err(self.of_other_kind(path, other, "numbers")),
        }
    }

    fn kind(&self, path: &str) -> Result<Type, DatasetError> {
        let schema = self.reader.metadata().file_metadata().schema_descr();
        Ok(schema.column(self.needed(path)?).physical_type())
    }

    fn of_other_kind(&self, path: &str, found: Type, wanted: &str) -> DatasetError {
        DatasetError::new(&self.file, "", format!("its column {path} has {found}, and {wanted} are wanted"))
    }

    /// The values of a column, row by row.
    fn all<T: DataType, V>(&self, path: &str, of: impl Fn(&T::T) -> V) -> Result<Vec<Vec<V>>, DatasetError> {
        let column = self.needed(path)?;
        let mut rows = Vec::new();
        for group in 0..self.reader.num_row_groups() {
            let mut cells = self.cells::<T>(group, column)?;
            while let Some(values) = self.next(&mut cells, rows.len())? {
                rows.push(values.iter().map(&of).collect());
            }
        }
        if rows.len() != self.rows() {
            let cause = format!("its column {path} has {} of {} rows", rows.len(), self.rows());
            return Err(DatasetError::new(&self.file, "", cause).way_out("Download the file again."));
        }
        Ok(rows)
    }

    fn cells<T: DataType>(&self, group: usize, column: usize) -> Result<Cells<T>, DatasetError> {
        let reader: Result<ColumnReader, ParquetError> =
            self.reader.get_row_group(group).and_then(|group| group.get_column_reader(column));
        let reader = get_typed_column_reader::<T>(reader.map_err(|error| unreadable(&self.file, &error))?);
        Ok(Cells { reader, definitions: Vec::new(), repetitions: Vec::new(), values: Vec::new() })
    }

    /// The values of the next record. `None` after the last one. `row` is for messages.
    fn next<'a, T: DataType>(&self, cells: &'a mut Cells<T>, row: usize) -> Result<Option<&'a [T::T]>, DatasetError> {
        cells.next().map_err(|error| DatasetError { place: format!("row {row}"), ..unreadable(&self.file, &error) })
    }

    /// Reads one record of a column.
    fn one<T: DataType>(&self, path: &str, row: usize) -> Result<Cells<T>, DatasetError> {
        let column = self.needed(path)?;
        let wrong = |cause: String| DatasetError::new(&self.file, format!("row {row}"), cause);
        let mut before = 0;
        for group in 0..self.reader.num_row_groups() {
            let rows = usize::try_from(self.reader.metadata().row_group(group).num_rows()).unwrap_or_default();
            if row < before + rows {
                let values = self.reader.metadata().row_group(group).column(column).num_values();
                if usize::try_from(values).is_ok_and(|values| values > MAX_VALUES.saturating_mul(rows)) {
                    return Err(wrong(format!("its column {path} has {values} values in {rows} rows")));
                }
                let mut cells = self.cells::<T>(group, column)?;
                cells.reader.skip_records(row - before).map_err(|error| wrong(error.to_string()))?;
                return match self.next(&mut cells, row)? {
                    Some(_) => Ok(cells),
                    None => Err(wrong(format!("its column {path} ends before it"))),
                };
            }
            before += rows;
        }
        Err(wrong("there is no such row".into()))
    }
}

impl<T: DataType> Cells<T> {
    fn next(&mut self) -> Result<Option<&[T::T]>, ParquetError> {
        self.definitions.clear();
        self.repetitions.clear();
        self.values.clear();
        let (definitions, repetitions) = (&mut self.definitions, &mut self.repetitions);
        let (records, ..) = self.reader.read_records(1, Some(definitions), Some(repetitions), &mut self.values)?;
        Ok((records == 1).then_some(self.values.as_slice()))
    }
}

impl Row {
    /// The bytes of the photo's file.
    pub(crate) fn image(&self) -> Result<Vec<u8>, DatasetError> {
        let cells = self.table.one::<ByteArrayType>("image.bytes", self.number)?;
        match cells.values.as_slice() {
            [bytes] => Ok(bytes.data().to_vec()),
            _ => Err(DatasetError::new(&self.table.file, format!("row {}", self.number), "it has no photo")),
        }
    }

    /// The mask, from a list of bools for each row of pixels.
    pub(crate) fn mask(&self) -> Result<Mask, DatasetError> {
        let wrong = |cause: String| DatasetError::new(&self.table.file, format!("row {}", self.number), cause);
        let cells = self.table.one::<BoolType>("mask", self.number)?;
        if cells.values.len() != cells.repetitions.len() || cells.values.len() > MAX_VALUES {
            return Err(wrong("its mask has a row without pixels, or a pixel without a value".into()));
        }
        // 0 begins a record, 1 a row of pixels.
        let height = cells.repetitions.iter().filter(|level| **level < 2).count();
        let width = cells.values.len().checked_div(height).unwrap_or_default();
        let is_even = cells.repetitions.chunks(width.max(1)).all(|row| {
            row.len() == width
                && row.first().is_some_and(|level| *level < 2)
                && row.iter().skip(1).all(|level| *level == 2)
        });
        let size = u32::try_from(width).ok().zip(u32::try_from(height).ok()).filter(|_| is_even);
        let (width, height) = size.ok_or_else(|| wrong("the rows of its mask differ in their lengths".into()))?;
        Mask::from_slice(Size::new(width, height), &cells.values, |value| *value)
            .map_err(|error| wrong(error.to_string()))
    }
}

/// The Parquet files of a split: in the folder or in its folder `data`, with the split at the beginning of their names.
pub(crate) fn files(path: &Path, split: Option<&str>) -> Result<Vec<PathBuf>, DatasetError> {
    if path.extension().is_some_and(|ending| ending == "parquet") {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for folder in [path.to_owned(), path.join("data")].iter().filter(|folder| folder.is_dir()) {
        let all = std::fs::read_dir(folder).map_err(|error| DatasetError::io(folder, &error))?;
        files.extend(
            all.flatten()
                .map(|file| file.path())
                .filter(|file| file.extension().is_some_and(|ending| ending == "parquet")),
        );
    }
    files.sort();
    if let Some(split) = split {
        let of_split = |file: &PathBuf| {
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            name.strip_prefix(split).is_some_and(|rest| rest.starts_with(['-', '.']))
        };
        let before = files.len();
        files.retain(of_split);
        if files.is_empty() && before > 0 {
            let cause = format!("none of its {before} .parquet files begins with {split:?}");
            return Err(DatasetError::new(path, "", cause).way_out("Name another --split, or the file itself."));
        }
    }
    Ok(files)
}

fn unreadable(file: &Path, error: &ParquetError) -> DatasetError {
    DatasetError::new(file, "", format!("it cannot be read as Parquet: {error}")).way_out("Download the file again.")
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Table").field(&self.file).finish()
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, row {}", self.table.file.display(), self.number)
    }
}
