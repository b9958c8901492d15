//! The command line of the program `rescue-fleet`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use rescue_fleet::{Coordinates, Fault, FaultPlan, FleetConfig, FleetError, Latency, MaskFile, Role, Scene, Thinking};

/// Four fake model servers for synthetic photos whose ground truth they know: planner, verifier (vLLM), executor (SAM),
/// clip.
#[derive(Debug, Parser)]
#[command(version, after_help = AFTER)]
pub struct Args {
    /// The planner's port; 0 takes a free one.
    #[arg(long, value_name = "PORT", default_value_t = Role::Planner.usual_port())]
    planner_port: u16,
    /// The verifier's port; 0 takes a free one.
    #[arg(long, value_name = "PORT", default_value_t = Role::Verifier.usual_port())]
    verifier_port: u16,
    /// The executor's port; 0 takes a free one.
    #[arg(long, value_name = "PORT", default_value_t = Role::Executor.usual_port())]
    executor_port: u16,
    /// The CLIP server's port; 0 takes a free one.
    #[arg(long, value_name = "PORT", default_value_t = Role::Clip.usual_port())]
    clip_port: u16,
    /// The number of photos, 1 to 1000.
    #[arg(long, value_name = "N", default_value_t = 8)]
    pub scenes: usize,
    /// The folder into which photos, ground-truth masks and samples.jsonl are written.
    #[arg(long, value_name = "DIR", default_value = "out/fleet")]
    pub write: PathBuf,
    /// The seed from which photos, answers, faults and latencies are drawn.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// The number of requests that a server serves at once.
    #[arg(long, value_name = "N", default_value_t = 64)]
    slots: usize,
    /// The number of requests that may wait at a server before it answers 503. Without it, any number may wait.
    #[arg(long, value_name = "N")]
    max_queue: Option<usize>,
    /// How long a request takes: MS, MS~SIGMA (log-normal; MS is its median) or MS+MS (the second for each request
    /// under way).
    #[arg(long, value_name = "LATENCY", default_value = "50", value_parser = latency)]
    latency: Latency,
    /// A fault and its probability, 0 to 1, at one server or at all that have it. May be repeated.
    #[arg(long = "fault", value_name = "KIND=RATE[@SERVER]", value_parser = fault)]
    faults: Vec<(Fault, f64, Option<Role>)>,
    /// The most faults that the same request meets. Without it, there is no bound.
    #[arg(long, value_name = "N")]
    at_most: Option<u32>,
    /// Where the models put their thinking: off, reasoning, reasoning-content or inline.
    #[arg(long, default_value = "off", value_parser = thinking)]
    thinking: Thinking,
    /// The units of the models' coordinates: thousand, shown or resized-28.
    #[arg(long, default_value = "thousand", value_parser = coordinates)]
    coordinates: Coordinates,
    /// The probability that the planner points at the right object, 0 to 1.
    #[arg(long, default_value_t = 0.5)]
    right: f64,
    /// The standard deviation of the edges of the planner's boxes, as a share of the object's side.
    #[arg(long, default_value_t = 0.05)]
    jitter: f64,
    /// How well the verifier sees differences of IoU, 0 or more; with inf it is always right.
    #[arg(long, default_value_t = 10.0)]
    beta: f64,
    /// The verifier's bias in favour of what is shown first, as a logit.
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    bias: f64,
    /// Send masks as JPEG, as the original system does.
    #[arg(long)]
    jpeg_masks: bool,
    /// Stop after so many seconds. Without it, the fleet stops at the end of standard input or at Ctrl-C.
    #[arg(long, value_name = "S", value_parser = seconds)]
    pub seconds: Option<Duration>,
}

const AFTER: &str = "\
Examples:
  rescue-fleet --scenes 20 --write /tmp/scenes
  rescue-fleet --fault error=0.1 --fault uuid-miss=0.2@verifier --latency 200~0.6
  rescue-fleet --planner-port 0 --verifier-port 0 --executor-port 0 --clip-port 0 --seconds 60

Faults:
  refused reset hang trickle uuid-miss busy error unavailable truncated wrong-schema
  wrong-order html empty length zero-mask wrong-size nan huge";

