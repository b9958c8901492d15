//! Tests of each fault from a client's side.

use std::io::Read as _;
use std::time::Duration;

use rescue_fleet::{Class, Fault, FaultPlan, Fleet, FleetConfig, HUGE_BODY, PHOTO, Role, ServerConfig, draw_scenes};
use serde_json::{Value, json};

use crate::drawing::{base64, chat, text, text_of};
use crate::http::{Reply, post, receive, send};

fn fleet(role: Role, plan: FaultPlan) -> Fleet {
    let mut config = FleetConfig { scenes: draw_scenes(61, 1, &[PHOTO]).unwrap(), ..FleetConfig::default() };
    *config.server_mut(role) = ServerConfig { faults: plan, ..ServerConfig::default() };
    Fleet::start(config).unwrap()
}

fn always(role: Role, fault: Fault) -> Fleet {
    fleet(role, FaultPlan::none().with(fault, 1.0))
}

/// Sends a correct request to a server. Different indices give different requests.
fn ask(fleet: &Fleet, role: Role, index: u32) -> std::io::Result<Reply> {
    let scene = &fleet.scenes()[0];
    let (path, body) = match role {
        Role::Planner | Role::Verifier => {
            ("/v1/chat/completions", chat(&[text(&scene.query), text(&index.to_string())], json!({ "n": 2 })))
        }
        Role::Executor => {
            let boxes = [0.0, 0.0, 0.3 + f64::from(index) / 1000.0, 0.3];
            let prompts = json!([{ "type": "text", "text": scene.query }, { "type": "box", "box": boxes }]);
            ("/api/v1/image/segment", json!({ "image": base64(&scene.photo), "prompts": prompts }))
        }
        Role::Clip => ("/verify", json!({ "crops": [], "query": index.to_string() })),
    };
    post(&fleet.base(role), path, &body)
}

#[test]
fn statuses_and_bodies() {
    for role in Role::ALL {
        for (fault, status) in [(Fault::Busy, 429), (Fault::Error, 500), (Fault::Unavailable, 503)] {
            let fleet = always(role, fault);
            let reply = ask(&fleet, role, 0).unwrap();
            assert_eq!(reply.status, status);
            assert_eq!(reply.head.to_lowercase().contains("retry-after: 1"), status == 429, "{}", reply.head);
            assert_eq!(fleet.stats(role).faults, [(fault, 1)].into());
        }
        let html = ask(&always(role, Fault::Html), role, 0).unwrap();
        assert_eq!(html.status, 200);
        assert!(html.body.starts_with(b"<!DOCTYPE html>") && html.head.contains("text/html"));
        let cut = ask(&always(role, Fault::Truncated), role, 0).unwrap();
        assert!(cut.status == 200 && serde_json::from_slice::<Value>(&cut.body).is_err());
    }
}

#[test]
fn connections_that_end_too_early() {
    let refused = always(Role::Clip, Fault::Refused);
    assert!(ask(&refused, Role::Clip, 0).is_err());
    assert_eq!((refused.stats(Role::Clip).refused, refused.stats(Role::Clip).requests), (1, 0));
    // The reset comes before the answer, or within the body.
    let reset = always(Role::Executor, Fault::Reset);
    let mut before = 0;
    for index in 0..20 {
        let body = json!({ "image": base64(&reset.scenes()[0].photo), "prompts": [{ "type": "text", "text": index.to_string() }] });
        let mut stream =
            send(&reset.base(Role::Executor), "POST", "/api/v1/image/segment", body.to_string().as_bytes()).unwrap();
        let mut bytes = Vec::new();
        let error = stream.read_to_end(&mut bytes).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{index}");
        before += u32::from(bytes.is_empty());
        if !bytes.is_empty() {
            assert!(bytes.starts_with(b"HTTP/1.1 200 OK"), "{index}");
        }
    }
    assert!((3..18).contains(&before), "{before} of 20");
    assert_eq!(reset.stats(Role::Executor).running, 0);
}

