//! A table, as CSV and as Parquet.

use std::fmt::Write as _;
use std::sync::Arc;

use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;

/// A table. All columns have the same length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    columns: Vec<(String, Column)>,
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Column {
    Text(Vec<String>),
    Whole(Vec<i64>),
    /// `None` is an empty cell.
    MaybeWhole(Vec<Option<i64>>),
    /// `None` is an empty cell.
    Number(Vec<Option<f64>>),
}

impl Table {
    pub(crate) fn add(&mut self, name: &str, column: Column) {
        self.columns.push((name.to_owned(), column));
    }

    /// The table as CSV (RFC 4180); `names`: with a line of names before it.
    pub fn csv(&self, names: bool) -> String {
        let quoted = |text: &str| match text.contains(['"', ',', '\n', '\r']) {
            true => format!("\"{}\"", text.replace('"', "\"\"")),
            false => text.to_owned(),
        };
        let mut csv = String::new();
        if names {
            let names: Vec<String> = self.columns.iter().map(|(name, _)| quoted(name)).collect();
            csv.push_str(&names.join(","));
            csv.push('\n');
        }
        for row in 0..self.columns.first().map_or(0, |(_, column)| column.len()) {
            for (at, (_, column)) in self.columns.iter().enumerate() {
                let comma = if at == 0 { "" } else { "," };
                // Writing to a string cannot fail.
                let _ = match column {
                    Column::Text(values) => write!(csv, "{comma}{}", quoted(values.get(row).map_or("", |text| text))),
                    Column::Whole(values) => write!(csv, "{comma}{}", values.get(row).copied().unwrap_or_default()),
                    Column::MaybeWhole(values) => match values.get(row).copied().flatten() {
                        Some(value) => write!(csv, "{comma}{value}"),
                        None => write!(csv, "{comma}"),
                    },
                    Column::Number(values) => match values.get(row).copied().flatten() {
                        Some(value) => write!(csv, "{comma}{value}"),
                        None => write!(csv, "{comma}"),
                    },
                };
            }
            csv.push('\n');
        }
        csv
    }

    /// Begins a Parquet file of tables with these columns. The same tables give the same bytes.
    ///
    /// # Errors
    ///
    /// Returns an error if `out` cannot be written.
    pub fn parquet<W: std::io::Write + Send>(&self, out: W) -> Result<SerializedFileWriter<W>, ParquetError> {
        let fields = self.columns.iter().map(|(name, column)| column.field(name)).collect::<Result<Vec<_>, _>>()?;
        let schema = Arc::new(Type::group_type_builder("table").with_fields(fields).build()?);
        let properties = WriterProperties::builder().set_created_by("rescue-host".into()).build();
        SerializedFileWriter::new(out, schema, Arc::new(properties))
    }

    /// Writes the table as a row group of a Parquet file of such tables.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be written.
    pub fn add_to<W: std::io::Write + Send>(&self, file: &mut SerializedFileWriter<W>) -> Result<(), ParquetError> {
        let mut group = file.next_row_group()?;
        for (_, column) in &self.columns {
            column.write(&mut group)?;
        }
        group.close().map(drop)
    }
}

impl Column {
    fn len(&self) -> usize {
        match self {
            Self::Text(values) => values.len(),
            Self::Whole(values) => values.len(),
            Self::MaybeWhole(values) => values.len(),
            Self::Number(values) => values.len(),
        }
    }

    fn field(&self, name: &str) -> Result<Arc<Type>, ParquetError> {
        let (physical, logical, repetition) = match self {
            Self::Text(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String), Repetition::REQUIRED),
            Self::Whole(_) => (Physical::INT64, None, Repetition::REQUIRED),
            Self::MaybeWhole(_) => (Physical::INT64, None, Repetition::OPTIONAL),
            Self::Number(_) => (Physical::DOUBLE, None, Repetition::OPTIONAL),
        };
        let field = Type::primitive_type_builder(name, physical).with_logical_type(logical).with_repetition(repetition);
        Ok(Arc::new(field.build()?))
    }

    fn write<W: std::io::Write + Send>(&self, group: &mut SerializedRowGroupWriter<'_, W>) -> Result<(), ParquetError> {
        match self {
            Self::Text(values) => {
                let values: Vec<ByteArray> = values.iter().map(|text| ByteArray::from(text.as_str())).collect();
                write::<ByteArrayType, W>(group, &values, None)
            }
            Self::Whole(values) => write::<Int64Type, W>(group, values, None),
            Self::MaybeWhole(values) => maybe::<Int64Type, W>(group, values),
            Self::Number(values) => maybe::<DoubleType, W>(group, values),
        }
    }
}

fn maybe<T: DataType, W: std::io::Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: &[Option<T::T>],
) -> Result<(), ParquetError> {
    let there: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
    let values: Vec<T::T> = values.iter().flatten().cloned().collect();
    write::<T, W>(group, &values, Some(&there))
}

fn write<T: DataType, W: std::io::Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: &[T::T],
    there: Option<&[i16]>,
) -> Result<(), ParquetError> {
    if let Some(mut column) = group.next_column()? {
        column.typed::<T>().write_batch(values, there, None)?;
        column.close()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader, SerializedFileReader};

    use super::*;

    #[test]
    fn a_table_is_written_in_both_forms() {
        let mut table = Table::default();
        table.add("name", Column::Text(vec!["a".into(), "b, \"c\"".into()]));
        table.add("count", Column::Whole(vec![1, -2]));
        table.add("best", Column::MaybeWhole(vec![None, Some(3)]));
        table.add("share", Column::Number(vec![Some(0.5), None]));
        assert_eq!(table.csv(true), "name,count,best,share\na,1,,0.5\n\"b, \"\"c\"\"\",-2,3,\n");
        let file = || {
            let mut bytes = Vec::new();
            let mut file = table.parquet(&mut bytes).unwrap();
            table.add_to(&mut file).unwrap();
            file.close().unwrap();
            bytes
        };
        let bytes = file();
        assert_eq!(bytes, file());
        let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap();
        let rows: Vec<String> = reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
        assert_eq!(
            rows,
            [
                "{name: \"a\", count: 1, best: null, share: 0.5}",
                "{name: \"b, \"c\"\", count: -2, best: 3, share: null}"
            ]
        );
    }
}
