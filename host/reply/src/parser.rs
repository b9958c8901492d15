//! Parses JSON as models write it: one value in a text, possibly with words around it or with small, unambiguous mistakes.

use serde_json::map::Entry;
use serde_json::{Map, Number, Value};

use crate::limits::MAX_DEPTH;
use crate::unreadable::excerpt;

/// The only JSON value of a text.
pub(crate) struct SingleValue {
    pub(crate) value: Value,
    /// Whether the text is more than that value, or not valid JSON.
    pub(crate) repaired: bool,
}

/// Finds the only JSON value of a text, in linear time. The error says why there is none.
///
/// Words and code fences before and after an object or a list, commas before a closing bracket, and one closing bracket too many
/// are skipped. A text is an error if its JSON is incomplete, has a key twice, or holds more than one value.
pub(crate) fn single_value(text: &str) -> Result<SingleValue, String> {
    let text = text.trim();
    let content = unfenced(text);
    if !content.starts_with(['{', '[']) {
        let mut parser = Parser::new(content, 0);
        if let Ok(value) = parser.value(0)
            && parser.at == content.len()
        {
            return Ok(SingleValue { value, repaired: content.len() < text.len() });
        }
    }
    let mut found: Option<SingleValue> = None;
    let mut at = 0;
    while let Some(opening) = text.get(at..).and_then(|rest| rest.find(['{', '['])) {
        let start = at + opening;
        let mut parser = Parser::new(text, start);
        at = match parser.value(0) {
            Ok(_) if found.is_some() => return Err("it holds more than one JSON value".into()),
            Ok(value) => {
                let end = parser.end()?;
                let whole = start == 0 && end == text.len();
                found = Some(SingleValue { value, repaired: parser.repaired || !whole });
                end
            }
            // A bracket that is not followed by JSON belongs to the words.
            Err(_) if !parser.is_json => parser.at.max(start + 1),
            Err(why) => return Err(format!("its JSON is broken at byte {}: {why}", parser.at)),
        };
    }
    found.ok_or_else(|| "it holds no JSON".into())
}

