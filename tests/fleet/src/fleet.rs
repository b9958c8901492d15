//! Four servers on a thread of their own.

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
use crate::see::Eye;
use crate::serve::{Command, Metronome, Model, Server, Stats};

/// How long the end of pictures being looked at is awaited.
const PATIENCE: Duration = Duration::from_secs(5);

/// Threads that serve. Pictures are looked at on others.
const THREADS: usize = 2;

/// Threads that look at pictures.
const LOOKERS: usize = 8;

/// A running fleet. It stops when it is dropped.
pub struct Fleet {
    eye: Arc<Eye>,
    servers: Vec<(Arc<Server>, UnboundedSender<Command>)>,
    thread: Option<JoinHandle<()>>,
}

/// Where the servers are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Urls {
    /// As `PLANNER_API_BASE` has it: ends in `/v1`.
    pub planner: String,
    /// As `VERIFIER_API_BASE` has it: ends in `/v1`.
    pub verifier: String,
    /// As `EXECUTOR_URL` has it.
    pub executor: String,
    /// As `CLIP_SERVER_URL` has it: ends in `/verify`.
    pub clip: String,
}

impl Fleet {
    /// Starts all four servers on 127.0.0.1.
    ///
    /// # Errors
    ///
    /// Where a setting has no meaning, two scenes have the same query, or a port is taken.
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
        let metronome = Metronome::start().map_err(failed("no thread".to_owned()))?;
        let eye = Arc::new(Eye::new(config.scenes.clone()));
        let (mut servers, mut starting) = (Vec::new(), Vec::new());
        for role in Role::ALL {
            let own = config.server(role);
            let model: Arc<dyn Model> = match role {
                Role::Planner | Role::Verifier => Arc::new(ChatModel::new(own.chat.clone(), eye.clone())),
                Role::Executor => Arc::new(SamModel::new(own.mask_file, eye.clone())),
                Role::Clip => Arc::new(ClipModel::new(eye.clone())),
            };
            let (server, listener) = Server::bind(role, own, config.seed, model, metronome.clone())
                .map_err(failed(format!("cannot listen at port {} of 127.0.0.1 for the {role}", own.port)))?;
            let (sender, commands) = unbounded_channel();
            starting.push((server.clone(), listener, commands));
            servers.push((server, sender));
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .max_blocking_threads(LOOKERS)
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
        Ok(Self { eye, servers, thread: Some(thread.map_err(failed("no thread".to_owned()))?) })
    }

    /// What the fleet knows.
    pub fn scenes(&self) -> &[Scene] {
        &self.eye.scenes
    }

    /// Where the servers are, as the original system's variables say it.
    pub fn urls(&self) -> Urls {
        Urls {
            planner: format!("{}/v1", self.base(Role::Planner)),
            verifier: format!("{}/v1", self.base(Role::Verifier)),
            executor: self.base(Role::Executor),
            clip: format!("{}/verify", self.base(Role::Clip)),
        }
    }

    /// Where a server is: `http://127.0.0.1:PORT`.
    pub fn base(&self, role: Role) -> String {
        self.server(role).map(|(server, _)| format!("http://{}", server.address())).unwrap_or_default()
    }

    /// What a server did so far.
    pub fn stats(&self, role: Role) -> Stats {
        self.server(role).map(|(server, _)| server.stats()).unwrap_or_default()
    }

    /// What goes wrong from now on, in requests that arrive from now on.
    ///
    /// # Errors
    ///
    /// Where a rate is not 0 to 1, their sum is above 1, or the server has no such fault.
    pub fn set_faults(&self, role: Role, plan: FaultPlan) -> Result<(), FleetError> {
        plan.check(role)?;
        self.server(role).ok_or(FleetError::Stopped)?.0.set_faults(plan);
        Ok(())
    }

    /// Closes a server's port and all its connections: connecting is refused. It forgets nothing.
    ///
    /// # Errors
    ///
    /// [`FleetError::Stopped`] where its thread is gone.
    pub fn down(&self, role: Role) -> Result<(), FleetError> {
        self.listen(role, false)
    }

    /// Opens a server's port again, the same as before.
    ///
    /// # Errors
    ///
    /// [`FleetError::Io`] where someone else took the port.
    pub fn up(&self, role: Role) -> Result<(), FleetError> {
        self.listen(role, true)
    }

    /// Closes everything. After that, connecting is refused.
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
        // Servers end when nobody can command them any more.
        self.servers.clear();
        if let Some(thread) = self.thread.take() {
            // A panic in there was printed; here it is only the end.
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
        f.debug_struct("Fleet").field("urls", &self.urls()).field("scenes", &self.eye.scenes.len()).finish()
    }
}
