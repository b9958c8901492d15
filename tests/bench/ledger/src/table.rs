//! Prints the table.

use crate::clock::Spent;
use crate::ours::{Ours, SHARDS};
use crate::peers::Peers;

pub fn print(answers: usize, raw: u64, ours: &Ours, peers: &Peers) {
    println!("{answers} answers of {} bytes each, one thread.", raw / answers as u64);
    println!("Compressed, with keys and index, they take 1/{:.2} of that.", raw as f64 / ours.disk as f64);
    match &peers.versions {
        Some(versions) => {
            println!("{versions}: WAL, synchronous=NORMAL, a transaction for each put, not compressed.");
            println!("Its CPU time includes what Python takes to call it.");
        }
        None => println!("SQLite was not measured: what was missing is said above."),
    }
    let one = |seconds: f64| format!("{:.1} µs", seconds * 1e6 / answers as f64);
    let all = |seconds: f64| format!("{seconds:.3} s");
    let megabytes = |bytes: u64| format!("{:.0} MB", bytes as f64 / 1e6);
    let cell = |text: Option<String>| text.unwrap_or_else(|| "–".into());
    let both = |Spent { wall, cpu }: Spent| format!("{wall:.3} s ({cpu:.3} s of CPU)");
    println!("\n| | ours | SQLite |\n|---|---|---|");
    println!("| CPU for a put | {} | {} |", one(ours.put.cpu), cell(peers.put_cpu.map(one)));
    println!("| time for a put, last sync included | {} | {} |", one(ours.put.wall), cell(peers.put_wall.map(one)));
    println!("| CPU for a get | {} | {} |", one(ours.get.cpu), cell(peers.get_cpu.map(one)));
    println!("| time for a get | {} | {} |", one(ours.get.wall), cell(peers.get_wall.map(one)));
    println!("| on disk | {} | {} |", megabytes(ours.disk), cell(peers.disk.map(megabytes)));
    println!("| open | {} | {} |", both(ours.open), cell(peers.open_wall.map(all)));
    println!("| open without index files | {} | – |", both(ours.open_unindexed));
    println!("| read and check all | {} | {} |", both(ours.verify), cell(peers.verify_wall.map(all)));
    println!("| merge {SHARDS} shards | {} | {} |", both(ours.merge), cell(peers.merge_wall.map(all)));
}
