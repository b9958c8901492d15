//! Programs that are killed lose nothing that they were told is stored.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use rescue_ledger::{Access, Ledger, Put, verify};

use crate::help::{Folder, Rng, child, folder_of_child, key};

/// How often a program is killed.
const KILLS: u64 = 200;

/// Most are small; some take so long to write that a program is killed in the middle. `noise`: what cannot be compressed.
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
fn killed_two_hundred_times_no_committed_entry_is_lost() {
    if let Some(folder) = folder_of_child() {
        return write(&folder);
    }
    let (mut total, mut torn) = (0, 0);
    // Two at a time; each has a ledger of its own.
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

/// Kills half of them. Returns how many entries were committed, and how many packs end in the middle of a frame.
fn kill(seed: u64) -> (u64, usize) {
    let (folder, noise) = (Folder::new(), noise());
    let mut rng = Rng(seed);
    let mut committed = Vec::new();
    for round in 0..KILLS / 2 {
        let mut command = child("kill::killed_two_hundred_times_no_committed_entry_is_lost", &folder);
        let mut program = command.env("FIRST", (round << 20).to_string()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(program.stdout.take().unwrap());
        // It is killed some moments after its first entries, or even before.
        let wait = rng.below(6);
        let mut line = String::new();
        let mut told = String::new();
        while wait > 0 && !line.contains("stored") {
            line.clear();
            assert!(lines.read_line(&mut line).unwrap() > 0, "the program ended by itself: {told}");
            told.push_str(&line);
        }
        thread::sleep(Duration::from_micros(rng.below(1 + wait * 4000)));
        program.kill().unwrap();
        program.wait().unwrap();
        lines.read_to_string(&mut told).unwrap();
        // A last line that was cut was not told.
        let whole = told.rsplit_once('\n').map_or("", |(whole, _)| whole);
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
