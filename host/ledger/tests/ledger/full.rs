//! No more room.

use std::path::Path;
use std::process::{Command, Stdio};

use rescue_ledger::{Access, Ledger, LedgerError, Put, verify};

use crate::help::{Folder, Rng, child, folder_of_child, key, packs};

fn value(number: u64) -> Vec<u8> {
    Rng(number).bytes(20_000)
}

/// Runs where no file may be longer than 64 KiB: that is told in the same way as a full disk, after a short write.
fn write(folder: &Path) {
    let ledger = Ledger::open(folder, Access::Write).unwrap();
    for number in 0..3 {
        assert_eq!(ledger.put(&key(number), &value(number)).unwrap(), Put::New);
    }
    for number in 3..6 {
        let error = ledger.put(&key(number), &value(number)).unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, LedgerError::Full { .. }), "{text}");
        assert!(text.contains(".pack") && text.contains("no room"), "{text}");
        assert_eq!(ledger.get(&key(number)).unwrap(), None);
    }
    // The unfinished frame was cut off, so a smaller value still finds room, and all that was stored is there.
    assert_eq!(ledger.put(&key(9), b"small").unwrap(), Put::New);
    for number in 0..3 {
        assert_eq!(ledger.get(&key(number)).unwrap(), Some(value(number)));
    }
    ledger.flush().unwrap();
}

#[test]
fn without_room_the_file_is_named_and_nothing_is_lost() {
    if let Some(folder) = folder_of_child() {
        return write(&folder);
    }
    let folder = Folder::new();
    let program = child("full::without_room_the_file_is_named_and_nothing_is_lost", &folder);
    // A shell sets the limit; units differ between shells (512 or 1024 bytes), so it is asked for as bytes. Ignored, the signal
    // for a file that is too long becomes an error.
    let script = "trap '' XFSZ; ulimit -f 64; case $(ulimit -f) in 64) ;; *) exit 9;; esac; exec \"$0\" \"$@\"";
    let mut shell = Command::new("bash");
    shell.args(["-c", script]).arg(program.get_program()).args(program.get_args());
    shell.env("RESCUE_LEDGER_CHILD", &*folder).stdout(Stdio::null());
    assert!(shell.status().unwrap().success());
    let ledger = folder.reader();
    assert_eq!(ledger.len(), 4);
    assert_eq!(packs(&folder).len(), 1);
    let verified = verify(&folder, |_| {}).unwrap();
    assert!(verified.torn.is_empty() && verified.damage.is_empty());
}
