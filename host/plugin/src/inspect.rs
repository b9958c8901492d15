//! Inspects a component before it is compiled: the version of the border that it was built for, what it imports and exports, and the
//! limits that bound the time and memory for compiling and instantiating it.
//!
//! Some parts of a module take far more memory than they have bytes in the file: a table element of one byte or a global of five
//! takes 16 bytes in every instance, and a module may be instantiated many times.
//!
//! The time for compiling is not in proportion to a function's bytes: it grows with the square of its loops and of its branches,
//! and with branches times locals. [`check_tangle`] bounds that. It is needed only if a component is not in the cache.

use wasmparser::{ElementItems, FunctionBody, Operator, Parser, Payload};

use crate::error::Cause;
use crate::limits::Limits;
use crate::version;

/// Counts of what a component has.
#[derive(Debug, Default)]
struct Counts {
    functions: usize,
    items: usize,
    modules: usize,
    components: usize,
}

/// The names of what a component imports and exports, without those of the components inside it.
#[derive(Debug, Default)]
pub(crate) struct Names<'a> {
    pub(crate) imports: Vec<&'a str>,
    pub(crate) exports: Vec<&'a str>,
}

/// Checks the version and the size of a component. Returns the names of what it imports and exports.
pub(crate) fn inspect<'a>(wasm: &'a [u8], limits: &Limits) -> Result<Names<'a>, Cause> {
    let mut counts = Counts::default();
    let mut names = Names::default();
    // The number of modules and components around the current place, itself included.
    let mut depth = 0_usize;
    let mut version: Option<String> = None;
    for payload in Parser::new(0).parse_all(wasm) {
        let broken = |error: wasmparser::BinaryReaderError| Cause::Invalid(error.to_string());
        match payload.map_err(broken)? {
            Payload::CustomSection(section) if section.name() == version::SECTION => {
                let said = version::read(section.data());
                if version.get_or_insert_with(|| said.clone()) != &said {
                    return Err(Cause::Invalid("it has two custom sections rescue:border that differ".into()));
                }
            }
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(imports) if depth == 1 => {
                for import in imports {
                    names.imports.push(import.map_err(broken)?.name.name);
                }
            }
            Payload::ComponentExportSection(exports) if depth == 1 => {
                for export in exports {
                    names.exports.push(export.map_err(broken)?.name.name);
                }
            }
            Payload::ModuleSection { .. } => counts.add("modules", |counts| &mut counts.modules, 1, limits.modules)?,
            Payload::ComponentSection { .. } => {
                counts.add("components", |counts| &mut counts.components, 1, limits.modules)?
            }
            Payload::CodeSectionStart { count, .. } => {
                counts.add("functions", |counts| &mut counts.functions, count as usize, limits.functions)?;
            }
            Payload::CodeSectionEntry(body) => {
                let (bytes, limit) = (body.range().len(), limits.function_bytes);
                if bytes > limit {
                    return Err(Cause::Oversized { what: "bytes in one function", count: bytes, limit });
                }
            }
            Payload::GlobalSection(globals) => counts.items(globals.count() as usize, limits)?,
            Payload::ElementSection(elements) => {
                for element in elements {
                    let items = match element.map_err(broken)?.items {
                        ElementItems::Functions(items) => items.count(),
                        ElementItems::Expressions(_, items) => items.count(),
                    };
                    counts.items(items as usize, limits)?;
                }
            }
            _ => {}
        }
    }
    match version {
        Some(built) if !version::fits(&built) => Err(Cause::Version { built }),
        _ => Ok(names),
    }
}

/// Checks the complexity of the control flow of all functions together against [`Limits::tangle`].
pub(crate) fn check_tangle(wasm: &[u8], limits: &Limits) -> Result<(), Cause> {
    let mut all = 0_u64;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.map_err(|error| Cause::Invalid(error.to_string()))?;
        if let Payload::CodeSectionEntry(body) = payload {
            all = all.saturating_add(tangle(&body).map_err(|error| Cause::Invalid(error.to_string()))?);
            if all > limits.tangle {
                return Err(Cause::Tangled(limits.tangle));
            }
        }
    }
    Ok(())
}

