//! Naming a plugin, and what every component carries.

use crate::bindings::manifest::exports::rescue::plugin::manifest::Offer;
use crate::{Level, Settings, log};
use alloc::borrow::ToOwned;
use alloc::string::ToString;
use core::alloc::Layout;

/// Allocates inside a component.
#[cfg(all(target_family = "wasm", not(feature = "std")))]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

// `memcmp` and its like, which the compiler calls, are in the C library of the target. Nothing else of it is linked.
#[cfg(all(target_family = "wasm", not(feature = "std")))]
#[link(name = "c")]
#[allow(unsafe_code, reason = "the block is empty")]
unsafe extern "C" {}

/// How the host gets memory for what it hands over, under the name that the canonical ABI gives it.
///
/// # Safety
///
/// `old` is null or came from here with the same `align` and `old_size` bytes; `align` is a power of two.
#[allow(unsafe_code, reason = "an allocator's entrance")]
pub unsafe fn reallocate(old: *mut u8, old_size: usize, align: usize, size: usize) -> *mut u8 {
    if size == 0 {
        return core::ptr::without_provenance_mut(align);
    }
    // SAFETY: sizes are not 0 where that matters, and the caller keeps the rest.
    let new = unsafe {
        if old_size == 0 {
            alloc::alloc::alloc(Layout::from_size_align_unchecked(size, align))
        } else {
            alloc::alloc::realloc(old, Layout::from_size_align_unchecked(old_size, align), size)
        }
    };
    if new.is_null() { panicked(&"out of memory") } else { new }
}

/// What the manifest says of one kind.
#[must_use]
pub fn offer<S: Settings>(kind: &str, needs: &[&str], traits: &[(&str, &str)]) -> Offer {
    Offer {
        kind: kind.to_owned(),
        settings: S::schema(),
        needs: needs.iter().map(ToString::to_string).collect(),
        traits: traits.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
    }
}

/// Tells the host what a panic said, then traps.
pub fn panicked(info: &dyn core::fmt::Display) -> ! {
    log(Level::Error, &info.to_string());
    #[cfg(target_family = "wasm")]
    core::arch::wasm32::unreachable();
    #[cfg(not(target_family = "wasm"))]
    loop {
        core::hint::spin_loop();
    }
}

/// Has panics told to the host's log. `std` would write them to a stream that nobody reads.
pub fn hook() {
    #[cfg(all(target_family = "wasm", feature = "std"))]
    std::panic::set_hook(Box::new(|info| log(Level::Error, &info.to_string())));
}

/// What `std` would bring to a component. Not for direct use.
#[doc(hidden)]
#[cfg(feature = "std")]
#[macro_export]
macro_rules! runtime {
    () => {};
}

/// What `std` would bring to a component. Not for direct use.
#[doc(hidden)]
#[cfg(not(feature = "std"))]
#[macro_export]
macro_rules! runtime {
    () => {
        #[cfg(not(test))]
        #[panic_handler]
        fn panicked(info: &core::panic::PanicInfo<'_>) -> ! {
            $crate::support::panicked(info)
        }

        #[unsafe(export_name = "cabi_realloc")]
        unsafe extern "C" fn reallocate(old: *mut u8, old_size: usize, align: usize, size: usize) -> *mut u8 {
            // SAFETY: the canonical ABI keeps what this asks for.
            unsafe { $crate::support::reallocate(old, old_size, align, size) }
        }
    };
}

/// Makes the crate a plugin: `export! { name: "…", summary: "…", tournament: MyTournament }`.
///
/// Kinds are `planner`, `scorer`, `verifier` and `tournament`, each at most once; the version is that of the crate. The macro
/// also defines `describe()`, the manifest, for tests.
#[macro_export]
macro_rules! export {
    (name: $name:literal, summary: $summary:literal, $($kind:ident: $plugin:ty),+ $(,)?) => {
        /// What the plugin says of itself.
        #[must_use]
        pub fn describe() -> $crate::manifest::About {
            $crate::manifest::About {
                name: $crate::support::String::from($name),
                version: $crate::support::String::from(env!("CARGO_PKG_VERSION")),
                summary: $crate::support::String::from($summary),
                offers: $crate::support::vec![$($crate::export!(@offer $kind $plugin)),+],
            }
        }

        #[cfg(target_family = "wasm")]
        #[allow(unsafe_code, unused_qualifications, reason = "generated")]
        const _: () = {
            /// Which version of the border this was built for.
            #[used]
            #[unsafe(link_section = "rescue:border")]
            static BORDER: [u8; $crate::BORDER.len()] = *b"0.1.0";

            $crate::runtime!();

            struct Manifest;

            impl $crate::bindings::manifest::exports::rescue::plugin::manifest::Guest for Manifest {
                fn describe() -> $crate::manifest::About {
                    describe()
                }
            }

            $crate::bindings::manifest::export_manifest!(Manifest with_types_in $crate::bindings::manifest);
            $($crate::export!(@export $kind $plugin);)+
        };
    };
    (@offer planner $plugin:ty) => { $crate::export!(@offer "planner" Planner $plugin) };
    (@offer scorer $plugin:ty) => { $crate::export!(@offer "scorer" Scorer $plugin) };
    (@offer verifier $plugin:ty) => { $crate::export!(@offer "verifier" Verifier $plugin) };
    (@offer tournament $plugin:ty) => { $crate::export!(@offer "tournament" Tournament $plugin) };
    (@offer $kind:literal $trait:ident $plugin:ty) => {
        $crate::support::offer::<<$plugin as $crate::$trait>::Settings>(
            $kind,
            <$plugin as $crate::$trait>::NEEDS,
            <$plugin as $crate::$trait>::TRAITS,
        )
    };
    (@export planner $plugin:ty) => {
        type ExportedPlanner = $crate::glue::Exported<$plugin>;
        $crate::bindings::planner::export_planner!(ExportedPlanner with_types_in $crate::bindings::planner);
    };
    (@export scorer $plugin:ty) => {
        type ExportedScorer = $crate::glue::Exported<$plugin>;
        $crate::bindings::scorer::export_scorer!(ExportedScorer with_types_in $crate::bindings::scorer);
    };
    (@export verifier $plugin:ty) => {
        type ExportedVerifier = $crate::glue::Exported<$plugin>;
        $crate::bindings::verifier::export_verifier!(ExportedVerifier with_types_in $crate::bindings::verifier);
    };
    (@export tournament $plugin:ty) => {
        type ExportedTournament = $crate::glue::Exported<$plugin>;
        $crate::bindings::tournament::export_tournament!(ExportedTournament with_types_in $crate::bindings::tournament);
    };
}
