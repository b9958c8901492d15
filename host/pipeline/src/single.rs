//! A configuration taken apart: each server by itself.

use rescue_config::{Chat, Config, Detection, Place};

/// One server of a configuration.
pub(crate) struct Single {
    pub(crate) service: &'static str,
    pub(crate) url: String,
    pub(crate) slots: u32,
    /// The configuration with this server and no other; the executor is as it is, and nobody asks it.
    pub(crate) config: Config,
}

/// Each server, in the order of the services.
pub(crate) fn singles(config: &Config) -> Vec<Single> {
    let none = |config: &Config| {
        let mut config = config.clone();
        (config.planner, config.verifier, config.clip) = (None, None, None);
        config
    };
    let chats = |chat: &Option<Chat>| -> Vec<(String, Chat)> {
        let one = |chat: &Chat, url: &String| (url.clone(), Chat { url: vec![url.clone()], ..chat.clone() });
        chat.iter().flat_map(|chat| chat.url.iter().map(move |url| one(chat, url))).collect()
    };
    let mut singles = Vec::new();
    for (url, chat) in chats(&config.planner) {
        let slots = chat.service.slots;
        singles.push(Single { service: "planner", url, slots, config: Config { planner: Some(chat), ..none(config) } });
    }
    match &config.executor.url {
        Place::Embedded => {
            let url = "embedded".to_owned();
            singles.push(Single { service: "executor", url, slots: 1, config: none(config) });
        }
        Place::Servers(urls) => singles.extend(urls.iter().map(|url| {
            let mut alone = none(config);
            alone.executor.url = Place::Servers(vec![url.clone()]);
            Single { service: "executor", url: url.clone(), slots: config.executor.service.slots, config: alone }
        })),
    }
    if let Some(clip) = &config.clip {
        for url in &clip.url {
            let mut alone = none(config);
            alone.clip = Some(rescue_config::Clip { url: vec![url.clone()], ..clip.clone() });
            singles.push(Single { service: "clip", url: url.clone(), slots: clip.service.slots, config: alone });
        }
    }
    for (url, chat) in chats(&config.verifier) {
        let slots = chat.service.slots;
        singles.push(Single {
            service: "verifier",
            url,
            slots,
            config: Config { verifier: Some(chat), ..none(config) },
        });
    }
    for single in singles.iter_mut().filter(|single| single.service != "executor") {
        // An executor that is away is not this server's fault, and no embedded network has to be fetched for it.
        single.config.executor.url = Place::Servers(Vec::new());
        single.config.detector.source = Detection::Auto;
    }
    singles
}
