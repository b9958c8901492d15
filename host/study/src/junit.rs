//! The bounds of an evaluation as JUnit's XML, which build servers show.

use std::fmt::Write as _;

use crate::assertion::Assertion;
use crate::summary::Summary;

/// JUnit's XML: a test case for each bound, and one for the entries without a result.
pub fn junit(assertions: &[Assertion], summary: &Summary) -> String {
    let mut cases: Vec<(String, Option<String>)> = Vec::new();
    let failed: Vec<String> = summary.failed.iter().map(|(id, why)| format!("{id}: {why}")).collect();
    let (count, unit) = summary.context.searches();
    let failure = format!("{} of {count} {unit} have no result\n{}", failed.len(), failed.join("\n"));
    cases.push(("every entry has a result".to_owned(), (!failed.is_empty()).then_some(failure)));
    for assertion in assertions {
        let value = assertion.value(summary).map_or("without a value".to_owned(), |value| value.to_string());
        cases.push((assertion.to_string(), (!assertion.holds(summary)).then(|| format!("it is {value}"))));
    }
    let failures = cases.iter().filter(|(_, failure)| failure.is_some()).count();
    let (name, count) = (escaped(&summary.context.dataset), cases.len());
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a string cannot fail.
    let _ = writeln!(xml, "<testsuite name=\"{name}\" tests=\"{count}\" failures=\"{failures}\">");
    for (case, failure) in cases {
        let case = escaped(&case);
        let _ = match failure {
            None => writeln!(xml, "  <testcase classname=\"{name}\" name=\"{case}\"/>"),
            Some(why) => {
                let why = escaped(&why);
                writeln!(xml, "  <testcase classname=\"{name}\" name=\"{case}\"><failure>{why}</failure></testcase>")
            }
        };
    }
    xml + "</testsuite>\n"
}

/// Text in XML. Characters that XML cannot hold become question marks.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(character),
            control if control.is_control() => escaped.push('?'),
            other => escaped.push(other),
        }
    }
    escaped
}
