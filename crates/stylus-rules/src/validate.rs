//! Which modules activation accepts (rules 3).

use std::collections::HashSet;

use wasmparser::{
    ConstExpr, DataKind, ElementItems, ElementKind, ExternalKind, Operator, TypeRef, ValType,
    Validator, WasmFeatures,
};

use crate::activate::{ActivationContext, Refusal};
use crate::meter::FunctionMeter;
use crate::module::Module;
use crate::operators;
use crate::pages::PAGE;
use crate::prices::hostio::{self, PAY_FOR_MEMORY_GROW};

/// Name under which the memory must be exported.
pub(crate) const MEMORY: &str = "memory";
/// Name under which the entry point must be exported; its type is (i32) -> i32.
pub(crate) const ENTRYPOINT: &str = "user_entrypoint";
/// Prefix of names that instrumentation keeps for itself.
const RESERVED: &str = "stylus";
/// Globals that instrumentation adds.
pub(crate) const ADDED_GLOBALS: u32 = 4;

/// Limits of rules 3 and 2.4.
const MAX_PAGES: u64 = 128;
const MAX_DATA_SEGMENTS: usize = 128;
const MAX_ELEMENT_SEGMENTS: usize = 128;
const MAX_EXPORTS: usize = 1024;
const MAX_FUNCTIONS: usize = 4096;
const MAX_GLOBALS: u64 = 32_768;
const MAX_LOCALS: u32 = 348;
const MAX_OPERATORS: u64 = 65_536;
const MAX_IMPORTS: usize = 513;
const MAX_TABLE_ENTRIES: u64 = 4096;
const MAX_ELEMENT_BYTES: usize = 4096;
const MAX_NAME: usize = 512;
const MAX_STACK_HEIGHT: u32 = 4096;
const MAX_FRAME: u32 = 10_240;

/// First ArbOS versions of the limit on imports, and of the refusal of multi-value.
const IMPORT_LIMIT_FROM: u64 = 32;
pub(crate) const NO_MULTI_VALUE_FROM: u64 = 60;

/// Wasm features that the chain's validator has switched on.
fn features(arbos: u64) -> WasmFeatures {
    let always = WasmFeatures::MUTABLE_GLOBAL
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::SATURATING_FLOAT_TO_INT
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::FLOATS
        | WasmFeatures::GC_TYPES;
    if arbos < NO_MULTI_VALUE_FROM {
        always | WasmFeatures::MULTI_VALUE
    } else {
        always
    }
}

/// Parses and validates as wasm, under the chain's features.
pub(crate) fn parse<'a>(
    wasm: &'a [u8],
    context: &ActivationContext,
) -> Result<Module<'a>, Refusal> {
    let features = features(context.arbos);
    Validator::new_with_features(features)
        .validate_all(wasm)
        .map_err(Refusal::invalid)?;
    Module::parse(wasm, features).map_err(Refusal::invalid)
}

/// Checks everything that can be checked without looking into functions.
pub(crate) fn check_module(
    module: &Module<'_>,
    context: &ActivationContext,
) -> Result<(), Refusal> {
    if module.has_data_count {
        return refuse(
            "it has a DataCount section, which the chain does not accept: re-encode the module",
        );
    }
    check_imports(module, context)?;
    check_exports(module, context)?;
    check_memory(module, context)?;
    check_start(module, context)?;
    check_segments(module)?;
    check_limits(module, context)
}

fn check_imports(module: &Module<'_>, context: &ActivationContext) -> Result<(), Refusal> {
    for import in &module.imports {
        let name = format!("import {}.{}", import.module, import.name);
        let TypeRef::Func(type_index) = import.ty else {
            return refuse(format!(
                "{name} is not a function: only functions of vm_hooks can be imported"
            ));
        };
        if import.name.starts_with(RESERVED) {
            return refuse(format!(
                "{name} begins with `{RESERVED}`, which is reserved"
            ));
        }
        let Some(hostio) = hostio::import(import.module, import.name, context.debug) else {
            return refuse(format!("{name} is not a host function of the chain"));
        };
        let signature = module.signature(type_index);
        if signature.params != hostio.params || signature.results != hostio.result.as_slice() {
            return refuse(format!(
                "{name} has the wrong type: {signature} instead of {}",
                hostio_type(hostio)
            ));
        }
    }
    Ok(())
}

