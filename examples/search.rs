//! Searches a photo from Rust: `cargo run -p rescue-pipeline --example search -- PHOTO "the dog on the left"`. Without arguments, the
//! bundled example is searched. The configuration is that of the environment; `cargo xtask plugins` has to have run before.

use anyhow::Result;
use rescue_pipeline::{Run, RunSpec, Sample};

fn main() -> Result<()> {
    let config = rescue_config::resolve(None, |name| std::env::var_os(name), &[])?.config;
    let run = Run::open(RunSpec::new(config), &mut |note| eprintln!("{note}"))?;
    let sample = match (std::env::args().nth(1), std::env::args().nth(2)) {
        (Some(photo), Some(query)) => Sample::read(photo, query)?,
        _ => Sample::example()?,
    };
    let outcome = run.search(&sample, &mut |_| {})?;
    let area = outcome.mask.map_or(0, |mask| mask.area());
    println!("{:?}: {area} pixels, {} candidates", sample.query, outcome.candidates.len());
    Ok(())
}
