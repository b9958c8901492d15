//! The fleet: four servers on threads of their own.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::chat::ChatModel;
use crate::clip::ClipModel;
use crate::config::{FleetConfig, Role};
use crate::error::FleetError;
use crate::fault::FaultPlan;
use crate::sam::SamModel;
use crate::scene::Scene;
use crate::serve::{Command, Model, PreciseTimer, Server, Stats};
use crate::vision::Analyser;

/// How long stopping the fleet waits for pictures that are still being analysed.
const PATIENCE: Duration = Duration::from_secs(5);

/// The number of threads that serve requests. Pictures are analysed on others.
const SERVER_THREADS: usize = 2;

/// The number of threads that analyse pictures.
const ANALYSIS_THREADS: usize = 8;

/// A running fleet. It stops when it is dropped.
pub struct Fleet {
    analyser: Arc<Analyser>,
    servers: Vec<(Arc<Server>, UnboundedSender<Command>)>,
    thread: Option<JoinHandle<()>>,
}

/// The URLs of the servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Urls {
    /// The value of `PLANNER_API_BASE`; ends in `/v1`.
    pub planner: String,
    /// The value of `VERIFIER_API_BASE`; ends in `/v1`.
    pub verifier: String,
    /// The value of `EXECUTOR_URL`.
    pub executor: String,
    /// The value of `CLIP_SERVER_URL`; ends in `/verify`.
    pub clip: String,
}

impl Fleet {
    /// Starts all four servers on 127.0.0.1.
    ///
    /// # Errors
    ///
    /// Returns an error if a setting is out of its range, two scenes have the same query, or a port is taken.
    pub fn start(config: FleetConfig) -> Result<Self, FleetError> {
        let mut queries = BTreeSet::new();
        if let Some(scene) = config.scenes.iter().find(|scene| !queries.insert(&scene.query)) {
            let why = format!("two scenes have the query {:?}; draw them together", scene.query);
            return Err(FleetError::Scenes(why));
        }
        for role in Role::ALL {
            config.server(role).check(role)?;
        }
        let failed = |what: String| move |cause: io::Error| FleetError::Io { what, cause };
        let timer = PreciseTimer::start().map_err(failed("no thread".to_owned()))?;
        let analyser = Arc::new(Analyser::new(config.scenes.clone(), config.blind));
        let (mut servers, mut starting) = (Vec::new(), Vec::new());
        for role in Role::ALL {
            let own = config.server(role);
            let model: Arc<dyn Model> = match role {
                Role::Planner | Role::Verifier => Arc::new(ChatModel::new(own.chat.clone(), analyser.clone())),
                Role::Executor => Arc::new(SamModel::new(own.mask_file, analyser.clone())),
                Role::Clip => Arc::new(ClipModel::new(analyser.clone())),
            };
            let (server, listener) = Server::bind(role, own, config.seed, model, timer.clone())
                .map_err(failed(format!("cannot listen at port {} of 127.0.0.1 for the {role}", own.port)))?;
            let (sender, commands) = unbounded_channel();
            starting.push((server.clone(), listener, commands));
            servers.push((server, sender));
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(SERVER_THREADS)
            .max_blocking_threads(ANALYSIS_THREADS)
            .thread_name("fleet")
            .enable_io()
            .enable_time()
            .build()
            .map_err(failed("no runtime".to_owned()))?;
        let run = move || {
            runtime.block_on(async {
                let mut running = tokio::task::JoinSet::new();
                for (server, listener, commands) in starting {
                    running.spawn(server.run(listener, commands));
                }
                running.join_all().await;
            });
            runtime.shutdown_timeout(PATIENCE);
        };
        let thread = std::thread::Builder::new().name("fleet".to_owned()).spawn(run);
        Ok(Self { analyser, servers, thread: Some(thread.map_err(failed("no thread".to_owned()))?) })
    }

    /// The scenes that the fleet knows.
    pub fn scenes(&self) -> &[Scene] {
        &self.analyser.scenes
    }

    /// The URLs of the servers, as the original system's environment variables have them.
    pub fn urls(&self) -> Urls {
        Urls {
            planner: format!("{}/v1", self.base(Role::Planner)),
            verifier: format!("{}/v1", self.base(Role::Verifier)),
            executor: self.base(Role::Executor),
            clip: format!("{}/verify", self.base(Role::Clip)),
        }
    }

    /// The base URL of a server, `http://127.0.0.1:PORT`. Empty if the fleet was stopped.
    pub fn base(&self, role: Role) -> String {
        self.server(role).map(|(server, _)| format!("http://{}", server.address())).unwrap_or_default()
    }

    /// What a server has done so far.
    pub fn stats(&self, role: Role) -> Stats {
        self.server(role).map(|(server, _)| server.stats()).unwrap_or_default()
    }

    /// Replaces a server's faults, for requests that arrive from now on.
    ///
    /// # Errors
    ///
    /// Returns an error if a rate is not 0 to 1, if their sum is above 1, or if the server cannot have the fault.
    pub fn set_faults(&self, role: Role, plan: FaultPlan) -> Result<(), FleetError> {
        plan.check(role)?;
        self.server(role).ok_or(FleetError::Stopped)?.0.set_faults(plan);
        Ok(())
    }

    /// Closes a server's port and all its connections, so that connecting is refused. The server keeps its caches and
    /// statistics.
    ///
    /// # Errors
    ///
    /// Returns [`FleetError::Stopped`] if the fleet's thread has ended.
    pub fn down(&self, role: Role) -> Result<(), FleetError> {
        self.listen(role, false)
    }

    /// Opens the port of a server again that is down.
    ///
    /// # Errors
    ///
    /// Returns [`FleetError::Io`] if another process took the port, or [`FleetError::Stopped`] if the fleet's thread
    /// has ended.
    pub fn up(&self, role: Role) -> Result<(), FleetError> {
        self.listen(role, true)
    }

    /// Closes all servers. After that, connecting is refused.
    pub fn stop(mut self) {
        self.end();
    }

    fn server(&self, role: Role) -> Option<&(Arc<Server>, UnboundedSender<Command>)> {
        self.servers.iter().find(|(server, _)| server.role == role)
    }

    fn listen(&self, role: Role, listen: bool) -> Result<(), FleetError> {
        let (server, sender) = self.server(role).ok_or(FleetError::Stopped)?;
        let (done, answer) = channel();
        sender.send(Command { listen, done }).map_err(|_| FleetError::Stopped)?;
        let result = answer.recv().map_err(|_| FleetError::Stopped)?;
        result.map_err(|cause| FleetError::Io { what: format!("cannot listen at {} again", server.address()), cause })
    }

    fn end(&mut self) {
        // A server ends when the sender of its commands is dropped.
        self.servers.clear();
        if let Some(thread) = self.thread.take() {
            // If the thread panicked, it has printed why.
            let _ = thread.join();
        }
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        self.end();
    }
}

impl std::fmt::Debug for Fleet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fleet").field("urls", &self.urls()).field("scenes", &self.analyser.scenes.len()).finish()
    }
}
