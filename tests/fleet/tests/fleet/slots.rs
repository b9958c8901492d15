//! Tests of slots, queues and connections.

use std::io::Write as _;
use std::time::Duration;

use rescue_fleet::{Fault, FaultPlan, Fleet, FleetConfig, Latency, PHOTO, Role, ServerConfig, draw_scenes};
use serde_json::json;

use crate::http::{connect, get, post, receive, send};

fn fleet(clip: ServerConfig) -> Fleet {
    Fleet::start(FleetConfig { scenes: draw_scenes(51, 1, &[PHOTO]).unwrap(), clip, ..FleetConfig::default() }).unwrap()
}

fn body(index: usize) -> Vec<u8> {
    json!({ "crops": [], "query": "x", "index": index }).to_string().into_bytes()
}

/// Waits until a condition holds.
fn until(what: impl Fn() -> bool) {
    while !what() {
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn no_more_requests_are_served_at_once_than_there_are_slots() {
    let latency = Latency::Fixed(Duration::from_millis(60));
    let fleet = fleet(ServerConfig { slots: 3, latency, ..ServerConfig::default() });
    let streams: Vec<_> =
        (0..12).map(|index| send(&fleet.base(Role::Clip), "POST", "/verify", &body(index)).unwrap()).collect();
    for stream in streams {
        assert_eq!(receive(stream).unwrap().status, 200);
    }
    let stats = fleet.stats(Role::Clip);
    assert_eq!((stats.peak_running, stats.running, stats.waiting), (3, 0, 0));
    assert!(stats.peak_waiting >= 1 && stats.full_after.is_some());
    assert_eq!((stats.served[&200], stats.distinct_bodies, stats.aborted), (12, 12, 0));
    assert!((stats.nominal_seconds - 0.72).abs() < 1e-9, "{}", stats.nominal_seconds);
    assert!(stats.held_seconds >= stats.nominal_seconds && stats.busy_seconds >= 0.72, "{stats:?}");
    assert!(stats.busy_share > 0.0 && stats.busy_share <= 1.0);
    println!("held {:.4} s of {:.4} s; busy share {:.3}", stats.held_seconds, stats.nominal_seconds, stats.busy_share);
}

#[test]
fn aborted_requests_are_counted_and_a_full_queue_is_a_503() {
    let faults = FaultPlan::none().with(Fault::Hang, 1.0);
    let fleet = fleet(ServerConfig { slots: 1, max_queue: Some(1), faults, ..ServerConfig::default() });
    let hanging = send(&fleet.base(Role::Clip), "POST", "/verify", &body(0)).unwrap();
    until(|| fleet.stats(Role::Clip).running == 1);
    fleet.set_faults(Role::Clip, FaultPlan::none()).unwrap();
    let waiting = send(&fleet.base(Role::Clip), "POST", "/verify", &body(1)).unwrap();
    until(|| fleet.stats(Role::Clip).waiting == 1);
    let refused = receive(send(&fleet.base(Role::Clip), "POST", "/verify", &body(2)).unwrap()).unwrap();
    assert_eq!(refused.status, 503);
    drop(hanging);
    assert_eq!(receive(waiting).unwrap().status, 200);
    let stats = fleet.stats(Role::Clip);
    assert_eq!((stats.aborted, stats.running, stats.served[&503]), (1, 0, 1));
    assert_eq!(stats.faults, [(Fault::Hang, 1)].into());
}

#[test]
fn connections_are_kept_open_and_bodies_are_bounded() {
    let fleet = fleet(ServerConfig::default());
    let mut stream = connect(&fleet.base(Role::Clip)).unwrap();
    let ask = "GET /health HTTP/1.1\r\nHost: fleet\r\n\r\n";
    stream
        .write_all(format!("{ask}{ask}GET /health HTTP/1.1\r\nHost: fleet\r\nConnection: close\r\n\r\n").as_bytes())
        .unwrap();
    let mut all = String::new();
    std::io::Read::read_to_string(&mut stream, &mut all).unwrap();
    assert_eq!(all.matches("HTTP/1.1 200 OK").count(), 3);
    assert_eq!((fleet.stats(Role::Clip).connections, fleet.stats(Role::Clip).requests), (1, 3));
    let mut stream = connect(&fleet.base(Role::Clip)).unwrap();
    let head = format!(
        "POST /verify HTTP/1.1\r\nHost: fleet\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        (64 << 20) + 1
    );
    stream.write_all(head.as_bytes()).unwrap();
    assert_eq!(receive(stream).unwrap().status, 413);
    let reply = receive(send(&fleet.base(Role::Clip), "POST", "/verify", b"{").unwrap()).unwrap();
    assert_eq!(reply.status, 400);
    assert_eq!(post(&fleet.base(Role::Clip), "/nowhere", &json!({})).unwrap().status, 404);
}

#[test]
fn servers_go_down_come_up_and_stop() {
    let fleet = fleet(ServerConfig::default());
    let base = fleet.base(Role::Clip);
    assert_eq!(get(&base, "/health").status, 200);
    let kept = connect(&base).unwrap();
    until(|| fleet.stats(Role::Clip).connections == 2);
    fleet.down(Role::Clip).unwrap();
    fleet.down(Role::Clip).unwrap();
    assert_eq!(connect(&base).unwrap_err().kind(), std::io::ErrorKind::ConnectionRefused);
    assert!(receive(kept).is_err(), "connections are closed");
    fleet.up(Role::Clip).unwrap();
    assert_eq!(get(&base, "/health").status, 200);
    assert_eq!(fleet.stats(Role::Clip).endpoints["GET /health"], 2);
    fleet.stop();
    assert_eq!(connect(&base).unwrap_err().kind(), std::io::ErrorKind::ConnectionRefused);
}

#[test]
fn a_fleet_that_cannot_start_says_why() {
    let scenes = draw_scenes(51, 1, &[PHOTO]).unwrap();
    let twice = FleetConfig { scenes: [scenes.clone(), scenes].concat(), ..FleetConfig::default() };
    assert!(Fleet::start(twice).unwrap_err().to_string().contains("two scenes have the query"));
    let fleet = fleet(ServerConfig::default());
    let port: u16 = fleet.base(Role::Clip).rsplit(':').next().unwrap().parse().unwrap();
    let mut taken = FleetConfig::default();
    taken.planner.port = port;
    let error = Fleet::start(taken).unwrap_err().to_string();
    assert!(error.starts_with(&format!("cannot listen at port {port} of 127.0.0.1 for the planner")), "{error}");
    assert!(fleet.set_faults(Role::Clip, FaultPlan::none().with(Fault::ZeroMask, 0.1)).is_err());
}
