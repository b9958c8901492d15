//! Finds tags and special tokens in a text: `<answer>`, `</s>`, `<|im_end|>`, `<｜end▁of▁sentence｜>`, `◁think▷`, `[THINK]`.

/// A tag or special token.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tag {
    /// The name as written, in lower case and with `_` for spaces, without brackets and slash.
    pub(crate) name: String,
    /// Whether it has a slash before its name.
    pub(crate) slash: bool,
    /// Whether it is a special token of a model, as the bars in `<|…|>` say.
    pub(crate) special: bool,
    /// Whether it stands in square brackets.
    pub(crate) square: bool,
    /// The first byte of the tag, and the first behind it.
    pub(crate) from: usize,
    pub(crate) to: usize,
}

impl Tag {
    /// The name without the words that say which end it marks (`box` for `<box>`, `<|box_start|>` and `<|end_of_box|>`), and
    /// whether it marks the end.
    pub(crate) fn marks(&self) -> (&str, bool) {
        let name = self.name.as_str();
        let opened = name.strip_prefix("begin_of_").or(name.strip_suffix("_start")).or(name.strip_suffix("_begin"));
        let closed = name.strip_prefix("end_of_").or(name.strip_suffix("_end"));
        (closed.or(opened).unwrap_or(name), self.slash || closed.is_some())
    }
}

/// The most characters of a name.
const MAX_NAME: usize = 40;

/// All tags of a text, in order and in linear time.
pub(crate) fn tags(text: &str) -> impl Iterator<Item = Tag> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            at += text.get(at..)?.find(['<', '◁', '['])?;
            match tag_at(text, at) {
                Some(tag) => {
                    at = tag.to;
                    return Some(tag);
                }
                None => at += text.get(at..)?.chars().next()?.len_utf8(),
            }
        }
    })
}

/// The tag that begins at this byte; `None` if there is none.
pub(crate) fn tag_at(text: &str, at: usize) -> Option<Tag> {
    let rest = text.get(at..)?;
    let bracket = rest.chars().next()?;
    let inside = rest.get(bracket.len_utf8()..)?;
    let unbarred = inside.strip_prefix(['|', '｜']).filter(|_| bracket == '<');
    let inside = unbarred.unwrap_or(inside);
    let unslashed = inside.strip_prefix('/');
    let named = unslashed.unwrap_or(inside);
    let is_name = |letter: char| letter.is_alphanumeric() || "_-:▁ ".contains(letter);
    let length = named.chars().take(MAX_NAME).take_while(|letter| is_name(*letter)).map(char::len_utf8).sum();
    let (name, behind) = named.split_at_checked(length)?;
    // Gemma writes `<|channel>` and `<channel|>`.
    let (barred, behind) = match behind.strip_prefix(['|', '｜']).filter(|_| bracket == '<') {
        Some(behind) => (true, behind),
        None => (unbarred.is_some(), behind),
    };
    let behind = match bracket {
        '<' => behind.strip_prefix('>'),
        '◁' => behind.strip_prefix('▷'),
        // Other words in square brackets are text.
        '[' if name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_') => behind.strip_prefix(']'),
        _ => None,
    }?;
    let begins = name.starts_with(|letter: char| letter.is_alphanumeric());
    begins.then(|| Tag {
        name: name.trim_end().to_lowercase().replace([' ', '▁'], "_"),
        slash: unslashed.is_some(),
        special: barred,
        square: bracket == '[',
        from: at,
        to: text.len() - behind.len(),
    })
}

/// The names of tokens with which models end a turn, with or without bars.
const TURN: [&str; 12] = [
    "s",
    "eos",
    "eot",
    "eom",
    "eot_id",
    "eom_id",
    "im",
    "turn",
    "end_of_text",
    "end_of_utterance",
    "inst",
    "endoftext",
];
/// The names of those that also stand in square brackets.
const SQUARE_TURN: [&str; 2] = ["inst", "eos"];
/// The names of tokens that end or begin a turn only with bars.
const SPECIAL_TURN: [&str; 10] =
    ["user", "assistant", "system", "observation", "end", "return", "call", "text", "sentence", "turn_token"];

/// What a turn says: without special tokens before it, and without the token that ends it and all that follows.
pub(crate) fn turn(text: &str) -> &str {
    let mut from = 0;
    let (mut unknown, mut strikes) = (None, false);
    for tag in tags(text) {
        let (name, _) = tag.marks();
        let ends =
            TURN.contains(&name) || TURN.contains(&tag.name.as_str()) || tag.special && SPECIAL_TURN.contains(&name);
        let said = text.get(from..tag.from).unwrap_or_default().trim();
        // As in HTML, `<s>` within a text strikes it through up to `</s>`.
        let bare_s = tag.name == "s" && !tag.special;
        let is_struck = bare_s && (strikes || !tag.slash && !said.is_empty());
        if bare_s {
            strikes = is_struck && !tag.slash;
        }
        let ends = ends && !is_struck && (!tag.square || SQUARE_TURN.contains(&name));
        if ends && said.is_empty() {
            from = tag.to;
        } else if ends {
            return said;
        }
        unknown = (tag.special && !tag.marks().1).then_some(tag);
    }
    // A token at the very end that closes nothing ends the turn too.
    let end = unknown.filter(|tag| text.get(tag.to..).is_some_and(|behind| behind.trim().is_empty()));
    text.get(from..end.map_or(text.len(), |tag| tag.from.max(from))).unwrap_or_default().trim()
}

