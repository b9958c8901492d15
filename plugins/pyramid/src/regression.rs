//! Regression test: plays tournaments with random settings, sizes, verdicts and orders of arrival, and compares digests
//! of all their steps and rankings. If a digest differs, the results of earlier runs can no longer be repeated.

use super::*;
use rescue_plugin_sdk::tournament::{Ending, Lineup, Match, Outcome};
use rescue_plugin_sdk::{Candidate, Random, Rect, Score, Verdict};

/// The number of tournaments in each digest.
const TOURNAMENTS_PER_DIGEST: u64 = 40;

/// The digests of the first version of this plugin, which played the whole bracket again in each `next`.
const EXPECTED: [u64; 16] = [
    0xcdc8_d386_d1a4_759f,
    0xdaac_d996_08d2_4ef4,
    0xc8ac_e03b_7548_68ec,
    0x6c1f_3ccf_9a9a_eec6,
    0x024e_39d9_a898_df80,
    0x166d_4fb7_5bc3_469a,
    0xb5d4_004d_ffcd_17c6,
    0x26ad_6919_c64b_919e,
    0x7b8a_94ca_1a56_f107,
    0x4164_0668_7737_a334,
    0x85c5_b6fb_137a_4aaf,
    0x1594_2636_7dcc_462d,
    0xc7f4_c311_20b9_439b,
    0x8e70_d773_5d29_7946,
    0x420b_dc54_183f_b276,
    0x5564_a93b_0bf3_9d9e,
];

#[test]
fn steps_and_rankings_never_change() {
    let digests = [(); EXPECTED.len()].map({
        let mut seeds = 0..;
        move |()| {
            let mut digest = Digest(0xcbf2_9ce4_8422_2325);
            for seed in seeds.by_ref().take(TOURNAMENTS_PER_DIGEST as usize) {
                tournament(seed, &mut digest);
            }
            digest.0
        }
    });
    assert_eq!(digests, EXPECTED, "{digests:#018x?}");
}

/// An FNV-1a hash over 64-bit words, with a rotation after each.
struct Digest(u64);

impl Digest {
    fn word(&mut self, word: u64) {
        self.0 = (self.0 ^ word).wrapping_mul(0x0100_0000_01b3).rotate_left(23);
    }

    fn lineup(&mut self, lineup: &Lineup) {
        self.word(lineup.contestants.len() as u64);
        lineup.contestants.iter().for_each(|id| self.word(u64::from(*id)));
        self.word(u64::from(lineup.repeat));
    }

    fn step(&mut self, step: &Step) {
        let Step { play, cancel, prefetch, done } = step;
        for word in [play.len(), cancel.len(), prefetch.len(), usize::from(*done)] {
            self.word(word as u64);
        }
        for one in play {
            self.word(u64::from(one.id));
            self.lineup(&one.lineup);
        }
        cancel.iter().for_each(|id| self.word(u64::from(*id)));
        prefetch.iter().for_each(|lineup| self.lineup(lineup));
    }

    fn ranking(&mut self, ranking: &Ranking) {
        let Ranking { places, no_target, answer, notes } = ranking;
        for place in places {
            self.word(u64::from(place.id));
            self.word(place.score.to_bits());
        }
        self.word(no_target.map_or(u64::MAX, f64::to_bits));
        assert_eq!(*answer, None);
        self.word(notes.len() as u64);
        notes
            .iter()
            .flat_map(|(name, value)| name.bytes().chain(value.bytes()))
            .for_each(|byte| self.word(byte.into()));
    }
}

/// One of these items, drawn at random.
fn pick<T: Copy>(random: &mut Random, from: &[T]) -> T {
    from[usize::try_from(random.below(from.len() as u64)).unwrap()]
}

/// One of a few numbers or `None`, drawn at random.
fn maybe_number(random: &mut Random) -> Option<f64> {
    pick(random, &[None, Some(0.0), Some(0.25), Some(0.5), Some(0.75)])
}

