//! Tests with the pickles of `tests/pickles.py`, and with hostile ones.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::{INTEGER, LIMITS, Limits, PickleError, Value, read, read_within};

/// What `tests/pickles.py` wrote.
fn cases() -> Json {
    serde_json::from_str(include_str!("../../tests/pickles.json")).unwrap()
}

fn list<'j>(cases: &'j Json, key: &str) -> &'j [Json] {
    cases[key].as_array().unwrap()
}

fn bytes(case: &Json) -> Vec<u8> {
    let digits = case["hex"].as_str().unwrap();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

/// The value as `tests/pickles.py` writes those that it expects.
fn plain(value: &Value) -> Json {
    match value {
        Value::Nil => Json::Null,
        Value::Bool(value) => json!(value),
        Value::Int(value) => json!(value),
        Value::Float(value) => json!(value),
        Value::Text(text) => json!(text.as_ref()),
        Value::Bytes(bytes) => json!({ "bytes": bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>() }),
        Value::List(items) => items.iter().map(plain).collect(),
        Value::Dict(pairs) => {
            json!({ "dict": pairs.iter().map(|(key, value)| [plain(key), plain(value)]).collect::<Vec<_>>() })
        }
    }
}

/// The message of the error that these bytes give.
fn refusal(bytes: &[u8]) -> String {
    read(bytes).unwrap_err().to_string()
}

#[test]
fn what_python_2_and_3_write_is_read() {
    let cases = cases();
    for case in list(&cases, "pickles") {
        let expected = &cases["values"][case["value"].as_u64().unwrap() as usize];
        assert_eq!(&plain(&read(&bytes(case)).unwrap()), expected, "{}", case["name"]);
    }
    assert!(list(&cases, "pickles").len() > 50);
}

#[test]
fn records_are_read_by_their_keys() {
    let cases = cases();
    for name in ["python 2 pickle refs 0", "python 2 cPickle refs 2", "python 3 grefs 4"] {
        let case = list(&cases, "pickles").iter().find(|case| case["name"] == name).unwrap();
        let refs = read(&bytes(case)).unwrap();
        let [first, second, third] = refs.as_list().unwrap() else { panic!("{refs:?}") };
        assert_eq!((first.get("ref_id").unwrap().as_i64(), second.get("ref_id").unwrap().as_i64()), (Some(0), Some(1)));
        assert_eq!(first.get("split").unwrap().as_text(), Some("train"));
        assert_eq!(first.get("sentences").unwrap().as_list().unwrap()[0].get("sent_id").unwrap().as_f64(), Some(0.0));
        assert!(first.get("Split").is_none() && refs.get("split").is_none());
        // The list holds the first record twice, and so does the pickle.
        assert!(Arc::ptr_eq(&dict(first), &dict(third)) && !Arc::ptr_eq(&dict(first), &dict(second)));
    }
}

fn dict(value: &Value) -> Arc<[(Value, Value)]> {
    if let Value::Dict(pairs) = value { Arc::clone(pairs) } else { panic!("{value:?}") }
}

#[test]
fn an_accessor_gives_nothing_for_other_kinds() {
    let all = read(b"\x80\x04(NI01\nK\x05G\x3f\xf8\0\0\0\0\0\0U\x01aC\x02\0\xff]}K\x01K\x02st.").unwrap();
    let all = all.as_list().unwrap();
    let kinds = ["None", "a bool", "an integer", "a float", "a text", "a byte string", "a list", "a dict"];
    assert_eq!(all.iter().map(Value::kind).collect::<Vec<_>>(), kinds);
    let only = |index: usize, is: fn(&Value) -> bool| {
        assert_eq!(all.iter().map(is).collect::<Vec<_>>(), (0..8).map(|at| at == index).collect::<Vec<_>>());
    };
    only(2, |value| value.as_i64() == Some(5));
    only(3, |value| value.as_f64() == Some(1.5));
    only(4, |value| value.as_text() == Some("a"));
    only(5, |value| value.as_bytes() == Some(&[0, 255]));
    only(6, |value| value.as_list().is_some());
    only(7, |value| value.as_dict().is_some());
    assert_eq!(all[2].as_f64(), Some(5.0));
}

#[test]
fn the_last_of_equal_keys_counts_as_in_python() {
    assert_eq!(read(b"}(U\x01aK\x01U\x01bK\x02U\x01aK\x03u.").unwrap().get("a").unwrap().as_i64(), Some(3));
}

#[test]
fn numbers_have_all_their_forms() {
    let number = |bytes: &[u8]| plain(&read(bytes).unwrap());
    assert_eq!(number(b"\x8a\x00."), json!(0));
    assert_eq!(number(b"\x8a\x01\x80."), json!(-128));
    assert_eq!(number(b"\x8b\x02\0\0\0\x80\x00."), json!(128));
    assert_eq!(number(b"\x8a\x08\0\0\0\0\0\0\0\x80."), json!(i64::MIN));
    assert_eq!(number(b"L-12L\n."), json!(-12));
    assert_eq!(number(b"I1\n."), json!(1));
    assert!(read(b"Fnan\n.").unwrap().as_f64().unwrap().is_nan());
    assert_eq!(read(b"F-inf\n.").unwrap().as_f64(), Some(f64::NEG_INFINITY));
}

#[test]
fn texts_have_all_their_forms() {
    let text = |bytes: &[u8]| read(bytes).unwrap().as_text().unwrap().to_owned();
    assert_eq!(text(b"V\\ud83d\\ude00 \\\\u0041 \\x \xe9\\\n."), "😀 \\\\u0041 \\x é\\");
    assert_eq!(text(b"S\"it's \\\"so\\\" \\\\ \\xc3\\xa9\"\n."), "it's \"so\" \\ é");
    assert_eq!(text(b"\x8d\x02\0\0\0\0\0\0\0\xc3\xa9."), "é");
    // One byte that is not UTF-8 makes all of the byte string Latin-1.
    assert_eq!(text(b"U\x03\xc3\xa9\xe9."), "Ã©é");
    assert_eq!(read(b"\x8e\x02\0\0\0\0\0\0\0\xc3\xa9.").unwrap().as_bytes(), Some("é".as_bytes()));
    for damaged in [
        &b"Sabc\n."[..],
        b"S'\\8'\n.",
        b"S'\\x0'\n.",
        b"S'\n.",
        b"V\\ud83d\n.",
        b"V\\u+041\n.",
        b"X\x03\0\0\0\xed\xa0\x80.",
    ] {
        assert!(refusal(damaged).starts_with("a text is not encoded as it should be at byte 0"), "{damaged:?}");
    }
}

#[test]
fn classes_and_functions_are_refused_by_name() {
    let cases = cases();
    for case in list(&cases, "foreign") {
        let message = refusal(&bytes(case));
        let name = case["name"].as_str().unwrap();
        assert!(message.starts_with("it names the class or function ") && message.contains(name), "{name}: {message}");
        assert!(message.contains("; a data set's file holds plain data only: write it anew with json"), "{message}");
    }
    for (bytes, what) in [
        (&b"cos\nsystem\n."[..], "names the class or function os.system at byte 0"),
        (b"(ios\nsystem\n.", "names the class or function os.system at byte 1"),
        (b"NU\x02osU\x06system\x93.", "names the class or function os.system at byte 13"),
        (b"c\x1b[2J\x07\n\xff\n.", "names the class or function \u{fffd}[2J\u{fffd}.ÿ at byte 0"),
        (b"NN\x93.", "names a class or function without a text at byte 2"),
        (b"Ptorch 7\n.", "needs the outside object torch 7 at byte 0"),
        (b"NQ.", "needs an outside object at byte 1"),
        (b"N)R.", "calls a function at byte 2"),
        (b"NNb.", "changes an object at byte 2"),
        (b"(No.", "makes an object of a class at byte 2"),
        (b"N)\x81.", "makes an object of a class at byte 2"),
        (b"N)}\x92.", "makes an object of a class at byte 3"),
        (b"\x82\x07.", "needs the extension 7 of copyreg at byte 0"),
        (b"\x83\x07\x01.", "needs the extension 263 of copyreg at byte 0"),
        (b"\x84\x07\0\0\x01.", "needs the extension 16777223 of copyreg at byte 0"),
        (b"\x97.", "needs a buffer outside of the file at byte 0"),
        (b"N\x98.", "needs a buffer outside of the file at byte 1"),
    ] {
        let message = refusal(bytes);
        assert!(message.starts_with(&format!("it {what};")), "{message}");
    }
    let long = [b"c", &[b'a'; 100_000][..], b"\nb\n."].concat();
    assert!(refusal(&long).len() < 300);
}

#[test]
fn a_small_pickle_of_many_values_is_read_once() {
    // A list of 10 lists of 10 lists …, 90 levels deep: 10^90 values as a tree.
    let mut pickle = b"K\x01".to_vec();
    for _ in 0..90 {
        pickle.extend(b"q\x000(");
        pickle.extend(b"h\x00".repeat(10));
        pickle.push(b'l');
    }
    pickle.push(b'.');
    let mut value = read(&pickle).unwrap();
    for _ in 0..90 {
        assert_eq!(value.as_list().unwrap().len(), 10);
        value = value.as_list().unwrap()[9].clone();
    }
    assert_eq!(value.as_i64(), Some(1));
}

#[test]
fn loops_are_refused() {
    for (pickle, offset) in [
        (&b"]q\x00h\x00a."[..], 0),
        (b"]2a.", 0),
        (b"N0}q\x00K\x01h\x00s.", 2),
        (b"]q\x00h\x00\x85a.", 0),
        (b"]q\x00}q\x01(K\x01h\x00ua0h\x01.", 3),
        (b"\x8f\x94(h\x00\x90.", 0),
    ] {
        assert_eq!(read(pickle).unwrap_err(), PickleError::Loop { offset }, "{pickle:?}");
    }
    // The loop of a list that is dropped does not matter.
    assert_eq!(read(b"]2a0N.").unwrap().kind(), "None");
}

#[test]
fn each_limit_holds() {
    let small = Limits { stack: 4, values: 14, depth: 3, text: 5 };
    let within = |bytes: &[u8]| read_within(bytes, small).map(|value| plain(&value));
    let passes = |bytes: &[u8], name: &str| match read_within(bytes, small) {
        Err(PickleError::Limit { what, .. }) => assert_eq!(what, name, "{bytes:?}"),
        other => panic!("{other:?} for {bytes:?}"),
    };
    assert!(within(b"(NNNt.").is_ok());
    passes(b"(NNNNt.", "values that wait for their list or dict");
    passes(b"((((((((((", "values that wait for their list or dict");
    passes(b"NNN22", "values that wait for their list or dict");
    // The list counts twice, and what is stored or taken from the memo counts again.
    let times = |start: &[u8], again: &[u8], count: usize| [start, &again.repeat(count), b"."].concat();
    for (start, again, most) in
        [(&b"]"[..], &b"Na"[..], 12), (b"N", b"\x94", 13), (b"Nq\x00", b"h\x000", 12), (b"N", b"]0", 6)]
    {
        assert!(within(&times(start, again, most)).is_ok(), "{again:?}");
        passes(&times(start, again, most + 1), "values");
    }
    assert!(within(b"]]]aa.").is_ok());
    passes(b"]]]]aaa.", "levels of lists and dicts");
    // The inner lists were finished at a level at which they fit.
    passes(b"(]]]aaq\x000h\x00h\x00\x85t.", "levels of lists and dicts");
    passes(b"((]]aq\x00h\x00\x85\x85t.", "levels of lists and dicts");
    for at_limit in [&b"U\x05abcde."[..], b"C\x05abcde.", b"Vabcde\n.", b"S'abc'\n."] {
        assert!(within(at_limit).is_ok(), "{at_limit:?}");
    }
    for beyond in [
        &b"U\x06abcdef."[..],
        b"C\x06abcdef.",
        b"Vabcdef\n.",
        b"Vabcdef",
        b"X\xff\xff\xff\xff",
        b"B\xff\xff\xff\xff",
        b"T\xff\xff\xff\xff",
        b"\x96\xff\xff\xff\xff\xff\xff\xff\xff",
    ] {
        passes(beyond, "bytes in one text");
    }
    assert_eq!(INTEGER, 8);
    for beyond in [
        &b"L9223372036854775808L\n."[..],
        b"L-9223372036854775809L\n.",
        b"\x8a\x09\0\0\0\0\0\0\0\x80\0.",
        b"\x8b\xff\xff\xff\xff",
    ] {
        let message = refusal(beyond);
        assert!(message.starts_with("it has more than 8 bytes in one integer at byte 0: write it anew"), "{message}");
    }
}

#[test]
fn the_limits_of_read_hold() {
    let passes = |bytes: &[u8], name: &str, most: usize| match read(bytes) {
        Err(PickleError::Limit { what, limit, .. }) => assert_eq!((what, limit), (name, most)),
        other => panic!("{other:?}"),
    };
    passes(&b"(".repeat(1_000_001), "values that wait for their list or dict", 1_000_000);
    passes(&[&b"]".repeat(101)[..], &b"a".repeat(100), b"."].concat(), "levels of lists and dicts", 100);
    assert!(read(&[&b"]".repeat(100)[..], &b"a".repeat(99), b"."].concat()).is_ok());
    let text = "a".repeat((16 << 20) + 1);
    passes(format!("V{text}\n.").as_bytes(), "bytes in one text", 16 << 20);
    assert!(read(format!("V{}\n.", &text[1..]).as_bytes()).is_ok());
    assert_eq!(LIMITS.values, 28_000_000);
}

#[test]
fn damage_is_named_with_its_byte() {
    for (pickle, message) in [
        (&b""[..], "it ends after 0 bytes, inside of what starts at byte 0"),
        (b"K", "it ends after 1 bytes, inside of what starts at byte 0"),
        (b"NK\x01", "it ends after 3 bytes, inside of what starts at byte 3"),
        (b"X\x10\0\0\0abc", "it ends after 8 bytes, inside of what starts at byte 0"),
        (b"{\"a\": 1}", "byte 0 is 0x7b, which is no instruction of the pickle protocols 0 to 5"),
        (b"\x1f\x8b\x08", "byte 0 is 0x1f, which is no instruction"),
        (b"\x80\x06.", "the protocol is none of 0 to 5 at byte 0"),
        (b".", "a value is missing at byte 0"),
        (b"N(.", "a value is missing at byte 2"),
        (b"N0.", "a value is missing at byte 2"),
        (b"N(00.", "a value is missing at byte 4"),
        (b"N(2.", "a value is missing at byte 2"),
        (b"q\0.", "a value is missing at byte 0"),
        (b"N\x86.", "a value is missing at byte 1"),
        (b"Nt.", "a mark is missing at byte 1"),
        (b"]N1.", "a mark is missing at byte 2"),
        (b"h\x05.", "a value is used that was not stored at byte 0"),
        (b"g-1\n.", "a value is used that was not stored at byte 0"),
        (b"NNa.", "values are added to what cannot take them at byte 2"),
        (b"}Na.", "values are added to what cannot take them at byte 2"),
        (b"](NNu.", "values are added to what cannot take them at byte 4"),
        (b"}(Nu.", "a dict has a key without a value at byte 3"),
        (b"(Nd.", "a dict has a key without a value at byte 2"),
        (b"Ix\n.", "an integer is not one at byte 0"),
        (b"I\n.", "an integer is not one at byte 0"),
        (b"I\xff\n.", "an integer is not one at byte 0"),
        (b"L00 \n.", "an integer is not one at byte 0"),
        (b"Fx\n.", "a float is not one at byte 0"),
    ] {
        let found = refusal(pickle);
        assert!(found.starts_with(message), "{pickle:?}: {found}");
        assert!(found.contains(": copy or download the file again") || found.contains(": give a pickle"), "{found}");
    }
    // As in Python, what follows the end does not matter, and neither do leftovers on the stack.
    assert_eq!(read(b"NK\x01.garbage").unwrap().as_i64(), Some(1));
    assert_eq!(read(b"(NN1K\x01.").unwrap().as_i64(), Some(1));
}

#[test]
fn no_part_of_a_pickle_is_read_as_a_whole() {
    let cases = cases();
    for case in list(&cases, "pickles").iter().chain(list(&cases, "foreign")) {
        let bytes = bytes(case);
        // Each instruction of "many" is like the others.
        for length in (0..bytes.len()).take(1500) {
            let result = read(&bytes[..length]);
            assert!(result.is_err(), "the first {length} bytes of {}", case["name"]);
        }
    }
}

/// Numbers that look random, and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end
    }
}

