//! The engine that all plugins of a process share, and how a file becomes a plugin.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use rescue_core::Digest;
use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Config, Engine};

use crate::border::rescue::plugin::{chat, log, sample, types};
use crate::cache::Cache;
use crate::error::{Cause, PluginError, printable};
use crate::limits::Limits;
use crate::plugin::{self, Plugin};
use crate::state::State;
use crate::survey::{survey, tangle};
use crate::{epoch, version, wasi};

/// Loads plugins.
pub struct Runtime {
    engine: Engine,
    limits: Arc<Limits>,
    cache: Option<Cache>,
}

impl Runtime {
    /// With these limits; compiled plugins are kept in `cache`, where one is given and can be used.
    pub fn new(limits: Limits, cache: Option<&Path>) -> Result<Self, PluginError> {
        let engine = Engine::new(&config(&limits))
            .map_err(|error| PluginError::load("engine", None, Cause::Host(format!("{error:#}"))))?;
        epoch::start(&engine);
        let cache = cache.and_then(|folder| Cache::open(folder, &engine));
        Ok(Self { engine, limits: Arc::new(limits), cache })
    }

    /// The limits of every plugin.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Reads a component, compiles it or takes it from the cache, and asks it what it is.
    pub fn load(&self, file: &Path) -> Result<Plugin, PluginError> {
        let name = file.display().to_string();
        let fail = |cause| PluginError::load(&name, None, cause);
        let limit = self.limits.file_bytes;
        let file = File::open(file).map_err(|error| fail(error.into()))?;
        let mut wasm = Vec::new();
        // One byte more than is taken: what grows while it is read is too large as well.
        file.take(limit.saturating_add(1)).read_to_end(&mut wasm).map_err(|error| fail(error.into()))?;
        if wasm.len() as u64 > limit {
            return Err(fail(Cause::TooLarge { limit }));
        }
        self.load_bytes(&name, &wasm)
    }

    /// As `load`, for a component in memory; `name` stands for it in errors until it has told its own.
    pub fn load_bytes(&self, name: &str, wasm: &[u8]) -> Result<Plugin, PluginError> {
        let digest = Digest::of(wasm);
        let fail = |cause| PluginError::load(name, Some(digest), cause);
        check_header(wasm).map_err(fail)?;
        survey(wasm, &self.limits).map_err(fail)?;
        let component = match self.cache.as_ref().and_then(|cache| cache.load(&self.engine, digest)) {
            Some(component) => component,
            None => {
                tangle(wasm, &self.limits).map_err(fail)?;
                let component = Component::from_binary(&self.engine, wasm)
                    .map_err(|error| fail(Cause::Invalid(printable(&format!("{error:#}")))))?;
                self.cache.as_ref().and_then(|cache| cache.store(digest, &component));
                component
            }
        };
        check_names(&component, &self.engine).map_err(fail)?;
        let linker = self.linker(&component).map_err(|error| fail(Cause::Host(format!("{error:#}"))))?;
        let pre = linker
            .instantiate_pre(&component)
            .map_err(|error| fail(Cause::Invalid(printable(&format!("{error:#}")))))?;
        plugin::describe(name, wasm.len() as u64, digest, pre, self.limits.clone())
    }

    fn linker(&self, component: &Component) -> wasmtime::Result<Linker<State>> {
        let mut linker = Linker::new(&self.engine);
        types::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
        chat::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
        log::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
        sample::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
        wasi::link(&mut linker, component)?;
        Ok(linker)
    }
}

/// Compiled code is fast, metered, and computes the same everywhere; what plugins have no use for is off.
fn config(limits: &Limits) -> Config {
    let mut config = Config::new();
    config
        .consume_fuel(true)
        .epoch_interruption(true)
        .concurrency_support(false)
        .cranelift_nan_canonicalization(true)
        .max_wasm_stack(limits.stack_bytes)
        .wasm_relaxed_simd(false)
        .wasm_threads(false)
        .shared_memory(false)
        .wasm_memory64(false)
        .gc_support(false)
        .wasm_gc(false)
        .wasm_function_references(false)
        .wasm_exceptions(false);
    config
}

fn check_header(wasm: &[u8]) -> Result<(), Cause> {
    match wasm {
        [0, b'a', b's', b'm', 0x0d, 0, 1, 0, ..] => Ok(()),
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => Err(Cause::NotAComponent(
            "it is a core module; build it for wasm32-wasip2, or wrap it with `wasm-tools component new`",
        )),
        [0, b'a', b's', b'm', ..] => Err(Cause::NotAComponent("its format has a version that is not known here")),
        [] => Err(Cause::NotAComponent("the file is empty")),
        _ => Err(Cause::NotAComponent("it does not begin as WebAssembly does")),
    }
}

/// Imports are those that a plugin is given, and what it has of the border is of a version that this host speaks.
fn check_names(component: &Component, engine: &Engine) -> Result<(), Cause> {
    for (name, _) in component.component_type().exports(engine) {
        let built = name.strip_prefix("rescue:plugin/").and_then(|rest| rest.split_once('@')).map(|(_, built)| built);
        if let Some(built) = built.filter(|built| !version::fits(built)) {
            return Err(Cause::Version { built: built.into() });
        }
    }
    for (name, _) in component.component_type().imports(engine) {
        let ours = name.strip_prefix("rescue:plugin/").and_then(|rest| rest.split_once('@'));
        match ours {
            Some((_, built)) if !version::fits(built) => return Err(Cause::Version { built: built.into() }),
            Some(("types" | "chat" | "log" | "sample", _)) => {}
            _ if wasi::is_wasi(name) => {}
            _ => return Err(Cause::Import(name.into())),
        }
    }
    Ok(())
}