fn candidate(id: u32, random: &mut Random) -> Candidate {
    Candidate {
        id,
        label: "thing".to_owned(),
        origin: "test".to_owned(),
        confidence: maybe_number(random),
        notes: vec![],
        bounds: Rect { x_min: 0.0, y_min: 0.0, x_max: 1.0, y_max: 1.0 },
        area: 1,
        coverage: 0.1,
        components: 1,
        predicted_iou: maybe_number(random),
        similarity: None,
        measures: vec![],
    }
}

/// A random ending of a match, among all kinds of endings.
fn ending(one: &Match, random: &mut Random) -> Ending {
    let shares = match (random.below(10), one.lineup.contestants.len()) {
        (0, _) => return Ending::Abstained("unsure".to_owned()),
        (1, _) => return Ending::Failed("no answer".to_owned()),
        (2, _) => vec![],
        (3, 2) => vec![0.5, f64::NAN],
        (4 | 5, 2) => vec![0.25, 0.25],
        (_, 2) => vec![random.unit() / 2.0, random.unit() / 2.0],
        _ => vec![random.unit()],
    };
    let order = pick(random, &[&[] as &[u32], &[0, 1], &[1, 0], &[7]]).to_vec();
    Ending::Verdict(Verdict { shares, order, ..Verdict::default() })
}

/// Plays one tournament, drawn from `seed`, to its end.
fn tournament(seed: u64, digest: &mut Digest) {
    let mut random = Random::new(seed);
    let settings = Settings {
        seeding: pick(&mut random, &[Seeding::Prior, Seeding::Seed]),
        order: pick(&mut random, &[Order::Random, Order::Fixed]),
        rematches: pick(&mut random, &[0, 1, 1, 2, 5]),
    };
    let (scored, smallest) = (random.coin(), pick(&mut random, &[1, 1, 2]));
    let terms = Terms { smallest, largest: 2, scored, spare: pick(&mut random, &[0, 3, 1000]), context: vec![] };
    let n = pick(&mut random, &[0, 1, 1, 2, 3, 4, 5, 7, 8, 9, 16, 23, 33, 64, 70]);
    let mut pyramid = Pyramid::new(random.next_u64(), terms, settings);
    digest.ranking(&pyramid.ranking().unwrap());

    let mut ids: Vec<u32> = (0..n + n / 2).collect();
    random.shuffle(&mut ids);
    ids.truncate(n as usize);
    for id in &ids {
        pyramid.tell(Fact::Entered(candidate(*id, &mut random))).unwrap();
    }
    digest.step(&pyramid.next().unwrap());
    digest.ranking(&pyramid.ranking().unwrap());
    pyramid.tell(Fact::Closed(vec![])).unwrap();
    if scored {
        digest.step(&pyramid.next().unwrap());
        let scores = ids.iter().filter_map(|id| Some(Score { id: *id, value: maybe_number(&mut random)? })).collect();
        pyramid.tell(Fact::Scored(scores)).unwrap();
    }
    digest.ranking(&pyramid.ranking().unwrap());

    let largest_batch = pick(&mut random, &[1, 3, 1000]);
    let (chatty, in_order) = (random.coin(), random.coin());
    let mut owed: Vec<Match> = vec![];
    loop {
        let step = pyramid.next().unwrap();
        digest.step(&step);
        owed.extend(step.play);
        digest.ranking(&pyramid.ranking().unwrap());
        if step.done {
            assert!(owed.is_empty());
            return;
        }
        digest.step(&pyramid.next().unwrap());
        assert!(!owed.is_empty(), "stalled");
        if !in_order {
            random.shuffle(&mut owed);
        }
        let batch = owed.len().min(largest_batch);
        for one in owed.drain(..batch) {
            let stray = Outcome { id: 1_000_000 + one.id, calls: 0, ending: ending(&one, &mut random) };
            pyramid.tell(Fact::Played(stray)).unwrap();
            let outcome = Outcome { id: one.id, calls: 1, ending: ending(&one, &mut random) };
            pyramid.tell(Fact::Played(outcome)).unwrap();
            if chatty {
                digest.ranking(&pyramid.ranking().unwrap());
            }
        }
    }
}
