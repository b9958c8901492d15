//! The macro that makes a crate a plugin, and the runtime that every component needs without `std`.

use crate::bindings::manifest::exports::rescue::plugin::manifest::Offer;
use crate::{Level, Settings, log};
use alloc::borrow::ToOwned;
use alloc::string::ToString;
use core::alloc::Layout;

/// The allocator of a component.
#[cfg(all(target_family = "wasm", not(feature = "std")))]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

// The compiler calls `memcmp` and similar functions of the C library. Nothing else of that library is linked.
#[cfg(all(target_family = "wasm", not(feature = "std")))]
#[link(name = "c")]
#[allow(unsafe_code, reason = "the block is empty")]
unsafe extern "C" {}

/// Gives the host memory for the values that it passes in: `cabi_realloc` of the canonical ABI.
///
/// # Safety
///
/// `old` is null, or this function returned it for the same `align` and `old_size` bytes. `align` is a power of two.
#[allow(unsafe_code, reason = "it is the allocator's entry point")]
pub unsafe fn reallocate(old: *mut u8, old_size: usize, align: usize, size: usize) -> *mut u8 {
    if size == 0 {
        return core::ptr::without_provenance_mut(align);
    }
    // SAFETY: `size` is not 0, `old_size` is not 0 where it is used, and the caller guarantees the rest.
    let new = unsafe {
        if old_size == 0 {
            alloc::alloc::alloc(Layout::from_size_align_unchecked(size, align))
        } else {
            alloc::alloc::realloc(old, Layout::from_size_align_unchecked(old_size, align), size)
        }
    };
    if new.is_null() { panicked(&"out of memory") } else { new }
}

/// The manifest's entry for one kind.
#[must_use]
pub fn offer<S: Settings>(kind: &str, needs: &[&str], traits: &[(&str, &str)]) -> Offer {
    Offer {
        kind: kind.to_owned(),
        settings: S::schema(),
        needs: needs.iter().map(ToString::to_string).collect(),
        traits: traits.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
    }
}

/// Writes a panic message to the host's log, then traps.
pub fn panicked(info: &dyn core::fmt::Display) -> ! {
    log(Level::Error, &info.to_string());
    #[cfg(target_family = "wasm")]
    core::arch::wasm32::unreachable();
    #[cfg(not(target_family = "wasm"))]
    loop {
        core::hint::spin_loop();
    }
}

/// With the feature `std`: makes panics write their message to the host's log instead of standard error.
pub fn hook() {
    #[cfg(all(target_family = "wasm", feature = "std"))]
    std::panic::set_hook(Box::new(|info| log(Level::Error, &info.to_string())));
}

/// The panic handler and the allocator function that a component needs without `std`. Not for direct use.
#[doc(hidden)]
#[cfg(feature = "std")]
#[macro_export]
macro_rules! runtime {
    () => {};
}

/// The panic handler and the allocator function that a component needs without `std`. Not for direct use.
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
            // SAFETY: the canonical ABI guarantees what `reallocate` requires.
            unsafe { $crate::support::reallocate(old, old_size, align, size) }
        }
    };
}

/// Makes the crate a plugin: `export! { name: "…", summary: "…", tournament: MyTournament }`.
///
/// - `name`: lower-case letters, digits and hyphens. The version is that of the crate.
/// - `summary`: one sentence, shown by `rescue-host plugin list`.
/// - Then one or more kinds, each at most once: `planner`, `scorer`, `verifier`, `tournament`, with the type that implements
///   the trait.
///
/// The macro also defines `describe()`, which returns the manifest, for use in tests.
#[macro_export]
macro_rules! export {
    (name: $name:literal, summary: $summary:literal, $($kind:ident: $plugin:ty),+ $(,)?) => {
        /// The manifest of this plugin: its name, version, summary and kinds.
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
            /// The version of the WIT package that this component was built for.
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
