//! Rust bindings generated from `wit/`. Not for direct use: [`crate::export!`] and the modules of the kinds re-export
//! them under better names.
//!
//! Each kind has its own bindings and all share one set of types, so that a component exports only the kinds that it
//! implements.
#![allow(missing_docs, unsafe_code, unused_qualifications, reason = "generated")]
#![allow(clippy::all, clippy::restriction, reason = "generated")]

/// The types that all kinds share, and the imports that all kinds may call.
pub mod shared {
    wit_bindgen::generate!({
        inline: "
            package rescue:shared;
            world shared {
                import rescue:plugin/types@0.1.0;
                import rescue:plugin/chat@0.1.0;
                import rescue:plugin/log@0.1.0;
                import rescue:plugin/sample@0.1.0;
            }
        ",
        path: "../../wit/0.1.0",
        generate_all,
        generate_unused_types: true,
        additional_derives: [PartialEq],
        pub_export_macro: true,
    });
}

/// Bindings of the manifest, which every component exports.
pub mod manifest {
    wit_bindgen::generate!({
        inline: "package rescue:manifest; world manifest { export rescue:plugin/manifest@0.1.0; }",
        path: "../../wit/0.1.0",
        with: {
            "rescue:plugin/types@0.1.0": crate::bindings::shared::rescue::plugin::types,
            "rescue:plugin/manifest@0.1.0": generate,
        },
        additional_derives: [PartialEq],
        pub_export_macro: true,
        export_macro_name: "export_manifest",
    });
}

/// Bindings of the kind "planner".
pub mod planner {
    wit_bindgen::generate!({
        inline: "package rescue:planner; world planner { export rescue:plugin/planner@0.1.0; }",
        path: "../../wit/0.1.0",
        with: {
            "rescue:plugin/types@0.1.0": crate::bindings::shared::rescue::plugin::types,
            "rescue:plugin/chat@0.1.0": crate::bindings::shared::rescue::plugin::chat,
            "rescue:plugin/planner@0.1.0": generate,
        },
        additional_derives: [PartialEq],
        pub_export_macro: true,
        export_macro_name: "export_planner",
    });
}

/// Bindings of the kind "scorer".
pub mod scorer {
    wit_bindgen::generate!({
        inline: "package rescue:scorer; world scorer { export rescue:plugin/scorer@0.1.0; }",
        path: "../../wit/0.1.0",
        with: {
            "rescue:plugin/types@0.1.0": crate::bindings::shared::rescue::plugin::types,
            "rescue:plugin/chat@0.1.0": crate::bindings::shared::rescue::plugin::chat,
            "rescue:plugin/scorer@0.1.0": generate,
        },
        additional_derives: [PartialEq],
        pub_export_macro: true,
        export_macro_name: "export_scorer",
    });
}

/// Bindings of the kind "verifier".
pub mod verifier {
    wit_bindgen::generate!({
        inline: "package rescue:verifier; world verifier { export rescue:plugin/verifier@0.1.0; }",
        path: "../../wit/0.1.0",
        with: {
            "rescue:plugin/types@0.1.0": crate::bindings::shared::rescue::plugin::types,
            "rescue:plugin/chat@0.1.0": crate::bindings::shared::rescue::plugin::chat,
            "rescue:plugin/verifier@0.1.0": generate,
        },
        additional_derives: [PartialEq],
        pub_export_macro: true,
        export_macro_name: "export_verifier",
    });
}

/// Bindings of the kind "tournament".
pub mod tournament {
    wit_bindgen::generate!({
        inline: "package rescue:tournament; world tournament { export rescue:plugin/tournament@0.1.0; }",
        path: "../../wit/0.1.0",
        with: {
            "rescue:plugin/types@0.1.0": crate::bindings::shared::rescue::plugin::types,
            "rescue:plugin/tournament@0.1.0": generate,
        },
        additional_derives: [PartialEq],
        pub_export_macro: true,
        export_macro_name: "export_tournament",
    });
}
