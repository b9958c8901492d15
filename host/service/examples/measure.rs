//! ad hoc
use rescue_core::*;
use rescue_service::*;
use std::task::*;
use std::time::Instant;
fn wait<T>(mut f: BoxFuture<'_, T>) -> T {
    match f.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(v) => v,
        _ => unreachable!(),
    }
}
fn main() {
    let t = Instant::now();
    let models = Models::locate(None, &mut |s| println!("{s}")).unwrap();
    println!("locate {:?}", t.elapsed());
    let size = Size::new(4000, 4000);
    let mut rgb = vec![0u8; size.pixels() as usize * 3];
    for y in 0..size.height {
        for x in 0..size.width {
            let i = ((y * size.width + x) * 3) as usize;
            let d = ((x as f64 - 1500.).powi(2) + (y as f64 - 1200.).powi(2)).sqrt();
            let v = if d < 600. { 230 } else { 60 + ((x / 40 + y / 40) % 2 * 30) as u8 };
            rgb[i] = v;
            rgb[i + 1] = v / 2;
            rgb[i + 2] = v;
        }
    }
    let photo = Photo::new(size, rgb, Digest::of(b"x")).unwrap();
    let e = EmbeddedExecutor::new(&models);
    let r = Rect { x_min: 880., y_min: 590., x_max: 2120., y_max: 1810. };
    let p = vec![Prompt { concept: String::new(), rect: Some(r), points: vec![] }];
    for _ in 0..4 {
        let t = Instant::now();
        let v = wait(e.segment(&photo, &p)).unwrap();
        println!("segment 1 {:?} {:?}", t.elapsed(), v[0].as_ref().map(|s| (s.mask.area(), s.predicted_iou)));
    }
    for k in 0..3u8 {
        let ph = Photo::new(size, photo.rgb().to_vec(), Digest::of(&[k])).unwrap();
        let t = Instant::now();
        wait(e.segment(&ph, &p)).unwrap();
        println!("encode+decode {:?}", t.elapsed());
    }
    let d = EmbeddedDetector::new(&models);
    for k in 0..4u8 {
        let ph = Photo::new(size, photo.rgb().to_vec(), Digest::of(&[k])).unwrap();
        let t = Instant::now();
        let f = wait(d.detect(&ph, "")).unwrap();
        println!("detect {:?} {:?}", t.elapsed(), f.len());
    }
    println!(
        "{}",
        std::fs::read_to_string("/proc/self/status").unwrap().lines().find(|l| l.starts_with("VmHWM")).unwrap()
    );
}