/// The content of the code fence if the text is exactly one; else the text itself.
pub(crate) fn unfenced(text: &str) -> &str {
    let fenced = text.strip_prefix("```").and_then(|rest| rest.strip_suffix("```"));
    let Some(content) = fenced.filter(|content| !content.contains("```")) else { return text };
    // The name of the language follows the opening fence.
    content.trim_start_matches(|letter: char| letter.is_ascii_alphanumeric()).trim()
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    /// Whether a key, a value or an empty pair of brackets was read, so that the text is meant as JSON.
    is_json: bool,
    /// Whether one closing bracket too many was skipped.
    extra: bool,
    repaired: bool,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, at: usize) -> Self {
        Self { text, at, is_json: false, extra: false, repaired: false }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next byte after spaces, which is not consumed. `None` at the end of the text.
    fn peek(&mut self) -> Option<u8> {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
        self.text.as_bytes().get(self.at).copied()
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        if depth >= MAX_DEPTH {
            self.is_json = true;
            return Err(format!("it nests deeper than {MAX_DEPTH}"));
        }
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => self.literal(),
            None => Err("it ends where a value should be".into()),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, String> {
        let mut object = Map::new();
        self.at += 1;
        if self.closes(b'}') {
            return Ok(Value::Object(object));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("a key"));
            }
            let key = self.string()?;
            if self.peek() != Some(b':') {
                return Err(self.unexpected("a colon"));
            }
            self.at += 1;
            let value = self.value(depth + 1)?;
            match object.entry(key) {
                Entry::Vacant(place) => drop(place.insert(value)),
                Entry::Occupied(place) => return Err(format!("the key {:?} occurs twice", place.key())),
            }
            if !self.more(b'}', b']')? {
                return Ok(Value::Object(object));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, String> {
        let mut list = Vec::new();
        self.at += 1;
        if self.closes(b']') {
            return Ok(Value::Array(list));
        }
        loop {
            list.push(self.value(depth + 1)?);
            if !self.more(b']', b'}')? {
                return Ok(Value::Array(list));
            }
        }
    }

    /// Consumes this closing bracket if it is next. Returns whether it was.
    fn closes(&mut self, closing: u8) -> bool {
        let closes = self.peek() == Some(closing);
        if closes {
            self.is_json = true;
            self.at += 1;
        }
        closes
    }

    /// Whether another item follows in a list or object. `own` is its closing bracket, `other` is that of the other kind.
    fn more(&mut self, own: u8, other: u8) -> Result<bool, String> {
        loop {
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    let ends = self.closes(own);
                    self.repaired |= ends;
                    return Ok(!ends);
                }
                Some(bracket) if bracket == own => return Ok(!self.closes(own)),
                Some(bracket) if bracket == other && !self.extra => self.pass_extra(),
                _ => return Err(self.unexpected("a comma or a closing bracket")),
            }
        }
    }

    fn pass_extra(&mut self) {
        (self.extra, self.repaired) = (true, true);
        self.at += 1;
    }

    /// The position after the value, and after one closing bracket too many if there is one.
    fn end(&mut self) -> Result<usize, String> {
        let end = self.at;
        while let Some(b'}' | b']') = self.peek() {
            if self.extra {
                return Err("it has more than one closing bracket too many".into());
            }
            self.pass_extra();
        }
        Ok(if self.extra { self.at.max(end) } else { end })
    }

    fn string(&mut self) -> Result<String, String> {
        self.is_json = true;
        let mut escaped = false;
        let end = self.rest().bytes().skip(1).position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        let Some(end) = end else { return Err("a string is not closed".into()) };
        let source = self.rest().get(..end + 2).unwrap_or_default();
        let string = serde_json::from_str(source).map_err(|error| format!("a string is invalid: {error}"))?;
        self.at += source.len();
        Ok(string)
    }

    fn number(&mut self) -> Result<Value, String> {
        let rest = self.rest();
        let length =
            rest.bytes().take_while(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')).count();
        let source = rest.get(..length).unwrap_or_default();
        let number: Number =
            serde_json::from_str(source).map_err(|_| format!("{} is not a number", excerpt(source)))?;
        self.is_json = true;
        self.at += length;
        Ok(Value::Number(number))
    }

    fn literal(&mut self) -> Result<Value, String> {
        let rest = self.rest();
        let length = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let value = match rest.get(..length) {
            Some("true") => Value::Bool(true),
            Some("false") => Value::Bool(false),
            Some("null") => Value::Null,
            _ => return Err(self.unexpected("a value")),
        };
        self.is_json = true;
        self.at += length;
        Ok(value)
    }

    fn unexpected(&self, wanted: &str) -> String {
        match self.rest().chars().next() {
            Some(found) => format!("{found:?} stands where {wanted} should be"),
            None => format!("it ends where {wanted} should be"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Result<(Value, bool), String> {
        single_value(text).map(|single| (single.value, single.repaired))
    }

    #[test]
    fn plain_json_is_read_as_serde_reads_it() {
        for text in
            ["{}", "[]", " [1, -2.5e3, \"a\\\"]\", true, null, {\"k\": [[]]}] ", "5", "\"x\"", "true", "-0.0", "1e300"]
        {
            assert_eq!(read(text), Ok((serde_json::from_str(text).unwrap(), false)), "{text}");
        }
    }

    #[test]
    fn unambiguous_mistakes_are_repaired() {
        for text in [
            "```json\n{\"a\": 1}\n```",
            "Here [it] is: {\"a\": 1}. Done {so}.",
            "{\"a\": 1,}",
            "{\"a\": 1}}",
            "{\"a\": 1]}",
            "{\"a\": 1} ]",
            "((( [[[so]]] {\"a\": 1}",
        ] {
            assert_eq!(read(text), Ok((json!({"a": 1}), true)), "{text}");
        }
        assert_eq!(read("```\n7\n```"), Ok((json!(7), true)));
        assert_eq!(read("[[1, 2,], {\"b\": []}}, 3]"), Ok((json!([[1, 2], {"b": []}, 3]), true)));
    }

    #[test]
    fn incomplete_or_ambiguous_json_is_not_read() {
        for (text, why) in [
            ("", "no JSON"),
            ("yes", "no JSON"),
            ("it is 5", "no JSON"),
            ("[a] {b}", "no JSON"),
            ("{\"a\": 1", "it ends where a comma"),
            ("{\"a\": }", "'}' stands where a value"),
            ("{\"a\" 1}", "'1' stands where a colon"),
            ("{\"a\": 1, b: 2}", "'b' stands where a key"),
            ("{\"a\": 'x'}", "'\\'' stands where a value"),
            ("{\"a\": {\"b\": 1}, \"c\": }", "'}' stands where a value"),
            ("[1,,2]", "',' stands where a value"),
            ("[1, 2", "it ends where a comma"),
            ("[\"a]", "a string is not closed"),
            ("[\"a\nb\"]", "a string is invalid"),
            ("{\"a\": 01}", "\"01\" is not a number"),
            ("{\"a\": 1e999}", "is not a number"),
            ("{\"a\": 1, \"a\": 1}", "the key \"a\" occurs twice"),
            ("{\"a\": 1} {\"a\": 1}", "more than one JSON value"),
            ("See [1]: {\"a\": 1}", "more than one JSON value"),
            ("{\"a\": 1}}}", "more than one closing bracket"),
            ("[{\"a\": 1}}}]", "'}' stands where a comma"),
            ("{\"a\": [1, 2}, \"b\": 3}", "':' stands where a comma"),
            ("[[1, 2}, [3, 4]]", "it ends where a comma"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn nesting_is_limited() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read(&nested(MAX_DEPTH)).is_ok());
        assert!(read(&nested(MAX_DEPTH + 1)).unwrap_err().contains("deeper than 64"));
    }
}
