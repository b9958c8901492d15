//! One server: its listener, its connections, and the handling of its requests.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::header::{CONTENT_TYPE, RETRY_AFTER};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use rescue_core::{Digest, Seed};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::{JoinSet, spawn_blocking};

use super::answer::{Answer, Call, Model};
use super::body::{Cut, Manner, Reply};
use super::connection::{Connection, Reset};
use super::record::{History, Note, Record, Stats};
use super::slots::{Slot, Slots};
use super::timer::PreciseTimer;
use crate::config::{Role, ServerConfig};
use crate::fault::{Fault, FaultPlan};
use crate::limits::{HUGE_BODY, MAX_BODY, MAX_CONNECTIONS};
use crate::lock::lock;

/// A command to a running server.
pub(crate) struct Command {
    /// Whether the server listens from now on. If not, all its connections are closed.
    pub(crate) listen: bool,
    /// Receives the result when the command was carried out.
    pub(crate) done: std::sync::mpsc::Sender<std::io::Result<()>>,
}

/// A fake model server.
pub(crate) struct Server {
    pub(crate) role: Role,
    address: SocketAddr,
    config: ServerConfig,
    seed: Seed,
    model: Arc<dyn Model>,
    faults: Mutex<Arc<FaultPlan>>,
    slots: Arc<Slots>,
    record: Mutex<Record>,
    timer: PreciseTimer,
}

/// Lives as long as a request, holds its slot, and counts its end: a guard that is dropped before the answer was
/// written counts as aborted.
struct RequestGuard {
    server: Arc<Server>,
    written: Option<u16>,
    slot: Option<Slot>,
}

impl Drop for RequestGuard {
    fn drop(&mut self) {
        let mut record = lock(&self.server.record);
        match self.written {
            Some(status) => *record.stats.served.entry(status).or_default() += 1,
            None => record.stats.aborted += 1,
        }
    }
}

type Outgoing = Response<Reply<RequestGuard>>;