/// The complexity of one function: 100 × loops² + branches² + 250 × branches × locals. The weights are fitted to measured compile
/// times, about 2 ns per unit.
fn tangle(body: &FunctionBody<'_>) -> wasmparser::Result<u64> {
    let (mut loops, mut branches, mut locals) = (0_u64, 0_u64, 0_u64);
    for declared in body.get_locals_reader()? {
        locals = locals.saturating_add(declared?.0.into());
    }
    for operator in body.get_operators_reader()? {
        match operator? {
            Operator::Loop { .. } => loops += 1,
            Operator::Block { .. } | Operator::If { .. } | Operator::Br { .. } | Operator::BrIf { .. } => branches += 1,
            Operator::BrTable { targets } => branches += u64::from(targets.len()),
            _ => {}
        }
    }
    let by = |a: u64, b: u64, weight: u64| a.saturating_mul(b).saturating_mul(weight);
    Ok(by(loops, loops, 100).saturating_add(by(branches, branches, 1)).saturating_add(by(branches, locals, 250)))
}

impl Counts {
    /// Counts table elements and globals.
    fn items(&mut self, count: usize, limits: &Limits) -> Result<(), Cause> {
        self.add("elements and globals", |counts| &mut counts.items, count, limits.items)
    }

    /// Adds to a counter. Fails if it exceeds the limit.
    fn add(
        &mut self,
        what: &'static str,
        counter: impl FnOnce(&mut Self) -> &mut usize,
        more: usize,
        limit: usize,
    ) -> Result<(), Cause> {
        let counter = counter(self);
        *counter = counter.saturating_add(more);
        if *counter > limit { Err(Cause::Oversized { what, count: *counter, limit }) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A core module with this many empty functions.
    fn module(functions: u8) -> Vec<u8> {
        let mut wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0".to_vec();
        wasm.extend([3, 1 + functions, functions]);
        wasm.extend(vec![0; functions.into()]);
        wasm.extend([10, 1 + 3 * functions, functions]);
        wasm.extend([2, 0, 0x0b].repeat(functions.into()));
        wasm
    }

    #[test]
    fn names_are_those_of_the_component_itself() {
        let wasm = wat::parse_str(
            r#"(component
                (import "a:b/c@1.0.0" (instance $c (export "f" (func))))
                (component (import "inner" (func)) (export "inner-too" (func 0)))
                (core module (import "core" "f" (func)))
                (export "d:e/f@2.0.0" (instance $c)))"#,
        )
        .unwrap();
        let names = inspect(&wasm, &Limits::default()).unwrap();
        assert_eq!((names.imports, names.exports), (vec!["a:b/c@1.0.0"], vec!["d:e/f@2.0.0"]));
    }

    #[test]
    fn functions_are_counted_and_damaged_files_are_invalid() {
        let limits = |functions| Limits { functions, ..Limits::default() };
        assert!(inspect(&module(7), &limits(7)).is_ok());
        assert!(matches!(
            inspect(&module(7), &limits(6)),
            Err(Cause::Oversized { what: "functions", count: 7, limit: 6 })
        ));
        let whole = module(7);
        for end in 9..whole.len() {
            // A module is valid if it ends after a complete section.
            let cut = inspect(whole.get(..end).unwrap(), &limits(7));
            assert!(matches!(cut, Ok(_) | Err(Cause::Invalid(_))), "{cut:?}");
        }
        assert!(check_tangle(&whole, &limits(7)).is_ok());
        // A function with two loops.
        let mut looped = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0a\x0a\x01\x08\0".to_vec();
        looped.extend([3, 0x40, 0x0b, 3, 0x40, 0x0b, 0x0b]);
        assert!(check_tangle(&looped, &Limits { tangle: 400, ..Limits::default() }).is_ok());
        let cause = check_tangle(&looped, &Limits { tangle: 399, ..Limits::default() });
        assert!(matches!(cause, Err(Cause::Tangled(399))), "{cause:?}");
        let tiny = Limits { function_bytes: 1, ..Limits::default() };
        assert!(matches!(inspect(&whole, &tiny), Err(Cause::Oversized { what: "bytes in one function", .. })));
    }
}
