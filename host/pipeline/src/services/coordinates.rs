//! How models state coordinates, by what their names say.

use rescue_config::{Chat, Coordinates};
use rescue_reply::Convention;

use super::ServiceName;

/// Parts of the names of models, in lower case, and how these models state coordinates. The first that fits counts.
///
/// Sources: the grounding examples of Qwen2-VL, Qwen2.5-VL and Qwen3-VL, and Gemini's documentation of `box_2d`.
const KNOWN: [(&[&str], Coordinates); 3] = [
    (&["qwen2.5-vl", "qwen2_5-vl", "qwen2.5vl"], Coordinates::Resized28),
    (&["gemini"], Coordinates::ThousandYFirst),
    (&["qwen3-vl", "qwen3vl", "qwen2-vl", "qwen2vl"], Coordinates::Thousand),
];

/// How the models of a service state coordinates, and a warning if that is not what a reader of the configuration expects.
pub(super) fn coordinates(service: ServiceName, chat: &Chat, model: &str) -> (Coordinates, Option<String>) {
    let name = model.to_lowercase();
    let known = KNOWN.iter().find(|(parts, _)| parts.iter().any(|part| name.contains(part))).map(|(_, known)| *known);
    match (chat.coordinates, known) {
        (Coordinates::Auto, None | Some(Coordinates::Thousand)) => (Coordinates::Thousand, None),
        (Coordinates::Auto, Some(known)) => {
            let told = convention(known).name();
            let why = format!(
                "{service}: places are read as {told:?}, as models named like {model} tell them; {service}.coordinates sets it"
            );
            (known, Some(why))
        }
        (set, Some(known)) if set != known => {
            let (told, set_to) = (convention(known).name(), convention(set).name());
            let why = format!(
                "{service}: models named like {model} tell places as {told:?}, and {service}.coordinates is {set_to:?}"
            );
            (set, Some(why))
        }
        (set, _) => (set, None),
    }
}

/// The convention of a setting; that of "auto" is that of an unknown model.
pub(super) fn convention(coordinates: Coordinates) -> Convention {
    match coordinates {
        Coordinates::Auto | Coordinates::Thousand => Convention::Thousand,
        Coordinates::ThousandYFirst => Convention::ThousandYFirst,
        Coordinates::Shown => Convention::Shown,
        Coordinates::Resized28 => Convention::resized(28),
        Coordinates::Resized32 => Convention::resized(32),
        Coordinates::Unit => Convention::Unit,
    }
}

#[cfg(test)]
mod tests {
    use rescue_config::{Overlay, resolve};
    use serde_json::json;

    use super::*;

    fn of(set: &str, model: &str) -> (Coordinates, Option<String>) {
        let overlay =
            |path: &str, value: &str| Overlay { flag: "--with".into(), path: path.into(), value: json!(value) };
        let overlays = [overlay("planner.url", "http://localhost:1/v1"), overlay("planner.coordinates", set)];
        let config = resolve(None, |_| None, &overlays).unwrap().config;
        coordinates(ServiceName::Planner, &config.planner.unwrap(), model)
    }

    #[test]
    fn a_known_model_gets_its_own_convention_and_the_run_says_so() {
        assert_eq!(of("auto", "Qwen/Qwen3-VL-8B-Instruct"), (Coordinates::Thousand, None));
        assert_eq!(of("auto", "something-else"), (Coordinates::Thousand, None));
        for (model, own) in [
            ("Qwen/Qwen2.5-VL-7B-Instruct", Coordinates::Resized28),
            ("google/gemini-2.5-pro", Coordinates::ThousandYFirst),
        ] {
            let (used, told) = of("auto", model);
            assert_eq!(used, own);
            assert!(told.unwrap().contains("planner.coordinates sets it"));
        }
    }

    #[test]
    fn what_is_set_is_used_with_a_warning_if_the_name_says_otherwise() {
        let (used, told) = of("thousand", "Qwen2.5-VL-7B");
        assert_eq!(used, Coordinates::Thousand);
        assert!(told.unwrap().contains("tell places as \"resized-28\", and planner.coordinates is \"thousand\""));
        assert_eq!(of("shown", "something-else"), (Coordinates::Shown, None));
        assert_eq!(of("resized-28", "Qwen2.5-VL-7B"), (Coordinates::Resized28, None));
    }
}