impl Server {
    /// Creates a server and binds its port.
    ///
    /// # Errors
    ///
    /// Returns an error if the port is taken.
    pub(crate) fn bind(
        role: Role,
        config: &ServerConfig,
        seed: u64,
        model: Arc<dyn Model>,
        timer: PreciseTimer,
    ) -> std::io::Result<(Arc<Self>, TcpListener)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, config.port))?;
        let server = Self {
            role,
            address: listener.local_addr()?,
            config: config.clone(),
            seed: Seed(Seed(seed).derive([role.name().as_bytes()])),
            model,
            faults: Mutex::new(Arc::new(config.faults.clone())),
            slots: Slots::new(config.slots, config.max_queue),
            record: Mutex::default(),
            timer,
        };
        Ok((Arc::new(server), listener))
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn set_faults(&self, plan: FaultPlan) {
        *lock(&self.faults) = Arc::new(plan);
    }

    pub(crate) fn stats(&self) -> Stats {
        let usage = self.slots.usage();
        lock(&self.record).read(self.config.slots, usage)
    }

    /// Serves until the sender of the commands is dropped.
    pub(crate) async fn run(self: Arc<Self>, listener: TcpListener, mut commands: UnboundedReceiver<Command>) {
        let mut connections = JoinSet::new();
        let mut listener = listening(listener).ok();
        loop {
            let accept = async {
                match &listener {
                    Some(listener) => listener.accept().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                accepted = accept => if let Ok((stream, _)) = accepted {
                    self.accept(stream, &mut connections);
                },
                Some(_) = connections.join_next() => {}
                command = commands.recv() => {
                    let Some(Command { listen, done }) = command else { break };
                    let result = if !listen {
                        listener = None;
                        connections.shutdown().await;
                        Ok(())
                    } else if listener.is_none() {
                        let bound = TcpListener::bind(self.address).and_then(listening);
                        bound.map(|bound| listener = Some(bound))
                    } else {
                        Ok(())
                    };
                    let _ = done.send(result);
                }
            }
        }
    }

    fn accept(self: &Arc<Self>, stream: TcpStream, connections: &mut JoinSet<()>) {
        // Answers are small and clients wait for them, so Nagle's algorithm would only delay them.
        let _ = stream.set_nodelay(true);
        let number = {
            let mut record = lock(&self.record);
            record.stats.connections += 1;
            record.stats.connections
        };
        let reset = Reset::default();
        let connection = Connection::new(stream, reset.clone());
        let refused = lock(&self.faults).happens(self.seed, Fault::Refused, &number.to_le_bytes());
        if refused || connections.len() >= MAX_CONNECTIONS {
            let mut record = lock(&self.record);
            record.stats.refused += 1;
            if refused {
                record.note(Note::Fault(Fault::Refused));
            }
            reset.request();
            return;
        }
        let server = self.clone();
        connections.spawn(async move {
            let service = service_fn(move |request| server.clone().serve(request, reset.clone()));
            // An error ends the connection, which the client notices.
            let _ = http1::Builder::new().serve_connection(connection, service).await;
        });
    }

    async fn serve(self: Arc<Self>, request: Request<Incoming>, reset: Reset) -> Result<Outgoing, Cut> {
        let path = request.uri().path().to_owned();
        let known = match *request.method() {
            Method::GET => self.model.get(&path, &Stats::default()).is_some(),
            _ => request.method() == Method::POST && self.model.has(&path),
        };
        let endpoint = if known { format!("{} {path}", request.method()) } else { "other".to_owned() };
        lock(&self.record).arrive(&endpoint);
        let guard = RequestGuard { server: self.clone(), written: None, slot: None };
        if !known {
            return Ok(whole(self.model.error(404, &format!("there is no {} {path}", request.method())), guard));
        }
        if request.method() == Method::GET {
            let answer = self.model.get(&path, &self.stats());
            return Ok(whole(answer.unwrap_or_else(|| self.model.error(404, "not found")), guard));
        }
        let too_large = || self.model.error(413, &format!("a body has at most {MAX_BODY} bytes"));
        if request.body().size_hint().lower() > MAX_BODY as u64 {
            return Ok(whole(too_large(), guard));
        }
        let bytes = match Limited::new(request.into_body(), MAX_BODY).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<http_body_util::LengthLimitError>() => {
                return Ok(whole(too_large(), guard));
            }
            // The client closed the connection.
            Err(_) => return Err(Cut),
        };
        self.post(path, bytes, reset, guard).await
    }

    async fn post(
        self: Arc<Self>,
        path: String,
        bytes: Bytes,
        reset: Reset,
        mut guard: RequestGuard,
    ) -> Result<Outgoing, Cut> {
        let length = bytes.len();
        let read = spawn_blocking(move || (Digest::of(&bytes), serde_json::from_slice::<Value>(&bytes)));
        let Ok((digest, body)) = read.await else { return Err(Cut) };
        let plan = lock(&self.faults).clone();
        let (history, fault) = {
            let mut record = lock(&self.record);
            let history = record.body(digest, length);
            let fault = plan.draw(self.seed, &digest, history.attempts, history.faults);
            fault.inspect(|fault| record.fault(&digest, *fault));
            (history, fault)
        };
        let half = digest.bytes().first().is_some_and(|byte| (u32::from(*byte) + history.attempts) % 2 == 0);
        let refuse = |status, message| self.model.error(status, message);
        match fault {
            Some(Fault::Busy) => {
                let mut response = whole(refuse(429, "too many requests"), guard);
                response.headers_mut().insert(RETRY_AFTER, 1.into());
                return Ok(response);
            }
            Some(Fault::Error) => return Ok(whole(refuse(500, "internal server error"), guard)),
            Some(Fault::Unavailable) => return Ok(whole(refuse(503, "the server is not available"), guard)),
            _ => {}
        }
        let body = match body {
            Ok(body) => body,
            Err(error) => return Ok(whole(refuse(400, &format!("the body is not JSON: {error}")), guard)),
        };
        let priority = body.get("priority").and_then(Value::as_i64).unwrap_or(0);
        let arrived = Instant::now();
        let Some(slot) = self.slots.take(priority).await else {
            return Ok(whole(refuse(503, "the queue is full"), guard));
        };
        let since = Instant::now();
        lock(&self.record).admit(since - arrived);
        let words: [&[u8]; 2] = [digest.bytes(), &history.attempts.to_le_bytes()];
        let hold = self.config.latency.draw(self.seed, words, slot.running);
        guard.slot = Some(slot);
        if fault == Some(Fault::Hang) {
            std::future::pending::<Infallible>().await;
        }
        let server = self.clone();
        let asked = spawn_blocking(move || server.ask(&path, &body, digest, history, fault, &plan));
        let Ok(answer) = asked.await else { return Err(Cut) };
        self.timer.until(since + hold).await;
        lock(&self.record).held(hold, since.elapsed());
        self.write(answer, fault, half, &reset, guard)
    }

    fn ask(
        &self,
        path: &str,
        body: &Value,
        digest: Digest,
        history: History,
        fault: Option<Fault>,
        plan: &FaultPlan,
    ) -> Answer {
        let mut call = Call {
            path,
            body,
            digest,
            attempt: history.attempts,
            fault,
            faults: plan,
            seed: self.seed,
            notes: Vec::new(),
        };
        let answer = self.model.post(&mut call);
        let mut record = lock(&self.record);
        call.notes.into_iter().for_each(|note| record.note(note));
        answer
    }

    fn write(
        &self,
        mut answer: Answer,
        fault: Option<Fault>,
        half: bool,
        reset: &Reset,
        mut guard: RequestGuard,
    ) -> Result<Outgoing, Cut> {
        // Only a body that takes long to write keeps its slot meanwhile.
        let manner = match fault {
            Some(Fault::Reset) => {
                reset.request();
                if half {
                    return Err(Cut);
                }
                Manner::Half
            }
            Some(Fault::Trickle) => Manner::Drip,
            Some(Fault::Huge) => {
                answer.body = Bytes::from_static(self.model.endless().as_bytes());
                Manner::Padded { length: HUGE_BODY, told: half }
            }
            Some(Fault::Truncated) => {
                answer.body.truncate(answer.body.len() / 2);
                Manner::Whole
            }
            Some(Fault::Html) => {
                answer =
                    Answer::text("text/html", "<!DOCTYPE html><html><body><h1>Welcome</h1></body></html>".to_owned());
                Manner::Whole
            }
            _ => Manner::Whole,
        };
        if manner == Manner::Whole {
            guard.slot = None;
        }
        Ok(respond(answer, manner, guard))
    }
}

fn listening(listener: TcpListener) -> std::io::Result<tokio::net::TcpListener> {
    listener.set_nonblocking(true)?;
    tokio::net::TcpListener::from_std(listener)
}

fn whole(answer: Answer, guard: RequestGuard) -> Outgoing {
    respond(answer, Manner::Whole, guard)
}

fn respond(answer: Answer, manner: Manner, guard: RequestGuard) -> Outgoing {
    let status = answer.status;
    let body = Reply::new(answer.body, manner, guard, move |guard: &mut RequestGuard| guard.written = Some(status));
    let mut response = Response::new(body);
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    response.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(answer.kind));
    response
}
