//! Takes a configuration apart, so that each server can be checked by itself.

use rescue_config::{Chat, Config, Detection, Place};

use super::ServiceName;

/// One server of a configuration.
pub(super) struct OneServer {
    pub(super) service: ServiceName,
    /// Its address; "embedded" if the model runs in this program.
    pub(super) url: String,
    pub(super) slots: u32,
    /// The configuration with this server and no other.
    pub(super) config: Config,
}

/// Each server, in the order of the services.
pub(super) fn servers(config: &Config) -> Vec<OneServer> {
    let mut without = config.clone();
    (without.planner, without.verifier, without.clip) = (None, None, None);
    let mut servers = Vec::new();
    servers.extend(chats(&config.planner).map(|chat| OneServer {
        service: ServiceName::Planner,
        url: chat.url.concat(),
        slots: chat.service.slots,
        config: Config { planner: Some(chat), ..without.clone() },
    }));
    match &config.executor.url {
        Place::Embedded => servers.push(OneServer {
            service: ServiceName::Executor,
            url: "embedded".to_owned(),
            slots: 1,
            config: without.clone(),
        }),
        Place::Servers(urls) => servers.extend(urls.iter().map(|url| {
            let mut alone = without.clone();
            alone.executor.url = Place::Servers(vec![url.clone()]);
            let slots = config.executor.service.slots;
            OneServer { service: ServiceName::Executor, url: url.clone(), slots, config: alone }
        })),
    }
    for url in config.clip.iter().flat_map(|clip| &clip.url) {
        let clip = config.clip.clone().map(|clip| rescue_config::Clip { url: vec![url.clone()], ..clip });
        servers.push(OneServer {
            service: ServiceName::Clip,
            url: url.clone(),
            slots: clip.as_ref().map_or(1, |clip| clip.service.slots),
            config: Config { clip, ..without.clone() },
        });
    }
    servers.extend(chats(&config.verifier).map(|chat| OneServer {
        service: ServiceName::Verifier,
        url: chat.url.concat(),
        slots: chat.service.slots,
        config: Config { verifier: Some(chat), ..without.clone() },
    }));
    for server in servers.iter_mut().filter(|server| server.service != ServiceName::Executor) {
        // An executor that is down is not this server's fault, and no embedded network has to be fetched to check it.
        server.config.executor.url = Place::Servers(Vec::new());
        server.config.detector.source = Detection::Auto;
    }
    servers
}

/// The service once for each of its servers.
fn chats(chat: &Option<Chat>) -> impl Iterator<Item = Chat> {
    chat.iter().flat_map(|chat| chat.url.iter().map(move |url| Chat { url: vec![url.clone()], ..chat.clone() }))
}