impl Args {
    /// The configuration that the flags describe, for a fleet with these scenes.
    pub fn config(&self, scenes: Vec<Scene>) -> FleetConfig {
        let mut config = FleetConfig { scenes, seed: self.seed, ..FleetConfig::default() };
        for role in Role::ALL {
            let own = config.server_mut(role);
            own.port = match role {
                Role::Planner => self.planner_port,
                Role::Verifier => self.verifier_port,
                Role::Executor => self.executor_port,
                Role::Clip => self.clip_port,
            };
            (own.slots, own.max_queue, own.latency) = (self.slots, self.max_queue, self.latency);
            own.faults = self.faults(role);
            (own.chat.thinking, own.chat.coordinates) = (self.thinking, self.coordinates);
            (own.chat.right, own.chat.jitter) = (self.right, self.jitter);
            (own.chat.beta, own.chat.bias) = (self.beta, self.bias);
            own.mask_file = if self.jpeg_masks { MaskFile::Jpeg } else { MaskFile::Png };
        }
        config
    }

    fn faults(&self, role: Role) -> FaultPlan {
        let own = |(fault, _, at): &&(Fault, f64, Option<Role>)| at.map_or(fault.applies(role), |at| at == role);
        let plan =
            self.faults.iter().filter(own).fold(FaultPlan::none(), |plan, (fault, rate, _)| plan.with(*fault, *rate));
        self.at_most.map_or(plan.clone(), |most| plan.at_most(most))
    }
}

fn fault(text: &str) -> Result<(Fault, f64, Option<Role>), String> {
    let wrong = || format!("{text:?} is not KIND=RATE or KIND=RATE@SERVER, as in error=0.1@clip");
    let (kind, rest) = text.split_once('=').ok_or_else(wrong)?;
    let (rate, role) = rest.split_once('@').map_or((rest, None), |(rate, role)| (rate, Some(role)));
    let said = |error: FleetError| error.to_string();
    let fault = kind.parse().map_err(said)?;
    Ok((fault, rate.parse().map_err(|_| wrong())?, role.map(str::parse).transpose().map_err(said)?))
}

fn latency(text: &str) -> Result<Latency, String> {
    let wrong = || format!("{text:?} is not MS, MS~SIGMA or MS+MS, as in 200~0.6");
    let ms = |text: &str| {
        let seconds = text.parse::<f64>().map_err(|_| wrong())? / 1000.0;
        Duration::try_from_secs_f64(seconds).map_err(|_| wrong())
    };
    if let Some((median, sigma)) = text.split_once('~') {
        return Ok(Latency::LogNormal { median: ms(median)?, sigma: sigma.parse().map_err(|_| wrong())? });
    }
    if let Some((base, each)) = text.split_once('+') {
        return Ok(Latency::Load { base: ms(base)?, each: ms(each)? });
    }
    Ok(Latency::Fixed(ms(text)?))
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| format!("{text:?} is no number of seconds, 0 or more, as in 60 or 0.5"))
}

fn thinking(text: &str) -> Result<Thinking, String> {
    Ok(match text {
        "off" => Thinking::Off,
        "reasoning" => Thinking::Reasoning,
        "reasoning-content" => Thinking::ReasoningContent,
        "inline" => Thinking::Inline,
        _ => return Err("there are off, reasoning, reasoning-content and inline".to_owned()),
    })
}

fn coordinates(text: &str) -> Result<Coordinates, String> {
    Ok(match text {
        "thousand" => Coordinates::Thousand,
        "shown" => Coordinates::Shown,
        "resized-28" => Coordinates::Resized28,
        _ => return Err("there are thousand, shown and resized-28".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_read() {
        let args = Args::try_parse_from([
            "rescue-fleet",
            "--fault=error=0.1",
            "--fault=zero-mask=0.5@executor",
            "--at-most=2",
            "--latency=200~0.6",
            "--beta=inf",
            "--bias=-0.5",
        ])
        .unwrap();
        let config = args.config(Vec::new());
        assert_eq!(config.planner.faults, FaultPlan::none().with(Fault::Error, 0.1).at_most(2));
        let both = FaultPlan::none().with(Fault::Error, 0.1).with(Fault::ZeroMask, 0.5).at_most(2);
        assert_eq!(config.executor.faults, both);
        assert_eq!(config.clip.latency, Latency::LogNormal { median: Duration::from_millis(200), sigma: 0.6 });
        assert!(config.verifier.chat.beta.is_infinite());
        assert_eq!(config.verifier.port, 8000);
        assert!(Args::try_parse_from(["rescue-fleet", "--fault", "nothing=1"]).is_err());
        assert!(Args::try_parse_from(["rescue-fleet", "--latency", "-5"]).is_err());
        let time =
            |text: &str| Args::try_parse_from(["rescue-fleet", &format!("--seconds={text}")]).map(|it| it.seconds);
        assert_eq!(time("0.5").unwrap(), Some(Duration::from_millis(500)));
        for wrong in ["-1", "nan", "inf", "1e300", "a minute"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}