#[test]
fn answers_that_hang_or_trickle() {
    let hang = always(Role::Clip, Fault::Hang);
    let mut stream = send(&hang.base(Role::Clip), "POST", "/verify", br#"{"crops":[],"query":""}"#).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    assert!(stream.read(&mut [0]).is_err(), "nothing comes");
    drop(stream);
    while hang.stats(Role::Clip).aborted == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let trickle = always(Role::Clip, Fault::Trickle);
    let begun = std::time::Instant::now();
    let reply = ask(&trickle, Role::Clip, 0).unwrap();
    assert_eq!(reply.json(), json!({ "scores": [] }), "it is the right answer");
    assert!(begun.elapsed() >= Duration::from_millis(50 * 12), "thirteen bytes have twelve pauses");
}

#[test]
fn a_huge_body_is_streamed() {
    let fleet = always(Role::Planner, Fault::Huge);
    let (mut told, mut chunked) = (0, 0);
    for index in 0..10 {
        let body = chat(&[text(&index.to_string())], json!({})).to_string();
        let mut stream = send(&fleet.base(Role::Planner), "POST", "/v1/chat/completions", body.as_bytes()).unwrap();
        // A careful client stops reading.
        let mut bytes = vec![0; 1 << 20];
        stream.read_exact(&mut bytes).unwrap();
        let head = String::from_utf8_lossy(&bytes[..300]).to_lowercase();
        told += u32::from(head.contains(&format!("content-length: {HUGE_BODY}")));
        chunked += u32::from(head.contains("transfer-encoding: chunked"));
        assert!(head.contains(r#"{"object":"chat.completion""#), "{head}");
    }
    assert!(told > 0 && chunked > 0 && told + chunked == 10, "{told} {chunked}");
    while fleet.stats(Role::Planner).aborted < 10 {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(fleet.stats(Role::Planner).running, 0, "slots come back");
}

#[test]
fn json_of_another_shape() {
    let bad = always(Role::Verifier, Fault::WrongSchema);
    let good = |body: &Value| {
        let choices = body["choices"].as_array().filter(|choices| choices.len() == 2);
        choices.is_some_and(|choices| {
            let whole =
                |index: usize| choices[index]["index"] == index && choices[index]["message"]["content"].is_string();
            whole(0) && whole(1)
        })
    };
    assert!(good(&ask(&fleet(Role::Verifier, FaultPlan::none()), Role::Verifier, 0).unwrap().json()));
    for index in 0..20 {
        let body = ask(&bad, Role::Verifier, index).unwrap().json();
        assert!(!good(&body), "{body}");
    }
    let bad = always(Role::Executor, Fault::WrongSchema);
    for index in 0..12 {
        let body = ask(&bad, Role::Executor, index).unwrap().json();
        let list = |name: &str| body[name].as_array().map(Vec::len);
        assert!([list("masks"), list("boxes"), list("scores")] != [Some(2); 3], "{index}");
    }
    let bad = always(Role::Clip, Fault::WrongSchema);
    assert!((0..2).all(|_| !ask(&bad, Role::Clip, 0).unwrap().json()["scores"].is_array()));
}

#[test]
fn answers_in_another_order() {
    let (right, wrong) = (fleet(Role::Executor, FaultPlan::none()), always(Role::Executor, Fault::WrongOrder));
    let (right, wrong) =
        (ask(&right, Role::Executor, 0).unwrap().json(), ask(&wrong, Role::Executor, 0).unwrap().json());
    for name in ["masks", "boxes", "scores"] {
        assert_eq!((&right[name][0], &right[name][1]), (&wrong[name][1], &wrong[name][0]));
    }
    let (right, wrong) = (fleet(Role::Planner, FaultPlan::none()), always(Role::Planner, Fault::WrongOrder));
    let (right, wrong) = (ask(&right, Role::Planner, 0).unwrap().json(), ask(&wrong, Role::Planner, 0).unwrap().json());
    assert_eq!(right["choices"][0], wrong["choices"][1], "each with its own index");
    assert_eq!(Fault::WrongOrder.class(), Class::Order);
}

#[test]
fn empty_and_cut_texts_are_answers() {
    let body = ask(&always(Role::Planner, Fault::Empty), Role::Planner, 0).unwrap().json();
    assert_eq!((text_of(&body).as_str(), &body["choices"][0]["finish_reason"]), ("", &json!("stop")));
    let body = ask(&always(Role::Planner, Fault::Length), Role::Planner, 0).unwrap().json();
    assert_eq!(body["choices"][0]["finish_reason"], "length");
    assert_eq!([Fault::Empty.class(), Fault::Length.class()], [Class::Answer; 2]);
}

#[test]
fn wrong_masks_and_scores() {
    let mask_of = |fault| {
        let body = ask(&always(Role::Executor, fault), Role::Executor, 0).unwrap().json();
        let bytes = base64_simd::STANDARD.decode_to_vec(body["masks"][0].as_str().unwrap()).unwrap();
        rescue_mask::png::read_mask(&bytes, 1_000_000).unwrap()
    };
    assert!(mask_of(Fault::ZeroMask).is_empty());
    assert_eq!(mask_of(Fault::WrongSize).size(), rescue_mask::Size::new(320, 240));
    let sam = ask(&always(Role::Executor, Fault::Nan), Role::Executor, 0).unwrap();
    assert!(String::from_utf8(sam.body).unwrap().contains(r#""scores":[NaN,"#));
    let clip = always(Role::Clip, Fault::Nan);
    let black = base64(&crate::drawing::file(&image::RgbImage::new(8, 8)));
    let reply = post(&clip.base(Role::Clip), "/verify", &json!({ "crops": [black], "query": "x" })).unwrap();
    assert_eq!(reply.body, br#"{"scores":[NaN]}"#);
}

#[test]
fn cached_pictures_are_missed_at_the_configured_rate() {
    let fleet = fleet(Role::Verifier, FaultPlan::none().with(Fault::UuidMiss, 0.5));
    let mut part = crate::drawing::image_part(&fleet.scenes()[0].photo);
    part["uuid"] = json!("u");
    let with = |part: &Value, index: u32| chat(&[part.clone(), text(&index.to_string())], json!({}));
    let ask = |body: &Value| post(&fleet.base(Role::Verifier), "/v1/chat/completions", body).unwrap().status;
    assert_eq!(ask(&with(&part, 0)), 200);
    let lone = json!({ "type": "image_url", "image_url": null, "uuid": "u" });
    let missed: Vec<_> = (0..40).filter(|index| ask(&with(&lone, *index)) == 400).collect();
    assert!((8..32).contains(&missed.len()), "{missed:?}");
    assert!(missed.iter().all(|index| ask(&with(&part, *index)) == 200), "with its bytes it is answered");
    assert_eq!(fleet.stats(Role::Verifier).faults[&Fault::UuidMiss], missed.len() as u64);
}

#[test]
fn rates_do_not_depend_on_order_and_retries_succeed() {
    let plan = FaultPlan::none().with(Fault::Error, 0.3).with(Fault::Busy, 0.2);
    let (one, other) = (fleet(Role::Clip, plan.clone()), fleet(Role::Clip, plan));
    let status = |fleet: &Fleet, index| ask(fleet, Role::Clip, index).unwrap().status;
    let forward: Vec<_> = (0..60).map(|index| status(&one, index)).collect();
    let mut backward: Vec<_> = (0..60).rev().map(|index| status(&other, index)).collect();
    backward.reverse();
    assert_eq!(forward, backward);
    let failed = forward.iter().filter(|status| **status != 200).count();
    assert!((18..42).contains(&failed), "{failed} of 60");
    for index in 0..60 {
        assert!((0..40).any(|_| status(&one, index) == 200), "{index}");
    }
    one.set_faults(Role::Clip, FaultPlan::none().with(Fault::Unavailable, 1.0).at_most(1)).unwrap();
    assert_eq!([status(&one, 100), status(&one, 100), status(&one, 101)], [503, 200, 503]);
}

#[test]
fn an_answer_without_faults_is_whole() {
    let fleet = fleet(Role::Clip, FaultPlan::none());
    let stream = send(&fleet.base(Role::Clip), "POST", "/verify", br#"{"crops":[],"query":""}"#).unwrap();
    assert_eq!(receive(stream).unwrap().json(), json!({ "scores": [] }));
}
