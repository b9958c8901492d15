//! Follows the instructions of a pickle. Their names are those of Python's module `pickletools`.

use std::collections::HashMap;
use std::mem;

use super::input::Input;
use super::{Limits, PickleError, Value, decode};

/// Most characters of a name in a message.
const NAME: usize = 80;

/// What is on the stack, in the memo, and in a part.
#[derive(Clone)]
enum Item {
    Plain(Value),
    /// The index of a part.
    Part(usize),
}

/// A list or dict, to which later instructions may add. Tuples and sets are lists here.
struct Part {
    /// Whether the items are keys and values by turns.
    dict: bool,
    /// The offset of the instruction that made it.
    offset: usize,
    state: State,
}

enum State {
    Open(Vec<Item>),
    /// Its items are being finished.
    Busy,
    /// The value, and the number of levels in it.
    Done(Value, usize),
}

pub(super) struct Machine<'a> {
    input: Input<'a>,
    stack: Vec<Item>,
    /// The lengths of the stack at which marks were set.
    marks: Vec<usize>,
    memo: HashMap<u64, Item>,
    parts: Vec<Part>,
    /// The number of values that were pushed, of lists and dicts that were made, and of values that were stored.
    made: usize,
}

impl<'a> Machine<'a> {
    pub(super) fn new(bytes: &'a [u8], limits: Limits) -> Self {
        let input = Input::new(bytes, limits);
        Self { input, stack: Vec::new(), marks: Vec::new(), memo: HashMap::new(), parts: Vec::new(), made: 0 }
    }

    /// Follows the instructions up to the end, STOP.
    pub(super) fn run(mut self) -> Result<Value, PickleError> {
        loop {
            match self.input.instruction()? {
                b'.' => break,
                instruction => self.step(instruction)?,
            }
        }
        let result = self.pop()?;
        Ok(self.finish(result, 0)?.0)
    }

    fn step(&mut self, instruction: u8) -> Result<(), PickleError> {
        match instruction {
            b'N' => self.push(Value::Nil),
            0x88 => self.push(Value::Bool(true)),
            0x89 => self.push(Value::Bool(false)),
            b'I' | b'J' | b'K' | b'M' | b'L' | 0x8a | 0x8b | b'F' | b'G' => self.number(instruction),
            b'S' | b'T' | b'U' | b'V' | b'X' | 0x8c | 0x8d => self.text(instruction),
            b'C' => self.bytes(1),
            b'B' => self.bytes(4),
            0x8e | 0x96 => self.bytes(8),
            b']' | b')' | 0x8f | b'}' | b'l' | b't' | 0x91 | b'd' | 0x85..=0x87 => self.make(instruction),
            b'a' | b'e' | 0x90 | b's' | b'u' => self.extend(instruction),
            b'(' | b'0' | b'1' | b'2' => self.stack(instruction),
            b'p' | b'q' | b'r' | 0x94 => self.put(instruction),
            b'g' | b'h' | b'j' => self.recall(instruction),
            0x80 if self.input.number(1)? > 5 => Err(self.input.damaged("the protocol is none of 0 to 5")),
            0x80 => Ok(()),
            0x95 => self.input.number(8).map(drop), // A frame is for reading ahead.
            _ => Err(self.refuse(instruction)?),
        }
    }

    /// INT, BININT*, LONG*, FLOAT and BINFLOAT. INT also says 00 for False and 01 for True.
    fn number(&mut self, instruction: u8) -> Result<(), PickleError> {
        let value = match instruction {
            b'J' => Value::Int(i64::from(self.input.number(4)? as u32 as i32)),
            b'K' => Value::Int(self.input.number(1)? as i64),
            b'M' => Value::Int(self.input.number(2)? as i64),
            0x8a => Value::Int(self.input.long(1)?),
            0x8b => Value::Int(self.input.long(4)?),
            b'G' => Value::Float(f64::from_bits(self.input.number(8)?.swap_bytes())),
            b'F' => {
                let line = str::from_utf8(self.input.line()?).unwrap_or_default();
                Value::Float(line.parse().map_err(|_| self.input.damaged("a float is not one"))?)
            }
            _ => match self.input.line()? {
                b"00" if instruction == b'I' => Value::Bool(false),
                b"01" if instruction == b'I' => Value::Bool(true),
                line => Value::Int(self.input.decimal(line)?),
            },
        };
        self.push(value)
    }