#[test]
fn changed_bytes_end_in_an_error_or_a_value() {
    let (cases, mut numbers, mut read_anyway) = (cases(), Numbers(7), 0);
    for case in list(&cases, "pickles").iter().chain(list(&cases, "foreign")) {
        let original = bytes(case);
        for _ in 0..100 {
            let mut bytes = original.clone();
            for _ in 0..=numbers.below(4) {
                let at = numbers.below(bytes.len());
                match numbers.below(4) {
                    0 => bytes[at] = numbers.below(256) as u8,
                    1 => bytes[at] ^= 1 << numbers.below(8),
                    2 => bytes.insert(at, original[numbers.below(original.len())]),
                    _ => drop(bytes.remove(at)),
                }
            }
            read_anyway += usize::from(read(&bytes).is_ok());
        }
    }
    assert!(read_anyway > 100, "{read_anyway}");
}

#[test]
fn random_instructions_end_in_an_error_or_a_value() {
    let instructions = b"(012NIJKMLFGSTUVX\x8c\x8dCB\x8e\x96])}\x8fltd\x91\x85\x86\x87ae\x90supqr\x94ghj\x80\x95\x88\x89\x8a\x8b\0\x01\x02\n";
    let (mut numbers, mut read_anyway) = (Numbers(11), 0);
    for _ in 0..30_000 {
        let mut bytes: Vec<u8> =
            (0..numbers.below(60)).map(|_| instructions[numbers.below(instructions.len())]).collect();
        bytes.push(b'.');
        bytes.splice(0..0, *b"(((]]}N");
        read_anyway += usize::from(read(&bytes).is_ok());
    }
    assert!(read_anyway > 100, "{read_anyway}");
}
