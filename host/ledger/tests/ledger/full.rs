//! A full disk.

use std::path::Path;
use std::process::{Command, Stdio};

use rescue_ledger::{Access, Ledger, LedgerError, Put, verify};

use crate::help::{Folder, Rng, child, folder_of_child, key, packs};

/// A number of values for which there is not enough room.
const MOST: u64 = 50;

fn value(number: u64) -> Vec<u8> {
    Rng(number).bytes(20_000)
}

/// Runs in a process whose files have room for a few values only.
fn write(folder: &Path) {
    let ledger = Ledger::open(folder, Access::Write).unwrap();
    let put = |number| ledger.put(&key(number), &value(number));
    let stored = (0..MOST).find(|&number| put(number).is_err()).unwrap();
    assert!(stored > 0);
    for number in stored..stored + 3 {
        let error = put(number).unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, LedgerError::Full { .. }), "{text}");
        assert!(text.contains(".pack") && text.contains("no room"), "{text}");
        assert_eq!(ledger.get(&key(number)).unwrap(), None);
    }
    // The unfinished frame was cut off, so a smaller value still fits, and all stored values can be read.
    assert_eq!(ledger.put(&key(MOST), b"small").unwrap(), Put::New);
    for number in 0..stored {
        assert_eq!(ledger.get(&key(number)).unwrap(), Some(value(number)));
    }
    ledger.flush().unwrap();
}

#[test]
fn when_the_disk_is_full_the_file_is_named_and_nothing_is_lost() {
    if let Some(folder) = folder_of_child() {
        return write(&folder);
    }
    let folder = Folder::new();
    let program = child("full::when_the_disk_is_full_the_file_is_named_and_nothing_is_lost", &folder);
    // A shell limits the length of files to 64 or 128 KiB. Writing beyond it fails like writing to a full disk, after a short
    // write. The signal that comes with it is ignored.
    let script = "trap '' XFSZ; ulimit -f 128 && exec \"$0\" \"$@\"";
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).arg(program.get_program()).args(program.get_args());
    shell.env("RESCUE_LEDGER_CHILD", &*folder).stdout(Stdio::null());
    assert!(shell.status().unwrap().success());
    let ledger = folder.reader();
    assert!(ledger.len() > 1 && ledger.contains(&key(MOST)));
    assert_eq!(packs(&folder).len(), 1);
    let verified = verify(&folder, |_| {}).unwrap();
    assert!(verified.torn.is_empty() && verified.damage.is_empty());
}