/// The text without calls of tools, and whether there was one: what follows the last call, else what is before the first.
pub(crate) fn without_tool_calls(text: &str) -> (&str, bool) {
    let is_call = |tag: &Tag| {
        tag.name.contains("tool_call") || ["python_tag", "function_call", "function_calls"].contains(&tag.name.as_str())
    };
    let calls: Vec<Tag> = tags(text).filter(is_call).collect();
    let (Some(first), Some(last)) = (calls.first(), calls.last()) else { return (text, false) };
    let behind = text.get(last.to..).filter(|_| last.marks().1).unwrap_or_default().trim();
    (if behind.is_empty() { text.get(..first.from).unwrap_or_default().trim() } else { behind }, true)
}

/// Names of tags around an answer.
const ANSWER: [&str; 8] =
    ["answer", "final_answer", "choice", "verdict", "winner", "decision", "selection", "solution"];
/// Names of tags around what may be more than an answer.
const WEAK: [&str; 5] = ["result", "output", "final", "response", "conclusion"];

/// Whether tags of this name surround an answer.
pub(crate) fn is_answer(name: &str) -> bool {
    ANSWER.contains(&name) || WEAK.contains(&name)
}

/// A part of a text that is marked as the answer.
pub(crate) struct Marked<'a> {
    pub(crate) text: &'a str,
    /// Its first byte in the whole text.
    pub(crate) at: usize,
    /// Whether it may be more than the answer.
    pub(crate) weak: bool,
}

/// The parts of a text between answer tags or in `\boxed{}`, in order; none lies in another.
pub(crate) fn marked_answers(text: &str) -> Vec<Marked<'_>> {
    let mut parts: Vec<(usize, usize, bool)> = Vec::new();
    let mut open: Option<(String, usize)> = None;
    for tag in tags(text) {
        let (name, closes) = tag.marks();
        // GLM's `<|begin_of_box|>` is an answer in a frame; `<box>` and `<|box_start|>` are places.
        let framed = tag.name == "begin_of_box" || tag.name == "end_of_box";
        if !framed && !is_answer(name) {
            continue;
        }
        match (&open, closes) {
            (None, false) => open = Some((name.to_owned(), tag.to)),
            // A new beginning of the same answer, as after a mention of the tag.
            (Some((opened, _)), false) if opened == name => open = Some((name.to_owned(), tag.to)),
            (Some((opened, from)), true) if opened == name => {
                parts.push((*from, tag.from, WEAK.contains(&name)));
                open = None;
            }
            // The opening tag was part of the prompt.
            (None, true) if parts.is_empty() => parts.push((0, tag.from, WEAK.contains(&name))),
            _ => {}
        }
    }
    parts.extend(open.map(|(name, from)| (from, text.len(), WEAK.contains(&name.as_str()))));
    let tagged = parts.len();
    for (at, command) in text.match_indices("\\boxed") {
        let Some(from) =
            text.get(at + command.len()..).filter(|rest| rest.starts_with('{')).map(|_| at + command.len() + 1)
        else {
            continue;
        };
        // The parts between tags are in order, and none lies in another.
        let (tagged, boxed) = parts.split_at(tagged);
        let before = tagged.partition_point(|(_, end, _)| *end <= at);
        if tagged.get(before).is_some_and(|part| part.0 <= at) || boxed.last().is_some_and(|last| at < last.1) {
            continue;
        }
        let mut depth = 1_usize;
        let end = text.get(from..).and_then(|rest| {
            rest.bytes().position(|byte| {
                depth = depth + usize::from(byte == b'{') - usize::from(byte == b'}');
                depth == 0
            })
        });
        parts.push((from, end.map_or(text.len(), |length| from + length), false));
    }
    parts.sort_unstable();
    let marked = parts.into_iter().filter_map(|(from, to, weak)| {
        let inside = text.get(from..to)?;
        let bare = without_latex(inside);
        (!bare.is_empty()).then(|| Marked { text: bare, at: bare.as_ptr() as usize - text.as_ptr() as usize, weak })
    });
    marked.collect()
}

/// The text inside commands such as `\text{…}`.
fn without_latex(text: &str) -> &str {
    let mut bare = text.trim().trim_matches('$').trim();
    while let Some(inside) = bare.strip_prefix('\\').and_then(|rest| rest.strip_suffix('}'))
        && let Some((command, inside)) = inside.split_once('{')
        && command.bytes().all(|byte| byte.is_ascii_alphabetic())
        && command != "boxed"
    {
        bare = inside.trim();
    }
    bare
}
