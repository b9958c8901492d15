//! The small part of WASI that a language's standard library needs to print and to abort.
//!
//! There are no files, sockets, arguments or environment variables. Clocks stand still and random numbers come from a constant
//! stream, so that the same calls give the same answers. Interfaces are matched by name, whatever their 0.2 patch version. A
//! function that is not implemented here can be imported; calling it traps, and the error names it.

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, ComponentType, Lift, Linker, LinkerInstance, Lower, Resource, ResourceType, Val};
use wasmtime::{Result, StoreContextMut};

use crate::state::State;

/// The one host type behind all WASI resources, so that aliases of a resource have equal types. Its number is [`STDERR`] or
/// [`OTHER`].
struct Handle;

const STDERR: u32 = 2;
const OTHER: u32 = 0;

/// The guest called `exit`.
#[derive(Debug, thiserror::Error)]
#[error("the plugin called exit")]
pub(crate) struct Exit;

/// The guest called a function that is not implemented.
#[derive(Debug, thiserror::Error)]
#[error("the plugin called {0}")]
pub(crate) struct Forbidden(pub String);

#[derive(ComponentType, Lift, Lower)]
#[component(variant)]
#[allow(dead_code, reason = "writes never fail here; the variant is the type at the border")]
enum StreamError {
    #[component(name = "last-operation-failed")]
    LastOperationFailed(Resource<Handle>),
    #[component(name = "closed")]
    Closed,
}

/// Whether this is the name of a WASI interface.
pub(crate) fn is_wasi(import: &str) -> bool {
    import.starts_with("wasi:")
}

/// Links every WASI import of this component.
pub(crate) fn link(linker: &mut Linker<State>, component: &Component) -> Result<()> {
    let engine = linker.engine().clone();
    for (name, import) in component.component_type().imports(&engine) {
        let ComponentItem::ComponentInstance(instance) = import.ty else { continue };
        if !is_wasi(name) {
            continue;
        }
        let interface = name.split_once('@').map_or(name, |(interface, _)| interface);
        let mut linked = linker.instance(name)?;
        for (item, export) in instance.exports(&engine) {
            match export.ty {
                ComponentItem::Resource(_) => linked.resource(item, ResourceType::host::<Handle>(), |_, _| Ok(()))?,
                ComponentItem::ComponentFunc(_) => function(&mut linked, interface, item)?,
                _ => {}
            }
        }
    }
    Ok(())
}

/// Links one function.
fn function(linker: &mut LinkerInstance<'_, State>, interface: &str, name: &str) -> Result<()> {
    match (interface, name) {
        ("wasi:io/streams", "[method]output-stream.write" | "[method]output-stream.blocking-write-and-flush") => linker
            .func_wrap(name, |mut store: StoreContextMut<'_, State>, (stream, bytes): (Resource<Handle>, Vec<u8>)| {
                let state = store.data_mut();
                state.count_copied(bytes.len())?;
                if stream.rep() == STDERR {
                    state.print(&bytes);
                }
                Ok((Ok::<(), StreamError>(()),))
            }),
        ("wasi:random/random" | "wasi:random/insecure", "get-random-bytes" | "get-insecure-random-bytes") => linker
            .func_wrap(name, |mut store: StoreContextMut<'_, State>, (count,): (u64,)| {
                let count = usize::try_from(count).unwrap_or(usize::MAX).min(64 * 1024);
                let state = store.data_mut();
                state.count_copied(count)?;
                Ok(
                    (std::iter::repeat_with(|| state.random().to_le_bytes())
                        .flatten()
                        .take(count)
                        .collect::<Vec<u8>>(),),
                )
            }),
        _ => {
            let called = format!("{interface} {name}");
            linker.func_new(name, move |mut store, _, params, results| {
                store.data_mut().count_copied(called.len())?;
                let value = answer(&mut store, &called, params)?;
                release(&mut store, params)?;
                if let (Some(result), Some(value)) = (results.first_mut(), value) {
                    *result = value;
                }
                Ok(())
            })
        }
    }
}

/// The result of a call; `None` if the function returns nothing.
fn answer(store: &mut StoreContextMut<'_, State>, called: &str, params: &[Val]) -> Result<Option<Val>> {
    let ok = Val::Result(Ok(None));
    Ok(Some(match called {
        "wasi:cli/environment get-environment"
        | "wasi:cli/environment get-arguments"
        | "wasi:filesystem/preopens get-directories" => Val::List(Vec::new()),
        "wasi:cli/environment initial-cwd"
        | "wasi:cli/terminal-stdin get-terminal-stdin"
        | "wasi:cli/terminal-stdout get-terminal-stdout"
        | "wasi:cli/terminal-stderr get-terminal-stderr" => Val::Option(None),
        "wasi:cli/stderr get-stderr" => handle(store, STDERR)?,
        "wasi:cli/stdin get-stdin"
        | "wasi:cli/stdout get-stdout"
        | "wasi:io/streams [method]input-stream.subscribe"
        | "wasi:io/streams [method]output-stream.subscribe"
        | "wasi:clocks/monotonic-clock subscribe-instant"
        | "wasi:clocks/monotonic-clock subscribe-duration" => handle(store, OTHER)?,
        "wasi:io/streams [method]output-stream.check-write" => Val::Result(Ok(Some(Box::new(Val::U64(64 * 1024))))),
        "wasi:io/streams [method]output-stream.flush" | "wasi:io/streams [method]output-stream.blocking-flush" => ok,
        "wasi:io/poll [method]pollable.ready" => Val::Bool(true),
        "wasi:io/poll [method]pollable.block" => return Ok(None),
        "wasi:io/poll poll" => match params {
            [Val::List(handles)] => Val::List((0..).take(handles.len()).map(Val::U32).collect()),
            _ => Val::List(Vec::new()),
        },
        "wasi:clocks/monotonic-clock now" => Val::U64(0),
        "wasi:clocks/monotonic-clock resolution" => Val::U64(1),
        "wasi:clocks/wall-clock now" | "wasi:clocks/wall-clock resolution" => {
            Val::Record(vec![("seconds".into(), Val::U64(0)), ("nanoseconds".into(), Val::U32(0))])
        }
        "wasi:random/random get-random-u64" | "wasi:random/insecure get-insecure-random-u64" => {
            Val::U64(store.data_mut().random())
        }
        "wasi:random/insecure-seed insecure-seed" => {
            let state = store.data_mut();
            Val::Tuple(vec![Val::U64(state.random()), Val::U64(state.random())])
        }
        "wasi:cli/exit exit" | "wasi:cli/exit exit-with-code" => return Err(Exit.into()),
        _ => return Err(Forbidden(called.into()).into()),
    }))
}

/// Drops the borrowed resources among the parameters: wasmtime traps at the end of a call if the host keeps one.
fn release(store: &mut StoreContextMut<'_, State>, params: &[Val]) -> Result<()> {
    params.iter().try_for_each(|value| match value {
        Val::Resource(handle) => handle.resource_drop(&mut *store),
        Val::List(values) => release(store, values),
        _ => Ok(()),
    })
}

fn handle(store: &mut StoreContextMut<'_, State>, number: u32) -> Result<Val> {
    Ok(Val::Resource(Resource::<Handle>::new_own(number).try_into_resource_any(store)?))
}
