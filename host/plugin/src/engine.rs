//! Loads plugins, with one wasmtime engine for all of them.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use rescue_core::Digest;
use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Config, Engine};

use crate::border::rescue::plugin::{chat, log, sample, types};
use crate::cache::Cache;
use crate::compiling::{Compiling, OnCompile};
use crate::error::{Cause, PluginError, printable};
use crate::inspect::{Names, check_tangle, inspect};
use crate::kind::Kind;
use crate::limits::Limits;
use crate::plugin::{self, Plugin};
use crate::state::State;
use crate::{epoch, version, wasi};

/// Loads plugins. Holds the engine, the limits and the cache that they share.
pub struct Runtime {
    engine: Engine,
    limits: Arc<Limits>,
    cache: Option<Cache>,
    on_compile: OnCompile,
}

impl Runtime {
    /// Creates a runtime. `cache` is a folder in which compiled plugins are kept; without one (or if it cannot be used), every
    /// plugin is compiled when it is loaded.
    ///
    /// # Errors
    ///
    /// Fails if wasmtime refuses the limits.
    pub fn new(limits: Limits, cache: Option<&Path>) -> Result<Self, PluginError> {
        let engine = Engine::new(&config(&limits))
            .map_err(|error| PluginError::load("engine", None, Cause::Host(format!("{error:#}"))))?;
        epoch::start(&engine);
        let cache = cache.and_then(|folder| Cache::open(folder, &engine));
        Ok(Self { engine, limits: Arc::new(limits), cache, on_compile: OnCompile::default() })
    }

    /// Tells this of every component that is compiled, which may take long. What is taken from the cache is not told of.
    #[must_use]
    pub fn telling(mut self, on_compile: OnCompile) -> Self {
        self.on_compile = on_compile;
        self
    }

    /// The limits that every plugin has.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Loads a plugin from a file: reads the component, compiles it or takes it from the cache, and asks it for its manifest.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be read, is no component of a supported version, exceeds a limit, or has a wrong manifest.
    pub fn load(&self, file: &Path) -> Result<Plugin, PluginError> {
        let name = file.display().to_string();
        let fail = |cause| PluginError::load(&name, None, cause);
        let limit = self.limits.file_bytes;
        let file = File::open(file).map_err(|error| fail(error.into()))?;
        let mut wasm = Vec::new();
        // Reads one byte more than the limit, so that a file that is too large is noticed even if it grows while it is read.
        file.take(limit.saturating_add(1)).read_to_end(&mut wasm).map_err(|error| fail(error.into()))?;
        if wasm.len() as u64 > limit {
            return Err(fail(Cause::TooLarge { limit }));
        }
        self.load_bytes(&name, &wasm)
    }

    /// The same as [`Self::load`], for a component in memory. `name` stands for the plugin in errors until its manifest is read.
    pub fn load_bytes(&self, name: &str, wasm: &[u8]) -> Result<Plugin, PluginError> {
        let digest = Digest::of(wasm);
        let fail = |cause| PluginError::load(name, Some(digest), cause);
        check_header(wasm).map_err(fail)?;
        check_names(&inspect(wasm, &self.limits).map_err(fail)?).map_err(fail)?;
        let component = match self.cache.as_ref().and_then(|cache| cache.load(&self.engine, digest)) {
            Some(component) => component,
            None => {
                check_tangle(wasm, &self.limits).map_err(fail)?;
                self.on_compile.tell(Compiling::Begins { name, bytes: wasm.len() as u64, kept: self.cache.is_some() });
                let component = Component::from_binary(&self.engine, wasm);
                self.on_compile.tell(Compiling::Ends);
                let component = component.map_err(|error| fail(Cause::Invalid(printable(&format!("{error:#}")))))?;
                self.cache.as_ref().and_then(|cache| cache.store(digest, &component));
                component
            }
        };
        let linker = self.linker(&component).map_err(|error| fail(Cause::Host(format!("{error:#}"))))?;
        let pre = linker
            .instantiate_pre(&component)
            .map_err(|error| fail(Cause::Invalid(printable(&format!("{error:#}")))))?;
        plugin::describe(name, wasm.len() as u64, digest, pre, self.limits.clone())
    }

    /// A linker with everything that a plugin may import.
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

/// The engine's configuration. Guest code is metered with fuel and epochs, and computes the same on every machine: NaNs are
/// canonicalised, relaxed SIMD and threads are off. WebAssembly proposals that plugins do not need are off too.
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

/// Checks that the file begins as a component of the known format does.
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

/// Checks that the component imports only what a plugin may import, that its interfaces have a version that this host speaks, and that
/// it is a plugin.
fn check_names(names: &Names) -> Result<(), Cause> {
    if let Some((_, built)) =
        names.exports.iter().filter_map(|name| border(name)).find(|(_, built)| !version::fits(built))
    {
        return Err(Cause::Version { built: built.into() });
    }
    for name in &names.imports {
        match border(name) {
            Some((_, built)) if !version::fits(built) => return Err(Cause::Version { built: built.into() }),
            Some(("types" | "chat" | "log" | "sample", _)) => {}
            _ if wasi::is_wasi(name) => {}
            _ => return Err(Cause::Import((*name).into())),
        }
    }
    let exports =
        |wanted: &str| names.exports.iter().filter_map(|name| border(name)).any(|(interface, _)| interface == wanted);
    if !Kind::ALL.iter().any(|kind| exports(kind.name())) {
        return Err(Cause::Missing(plugin::ANY_KIND.into()));
    }
    if !exports("manifest") {
        return Err(Cause::Missing(plugin::MANIFEST.into()));
    }
    Ok(())
}

/// The interface and the version in a name of the border; `None` for another name.
fn border(name: &str) -> Option<(&str, &str)> {
    name.strip_prefix("rescue:plugin/")?.split_once('@')
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// The error of loading a component of this text, and what is told of compiling it.
    fn loaded(text: &str) -> (String, Vec<String>) {
        let told = Arc::new(Mutex::new(Vec::new()));
        let noted = told.clone();
        let runtime = Runtime::new(Limits::default(), None).unwrap().telling(OnCompile::new(move |compiling| {
            noted.lock().unwrap().push(format!("{compiling:?}"));
        }));
        let error = runtime.load_bytes("x", &wat::parse_str(text).unwrap()).unwrap_err().to_string();
        let told = told.lock().unwrap().clone();
        (error, told)
    }

    #[test]
    fn what_its_names_refuse_is_not_compiled() {
        let exports = |names: &[&str]| {
            let exported: String = names.iter().map(|name| format!("(export \"{name}\" (instance $i))")).collect();
            format!("(component (instance $i) {exported})")
        };
        let planner = "rescue:plugin/planner@0.1.0";
        for (text, why) in [
            ("(component (import \"acme:net/http@1.0.0\" (instance)))".to_owned(), "acme:net/http@1.0.0"),
            ("(component (import \"rescue:plugin/log@9.0.0\" (instance)))".to_owned(), "9.0.0"),
            (exports(&["rescue:plugin/planner@0.9.0"]), "0.9.0"),
            (exports(&[]), plugin::ANY_KIND),
            (exports(&[planner]), plugin::MANIFEST),
        ] {
            let (error, told) = loaded(&text);
            assert!(error.contains(why) && told.is_empty(), "{error} {told:?}");
        }
        let (_, told) = loaded(&exports(&[planner, "rescue:plugin/manifest@0.1.0"]));
        assert!(told[0].starts_with("Begins { name: \"x\", bytes: ") && told[0].ends_with("kept: false }"), "{told:?}");
        assert_eq!(told[1..], ["Ends"]);
    }
}