    /// STRING, BINSTRING and SHORT_BINSTRING of Python 2; UNICODE and BINUNICODE*.
    fn text(&mut self, instruction: u8) -> Result<(), PickleError> {
        let text = match instruction {
            b'S' => decode::quoted(self.input.line()?).map(|bytes| decode::python2(&bytes)),
            b'T' => Some(decode::python2(self.input.counted(4)?)),
            b'U' => Some(decode::python2(self.input.counted(1)?)),
            b'V' => decode::raw_unicode(self.input.line()?),
            0x8c => decode::utf8(self.input.counted(1)?),
            b'X' => decode::utf8(self.input.counted(4)?),
            _ => decode::utf8(self.input.counted(8)?),
        };
        self.push(Value::Text(text.ok_or_else(|| self.input.damaged("a text is not encoded as it should be"))?))
    }

    /// BINBYTES* and BYTEARRAY8.
    fn bytes(&mut self, width: usize) -> Result<(), PickleError> {
        let bytes = self.input.counted(width)?;
        self.push(Value::Bytes(bytes.into()))
    }

    /// MARK, POP, POP_MARK and DUP.
    fn stack(&mut self, instruction: u8) -> Result<(), PickleError> {
        match instruction {
            b'(' => {
                self.marks.push(self.stack.len());
                self.check()
            }
            b'2' => self.top().cloned().and_then(|item| self.push_item(item)),
            b'0' if self.marks.last() != Some(&self.stack.len()) => self.pop().map(drop),
            _ => self.marked().map(drop),
        }
    }

    /// PUT, BINPUT, LONG_BINPUT and MEMOIZE.
    fn put(&mut self, instruction: u8) -> Result<(), PickleError> {
        let key = if instruction == 0x94 { self.memo.len() as u64 } else { self.key(instruction)? };
        let item = self.top()?.clone();
        self.memo.insert(key, item);
        self.made += 1;
        self.check()
    }

    /// GET, BINGET and LONG_BINGET.
    fn recall(&mut self, instruction: u8) -> Result<(), PickleError> {
        let key = self.key(instruction)?;
        let item = self.memo.get(&key).cloned();
        self.push_item(item.ok_or_else(|| self.input.damaged("a value is used that was not stored"))?)
    }

    fn key(&mut self, instruction: u8) -> Result<u64, PickleError> {
        match instruction {
            b'q' | b'h' => self.input.number(1),
            b'r' | b'j' => self.input.number(4),
            _ => self.input.line().and_then(|line| Ok(self.input.decimal(line)? as u64)),
        }
    }

    /// EMPTY_*, LIST, TUPLE*, DICT and FROZENSET.
    fn make(&mut self, instruction: u8) -> Result<(), PickleError> {
        let items = match instruction {
            b'l' | b't' | 0x91 | b'd' => self.marked()?,
            0x85..=0x87 => self.last(usize::from(instruction - 0x84))?,
            _ => Vec::new(),
        };
        let dict = matches!(instruction, b'}' | b'd');
        self.parts.push(Part { dict, offset: self.input.start, state: State::Open(Vec::new()) });
        self.made += 1;
        self.push_item(Item::Part(self.parts.len() - 1))?;
        self.add(dict, items)
    }

    /// APPEND*, SETITEM* and ADDITEMS.
    fn extend(&mut self, instruction: u8) -> Result<(), PickleError> {
        let items = match instruction {
            b'a' => self.last(1)?,
            b's' => self.last(2)?,
            _ => self.marked()?,
        };
        self.add(matches!(instruction, b's' | b'u'), items)
    }

    /// Adds the items to the list or dict on top of the stack.
    fn add(&mut self, to_dict: bool, added: Vec<Item>) -> Result<(), PickleError> {
        if to_dict && added.len() % 2 == 1 {
            return Err(self.input.damaged("a dict has a key without a value"));
        }
        if let Item::Part(index) = *self.top()?
            && let Some(Part { dict, state: State::Open(items), .. }) = self.parts.get_mut(index)
            && *dict == to_dict
        {
            items.extend(added);
            return Ok(());
        }
        Err(self.input.damaged("values are added to what cannot take them"))
    }

    /// The error for an instruction that is not for plain data.
    fn refuse(&mut self, instruction: u8) -> Result<PickleError, PickleError> {
        let offset = self.input.start;
        let what = match instruction {
            b'c' | b'i' => class(&decode::python2(self.input.line()?), &decode::python2(self.input.line()?)),
            0x93 => match self.last(2)?.as_slice() {
                [Item::Plain(Value::Text(module)), Item::Plain(Value::Text(name))] => class(module, name),
                _ => "names a class or function without a text".into(),
            },
            b'P' => format!("needs the outside object {}", name(&decode::python2(self.input.line()?))),
            b'Q' => "needs an outside object".into(),
            b'R' => "calls a function".into(),
            b'b' => "changes an object".into(),
            b'o' | 0x81 | 0x92 => "makes an object of a class".into(),
            0x82..=0x84 => format!("needs the extension {} of copyreg", self.input.number(1 << (instruction - 0x82))?),
            0x97 | 0x98 => "needs a buffer outside of the file".into(),
            byte => return Ok(PickleError::Unknown { offset, byte }),
        };
        Ok(PickleError::NotPlain { what, offset })
    }

