//! The data: answers like those of a language model.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use fastrand::Rng;
use rescue_ledger::Key;

use crate::Failure;

/// The number of different words. Their frequencies fall as those of words in natural texts.
const WORDS: usize = 4000;
/// The number of answers that are in memory at once.
pub const BATCH: usize = 10_000;

/// A key and an answer.
pub type Answer = (Key, Vec<u8>);

/// Writes a line for each answer: its key, a space, the answer. Returns the total length of the answers in bytes.
pub fn write(folder: &Path, answers: usize) -> Result<u64, Failure> {
    let mut rng = Rng::with_seed(1);
    let words: Vec<String> = (0..WORDS).map(|_| (0..rng.usize(2..10)).map(|_| rng.lowercase()).collect()).collect();
    let mut file = BufWriter::new(File::create(folder.join("answers.txt"))?);
    let mut raw = 0;
    for number in 0..answers {
        let answer = answer(number, &words, &mut rng);
        raw += answer.len() as u64;
        writeln!(file, "{} {answer}", Key::of(&number.to_le_bytes()))?;
    }
    file.flush()?;
    Ok(raw)
}

/// An answer of about 3 KB in the form of a chat completion.
fn answer(number: usize, words: &[String], rng: &mut Rng) -> String {
    let mut text = String::new();
    let length = rng.usize(1900..3300);
    while text.len() < length {
        // The logarithm of a word's rank is uniform, which is nearly Zipf's law.
        let rank = (WORDS as f64).powf(rng.f64()) as usize;
        text.push_str(words.get(rank).map_or("the", String::as_str));
        text.push_str(if rng.u8(..8) == 0 { ", " } else { " " });
    }
    let (id, tokens, verdict) = (rng.u128(..), text.len() / 4, rng.f64());
    serde_json::json!({
        "id": format!("chatcmpl-{id:032x}"), "object": "chat.completion", "created": 1_760_000_000 + number / 7,
        "model": "qwen/qwen3-vl-30b-a3b-instruct",
        "choices": [{"index": 0, "finish_reason": "stop", "logprobs": null, "message": {
            "role": "assistant", "refusal": null, "tool_calls": null,
            "content": format!("{{\"reasoning\": \"{text}\", \"winner\": {}, \"confidence\": {verdict:.4}}}", number % 2),
        }}],
        "usage": {"prompt_tokens": 1400 + number % 911, "completion_tokens": tokens, "total_tokens": 1400 + tokens},
        "system_fingerprint": null,
    })
    .to_string()
}

/// The answers in batches, in the order in which they were written.
pub fn batches(folder: &Path) -> Result<impl Iterator<Item = Result<Vec<Answer>, Failure>>, Failure> {
    let mut lines = BufReader::new(File::open(folder.join("answers.txt"))?).lines();
    Ok(std::iter::from_fn(move || {
        let batch: Result<Vec<Answer>, Failure> = lines
            .by_ref()
            .take(BATCH)
            .map(|line| {
                let line = line?;
                let (key, answer) = line.split_once(' ').ok_or("a line without a key")?;
                Ok((key.parse()?, answer.as_bytes().to_vec()))
            })
            .collect();
        batch.map(|batch| Some(batch).filter(|batch| !batch.is_empty())).transpose()
    }))
}