fn hostio_type(hostio: &hostio::Hostio) -> String {
    format!("{:?} -> {:?}", hostio.params, hostio.result.as_slice())
}

fn check_exports(module: &Module<'_>, context: &ActivationContext) -> Result<(), Refusal> {
    let imported: HashSet<&str> = module.imports.iter().map(|import| import.name).collect();
    for export in &module.exports {
        if export.name.starts_with(RESERVED) {
            return refuse(format!(
                "export {} begins with `{RESERVED}`, which is reserved",
                export.name
            ));
        }
        let plain = export.name.rsplit("__").next().unwrap_or(export.name);
        if imported.contains(plain) {
            return refuse(format!("export {} has the name of an import", export.name));
        }
        if context.debug && export.name.len() > MAX_NAME {
            return refuse(limit(
                "bytes in an export's name",
                export.name.len(),
                MAX_NAME,
            ));
        }
    }
    let entry = module
        .exports
        .iter()
        .find(|export| export.name == ENTRYPOINT);
    let Some(entry) = entry.filter(|export| export.kind == ExternalKind::Func) else {
        return refuse(format!("it exports no function {ENTRYPOINT}"));
    };
    let signature = module.function_signature(entry.index);
    if signature.params != [ValType::I32] || signature.results != [ValType::I32] {
        return refuse(format!(
            "{ENTRYPOINT} has the wrong type: {signature} instead of [I32] -> [I32]"
        ));
    }
    Ok(())
}

fn check_memory(module: &Module<'_>, context: &ActivationContext) -> Result<(), Refusal> {
    let exported = module
        .exports
        .iter()
        .any(|export| export.name == MEMORY && export.kind == ExternalKind::Memory);
    let (true, [memory]) = (exported, module.memories.as_slice()) else {
        return refuse(format!(
            "it has not exactly one memory, exported as `{MEMORY}`"
        ));
    };
    if memory.initial > MAX_PAGES {
        return refuse(limit("initial memory pages", memory.initial, MAX_PAGES));
    }
    if memory.initial > u64::from(context.page_limit) {
        return refuse(limit(
            "initial memory pages",
            memory.initial,
            context.page_limit,
        ));
    }
    let pays = module
        .imports
        .iter()
        .any(|import| import.name == PAY_FOR_MEMORY_GROW);
    if module.grows() && !pays {
        return refuse(format!(
            "its memory can grow but {PAY_FOR_MEMORY_GROW} is not imported: import it, or give the memory a maximum equal to \
             its minimum"
        ));
    }
    Ok(())
}

fn check_start(module: &Module<'_>, context: &ActivationContext) -> Result<(), Refusal> {
    match module.start {
        Some(_) if !context.debug => {
            refuse("it has a start function, which the chain does not accept")
        }
        _ => Ok(()),
    }
}

fn check_segments(module: &Module<'_>) -> Result<(), Refusal> {
    let memory_bytes = module
        .memories
        .first()
        .map_or(0, |memory| memory.initial * PAGE);
    for (index, segment) in module.data.iter().enumerate() {
        let DataKind::Active { offset_expr, .. } = &segment.kind else {
            continue;
        };
        let offset = constant_offset(offset_expr).ok_or_else(|| {
            Refusal::new(format!(
                "the offset of data segment {index} is not an i32.const"
            ))
        })?;
        if offset + segment.data.len() as u64 > memory_bytes {
            return refuse(format!(
                "data segment {index} is out of bounds of the initial memory"
            ));
        }
    }
    let table_entries = module.tables.first().map_or(0, |table| table.initial);
    for (index, segment) in module.elements.iter().enumerate() {
        let ElementItems::Functions(functions) = &segment.items else {
            return refuse(format!(
                "element segment {index} holds something else than function indices"
            ));
        };
        let ElementKind::Active { offset_expr, .. } = &segment.kind else {
            continue;
        };
        let offset = constant_offset(offset_expr).ok_or_else(|| {
            Refusal::new(format!(
                "the offset of element segment {index} is not an i32.const"
            ))
        })?;
        if offset + u64::from(functions.count()) > table_entries {
            return refuse(format!(
                "element segment {index} is out of bounds of the table"
            ));
        }
    }
    Ok(())
}