    fn push(&mut self, value: Value) -> Result<(), PickleError> {
        self.push_item(Item::Plain(value))
    }

    fn push_item(&mut self, item: Item) -> Result<(), PickleError> {
        self.stack.push(item);
        self.made += 1;
        self.check()
    }

    /// Returns an error if there are too many values.
    fn check(&self) -> Result<(), PickleError> {
        let Limits { stack, values, .. } = self.input.limits;
        if self.stack.len() + self.marks.len() > stack {
            return Err(self.input.limit("values that wait for their list or dict", stack));
        }
        if self.made > values { Err(self.input.limit("values", values)) } else { Ok(()) }
    }

    /// The last item on the stack. An item below a mark is out of reach.
    fn top(&self) -> Result<&Item, PickleError> {
        let reachable = self.stack.get(self.marks.last().copied().unwrap_or(0)..);
        reachable.and_then(<[Item]>::last).ok_or_else(|| self.input.damaged("a value is missing"))
    }

    fn pop(&mut self) -> Result<Item, PickleError> {
        let item = self.top()?.clone();
        self.stack.pop();
        Ok(item)
    }

    /// Takes the last `count` items off the stack, in their order.
    fn last(&mut self, count: usize) -> Result<Vec<Item>, PickleError> {
        let mut items = (0..count).map(|_| self.pop()).collect::<Result<Vec<_>, _>>()?;
        items.reverse();
        Ok(items)
    }

    /// Takes the last mark and all items above it off the stack.
    fn marked(&mut self) -> Result<Vec<Item>, PickleError> {
        let mark = self.marks.pop().ok_or_else(|| self.input.damaged("a mark is missing"))?;
        // No item below a mark is ever taken, so the mark is inside of the stack.
        Ok(self.stack.split_off(mark.min(self.stack.len())))
    }

    /// The value of an item, and the number of levels in it. Each part becomes a value once, which all its users share.
    ///
    /// `level` is the number of parts around it. The limit of levels also limits the recursion.
    fn finish(&mut self, item: Item, level: usize) -> Result<(Value, usize), PickleError> {
        let index = match item {
            Item::Plain(value) => return Ok((value, 0)),
            Item::Part(index) => index,
        };
        let limit = self.input.limits.depth;
        let missing = self.input.damaged("a value is missing");
        let Part { dict, offset, state } = self.parts.get_mut(index).ok_or(missing)?;
        let (dict, offset) = (*dict, *offset);
        let (value, levels) = match mem::replace(state, State::Busy) {
            State::Busy => return Err(PickleError::Loop { offset }),
            State::Open(items) if level < limit => self.whole(dict, items, level)?,
            State::Done(value, levels) if level + levels <= limit => (value, levels),
            _ => return Err(PickleError::Limit { what: "levels of lists and dicts", limit, offset }),
        };
        if let Some(part) = self.parts.get_mut(index) {
            part.state = State::Done(value.clone(), levels);
        }
        Ok((value, levels))
    }

    /// The list or dict of these items, and the number of levels in it.
    fn whole(&mut self, dict: bool, items: Vec<Item>, level: usize) -> Result<(Value, usize), PickleError> {
        let (mut values, mut levels) = (Vec::with_capacity(items.len()), 1);
        for item in items {
            let (value, inner) = self.finish(item, level + 1)?;
            levels = levels.max(inner + 1);
            values.push(value);
        }
        if !dict {
            return Ok((Value::List(values.into()), levels));
        }
        let (mut pairs, mut values) = (Vec::with_capacity(values.len() / 2), values.into_iter());
        while let (Some(key), Some(value)) = (values.next(), values.next()) {
            pairs.push((key, value));
        }
        Ok((Value::Dict(pairs.into()), levels))
    }
}

/// The words for a class or function, for messages.
fn class(module: &str, function: &str) -> String {
    format!("names the class or function {}.{}", name(module), name(function))
}

/// The start of a name, without control characters, for messages.
fn name(name: &str) -> String {
    name.chars().take(NAME).map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}
