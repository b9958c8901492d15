//! The border as wasmtime's bindings see it: one module per published version of the WIT package, generated from `wit/`.
#![allow(missing_docs, reason = "every item is documented in wit/, from which this is generated")]

wasmtime::component::bindgen!({
    path: "../../wit/0.1.0",
    world: "all-kinds",
    imports: { default: trappable },
    additional_derives: [PartialEq, serde::Serialize, serde::Deserialize],
});
