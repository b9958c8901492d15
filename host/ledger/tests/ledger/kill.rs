//! Processes that are killed lose no committed entry.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use rescue_ledger::{Access, Ledger, Put, verify};

use crate::help::{Folder, Rng, child, folder_of_child, key};

/// Number of processes that are killed.
const KILLS: u64 = 200;

/// The value for a number. Most are small; every third takes so long to write that a process may be killed meanwhile. `noise` is
/// incompressible data.
fn value(noise: &[u8], number: u64) -> Vec<u8> {
    let length = if number % 3 == 2 { noise.len() } else { 1 + number as usize % 4000 };
    let mut value = noise[..length].to_vec();
    value.iter_mut().zip(number.to_le_bytes()).for_each(|(byte, other)| *byte ^= other);
    value
}

fn noise() -> Vec<u8> {
    Rng(1).bytes(4 << 20)
}

fn write(folder: &Path) {
    let first: u64 = std::env::var("FIRST").unwrap().parse().unwrap();
    let noise = noise();
    let ledger = Ledger::open(folder, Access::Write).unwrap();
    for number in first.. {
        assert_eq!(ledger.put(&key(number), &value(&noise, number)).unwrap(), Put::New);
        println!("stored {number}");
    }
}

#[test]
fn no_committed_entry_is_lost_in_two_hundred_kills() {
    if let Some(folder) = folder_of_child() {
        return write(&folder);
    }
    let (mut total, mut torn) = (0, 0);
    // Two threads, each with a ledger of its own.
    thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|seed| scope.spawn(move || kill(seed))).collect();
        for thread in threads {
            let (committed, tails) = thread.join().unwrap();
            total += committed;
            torn += tails;
        }
    });
    assert!(total > KILLS, "only {total} entries were committed before the kills");
    println!("{total} entries committed, {torn} torn tails");
}

/// Kills half of the processes. Returns the number of committed entries and the number of packs with a torn tail.
fn kill(seed: u64) -> (u64, usize) {
    let (folder, noise) = (Folder::new(), noise());
    let mut rng = Rng(seed);
    let mut committed = Vec::new();
    for round in 0..KILLS / 2 {
        let mut command = child("kill::no_committed_entry_is_lost_in_two_hundred_kills", &folder);
        let mut program = command.env("FIRST", (round << 20).to_string()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(program.stdout.take().unwrap());
        // The process is killed a moment after its first entry, or even before.
        let wait = rng.below(6);
        let mut line = String::new();
        let mut output = String::new();
        while wait > 0 && !line.contains("stored") {
            line.clear();
            assert!(lines.read_line(&mut line).unwrap() > 0, "the program ended by itself: {output}");
            output.push_str(&line);
        }
        thread::sleep(Duration::from_micros(rng.below(1 + wait * 4000)));
        program.kill().unwrap();
        program.wait().unwrap();
        lines.read_to_string(&mut output).unwrap();
        // An incomplete last line does not count.
        let whole = output.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let numbers = whole.lines().filter_map(|line| line.rsplit_once("stored ")?.1.parse::<u64>().ok());
        let before = committed.len();
        committed.extend(numbers);
        let ledger = folder.reader();
        for &number in &committed[before..] {
            assert!(ledger.get(&key(number)).unwrap() == Some(value(&noise, number)), "{number} is lost");
        }
        assert!(committed.iter().all(|&number| ledger.contains(&key(number))));
    }
    let verified = verify(&folder, |_| {}).unwrap();
    assert_eq!(verified.damage, []);
    assert!(verified.entries >= committed.len() as u64);
    (committed.len() as u64, verified.torn.len())
}