/// Value of an `i32.const` expression, taken as unsigned.
fn constant_offset(expr: &ConstExpr<'_>) -> Option<u64> {
    let mut operators = expr.get_operators_reader();
    match operators.read() {
        Ok(Operator::I32Const { value }) => Some(u64::from(value.cast_unsigned())),
        _ => None,
    }
}

fn check_limits(module: &Module<'_>, context: &ActivationContext) -> Result<(), Refusal> {
    let at_most = |what: &str, count: u64, max: u64| {
        if count > max {
            refuse(limit(what, count, max))
        } else {
            Ok(())
        }
    };
    let table_entries = module
        .tables
        .iter()
        .fold(0, |sum: u64, table| sum.saturating_add(table.initial));
    // On debug chains a start function becomes an export.
    let kept_exports = if context.debug {
        module.exports.len() + usize::from(module.start.is_some())
    } else {
        2
    };
    at_most(
        "data segments",
        module.data.len() as u64,
        MAX_DATA_SEGMENTS as u64,
    )?;
    at_most(
        "element segments",
        module.elements.len() as u64,
        MAX_ELEMENT_SEGMENTS as u64,
    )?;
    at_most(
        "exports",
        kept_exports as u64 + u64::from(ADDED_GLOBALS),
        MAX_EXPORTS as u64,
    )?;
    at_most(
        "functions",
        module.bodies.len() as u64,
        MAX_FUNCTIONS as u64,
    )?;
    at_most(
        "globals",
        u64::from(module.global_count) + u64::from(ADDED_GLOBALS),
        MAX_GLOBALS,
    )?;
    at_most("table entries", table_entries, MAX_TABLE_ENTRIES)?;
    at_most(
        "bytes of element segments",
        element_bytes(module),
        MAX_ELEMENT_BYTES as u64,
    )?;
    if context.arbos >= IMPORT_LIMIT_FROM {
        at_most("imports", module.imports.len() as u64, MAX_IMPORTS as u64)?;
    }
    match module.module_name {
        Some(name) if context.debug => at_most(
            "bytes in the module's name",
            name.len() as u64,
            MAX_NAME as u64,
        ),
        _ => Ok(()),
    }
}

/// Bytes of all element segments as encoded.
pub(crate) fn element_bytes(module: &Module<'_>) -> u64 {
    module
        .elements
        .iter()
        .map(|segment| segment.range.len() as u64)
        .sum()
}

/// Checks one function: limits on the metered form, and operators that cannot be translated.
pub(crate) fn check_function(
    module: &Module<'_>,
    body: usize,
    meter: &FunctionMeter,
) -> Result<(), Refusal> {
    let at_most = |what: &str, count: u64, max: u64| {
        if count > max {
            refuse(format!(
                "{}: {}",
                module.describe(body),
                limit(what, count, max)
            ))
        } else {
            Ok(())
        }
    };
    at_most(
        "operands on the stack at once",
        meter.worst_height.into(),
        MAX_STACK_HEIGHT.into(),
    )?;
    at_most(
        "words of stack frame",
        meter.frame_words().into(),
        MAX_FRAME.into(),
    )?;
    at_most("locals", meter.locals.into(), MAX_LOCALS.into())?;
    at_most(
        "operators after metering",
        meter.operators_after(module.grows()),
        MAX_OPERATORS,
    )
}

/// Refuses the first operator that the chain cannot translate.
pub(crate) fn check_operators(module: &Module<'_>, body: usize) -> Result<(), Refusal> {
    let mut reader = module.bodies[body]
        .get_operators_reader()
        .map_err(Refusal::invalid)?;
    while !reader.eof() {
        let (op, offset) = reader.read_with_offset().map_err(Refusal::invalid)?;
        if let Some(problem) = operators::problem(&op) {
            return refuse(format!(
                "{}: {problem} {} at byte {offset}",
                module.describe(body),
                operators::mnemonic(&op)
            ));
        }
    }
    Ok(())
}

fn limit(what: &str, count: impl std::fmt::Display, max: impl std::fmt::Display) -> String {
    format!("too many {what}: {count}, the chain accepts {max}")
}

fn refuse<T>(reason: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::new(reason))
}
