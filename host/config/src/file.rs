//! Reads a configuration file and converts its values to JSON.

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use serde_json::{Number, Value};
use toml::de::{DeTable, DeValue};

use crate::{ConfigError, Source, limits};

/// The text of a configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    path: PathBuf,
    text: String,
}

impl File {
    /// A file with this content. `path` names it in messages; it is not read.
    ///
    /// # Errors
    ///
    /// Returns an error if the content is larger than 1 MiB or not UTF-8.
    pub fn new(path: impl Into<PathBuf>, bytes: Vec<u8>) -> Result<Self, ConfigError> {
        let path = path.into();
        if bytes.len() as u64 > limits::FILE_BYTES {
            let cause = format!("is larger than the {} bytes that a configuration may have", limits::FILE_BYTES);
            return Err(ConfigError::File { path, cause });
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self { path, text }),
            Err(error) => {
                let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
                let line = 1 + valid.iter().filter(|byte| **byte == b'\n').count();
                Err(ConfigError::File { path, cause: format!("line {line}: the text is not UTF-8") })
            }
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read, is larger than 1 MiB, or is not UTF-8.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let mut bytes = Vec::new();
        std::fs::File::open(path)
            .and_then(|file| file.take(limits::FILE_BYTES + 1).read_to_end(&mut bytes))
            .map_err(|error| ConfigError::File { path: path.into(), cause: format!("cannot be read: {error}") })?;
        Self::new(path, bytes)
    }

    /// Parses the file and calls `visit` with its root table and a function that turns a byte position into a source.
    pub(crate) fn visit(
        &self,
        visit: impl FnOnce(&DeTable<'_>, &dyn Fn(usize) -> Source) -> Result<(), ConfigError>,
    ) -> Result<(), ConfigError> {
        let ends: Vec<_> = self.text.match_indices('\n').map(|(end, _)| end).collect();
        let line = |position| 1 + ends.partition_point(|end| *end < position);
        let table = DeTable::parse(&self.text).map_err(|error| {
            // The error's own message quotes the line, which may hold a key that someone put there.
            let line = error.span().map_or(1, |span| line(span.start));
            ConfigError::File { path: self.path.clone(), cause: format!("line {line}: {}", error.message()) }
        })?;
        visit(table.get_ref(), &|position| Source::File { path: self.path.clone(), line: line(position) })
    }
}

/// `value` as JSON. The error says why it cannot be converted.
pub(crate) fn json(value: &DeValue<'_>) -> Result<Value, String> {
    fn convert(value: &DeValue<'_>, levels_left: usize) -> Result<Value, String> {
        let levels_left = levels_left.checked_sub(1).ok_or("the value is nested too deeply")?;
        Ok(match value {
            DeValue::String(text) => Value::from(text.as_ref()),
            DeValue::Boolean(value) => Value::from(*value),
            DeValue::Integer(number) => {
                let integer = i128::from_str_radix(number.as_str(), number.radix()).ok().and_then(Number::from_i128);
                Value::Number(
                    integer
                        .ok_or_else(|| format!("the number is too large: {}", crate::error::cut(number.as_str())))?,
                )
            }
            DeValue::Float(number) => {
                let number = number.as_str().parse().ok().and_then(Number::from_f64);
                Value::Number(number.ok_or("the number is not finite")?)
            }
            DeValue::Datetime(_) => return Err("dates are not supported; put it in quotes".into()),
            DeValue::Array(list) => {
                list.iter().map(|item| convert(item.get_ref(), levels_left)).collect::<Result<_, _>>()?
            }
            DeValue::Table(table) => table
                .iter()
                .map(|(key, item)| Ok((key.get_ref().to_string(), convert(item.get_ref(), levels_left)?)))
                .collect::<Result<_, String>>()?,
        })
    }
    convert(value, limits::DEPTH)
}
