//! What the compiler said of where a module's operators come from: by name and, where there is debug information, by
//! source line through all inlining. A profile of basic blocks becomes one of source by it.

use std::collections::HashMap;

use addr2line::Context;
use addr2line::gimli::{Dwarf, EndianSlice, Error, LittleEndian};
use serde::Serialize;
use wasmparser::{Parser, Payload, Validator, WasmFeatures};

use super::{InspectError, demangled};
use crate::module::Module;
use crate::prices::opcode::{BLOCK_HEADER, ends_block, operator_ink};

type Debug<'a> = Context<EndianSlice<'a, LittleEndian>>;

/// Where a module's ink is charged, in words of its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Symbols {
    /// All ways through functions and what was inlined into them, outermost first; blocks name them by place.
    pub stacks: Vec<Vec<Frame>>,
    /// Functions with a body, in order.
    pub functions: Vec<FunctionSymbols>,
}

/// A function, or one that was inlined.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Frame {
    /// Its name; none where neither names nor debug information tell it.
    pub function: Option<String>,
    /// Source file that it was in, as the compiler was given it.
    pub file: Option<String>,
    /// Line in the file: of the operator, or of what was inlined there.
    pub line: Option<u32>,
}

/// A function with a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FunctionSymbols {
    /// Index in the module, imported functions counted first.
    pub index: u32,
    /// Demangled name.
    pub name: Option<String>,
    /// Its first basic block, counted through the module as profiles do.
    pub first_block: u32,
    /// Of each basic block: the ways that its operators stand at and the ink they are charged each time. The block's
    /// header goes to its first operator.
    pub blocks: Vec<Vec<(usize, u64)>>,
}

/// Describes where a module's operators come from. Debug information that is damaged counts as none.
pub fn symbols(wasm: &[u8]) -> Result<Symbols, InspectError> {
    Validator::new_with_features(WasmFeatures::default()).validate_all(wasm)?;
    let module = Module::parse(wasm, WasmFeatures::default())?;
    let sections = custom_sections(wasm)?;
    let debug = debug(&sections).ok();
    let mut stacks = Stacks::default();
    let (mut functions, mut first_block) = (Vec::new(), 0);
    for (body, index) in (0..module.bodies.len()).zip(module.imported_functions()..) {
        let name = demangled(&module, index);
        let blocks = blocks(&module, body, name.as_deref(), debug.as_ref(), &mut stacks)?;
        first_block += blocks.len() as u32;
        functions.push(FunctionSymbols {
            index,
            name,
            first_block: first_block - blocks.len() as u32,
            blocks,
        });
    }
    Ok(Symbols {
        stacks: stacks.all,
        functions,
    })
}

fn custom_sections(wasm: &[u8]) -> Result<HashMap<&str, &[u8]>, InspectError> {
    let mut sections = HashMap::new();
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::CustomSection(section) = payload? {
            sections.insert(section.name(), section.data());
        }
    }
    Ok(sections)
}

fn debug<'a>(sections: &HashMap<&str, &'a [u8]>) -> Result<Debug<'a>, Error> {
    let dwarf = Dwarf::load(|id| {
        let data = sections.get(id.name()).copied().unwrap_or_default();
        Ok::<_, Error>(EndianSlice::new(data, LittleEndian))
    })?;
    Context::from_dwarf(dwarf)
}

/// The ink of each basic block of a body, by the ways that its operators stand at.
fn blocks(
    module: &Module<'_>,
    body: usize,
    name: Option<&str>,
    debug: Option<&Debug<'_>>,
    stacks: &mut Stacks,
) -> Result<Vec<Vec<(usize, u64)>>, InspectError> {
    let code = module.sections.get(&10).map_or(0, |range| range.start);
    let parameters_of = |ty: u32| Some(module.types.get(ty as usize)?.params.len() as u64);
    let (mut blocks, mut block) = (Vec::new(), Vec::new());
    let mut operators = module.bodies[body].get_operators_reader()?;
    while !operators.eof() {
        let (op, offset) = operators.read_with_offset()?;
        let stack = stacks.place(stack_at(debug, (offset - code) as u64, name));
        let header = if block.is_empty() { BLOCK_HEADER } else { 0 };
        add(
            &mut block,
            stack,
            header.saturating_add(operator_ink(&op, parameters_of)),
        );
        if ends_block(&op) {
            blocks.push(std::mem::take(&mut block));
        }
    }
    Ok(blocks)
}

fn add(block: &mut Vec<(usize, u64)>, stack: usize, ink: u64) {
    match block.iter_mut().find(|(known, _)| *known == stack) {
        Some((_, sum)) => *sum = sum.saturating_add(ink),
        None => block.push((stack, ink)),
    }
}

/// The way to an address, which in wasm's debug information is an offset in the code section; outermost first. What is
/// known of the function itself is its name in any case.
fn stack_at(debug: Option<&Debug<'_>>, address: u64, name: Option<&str>) -> Vec<Frame> {
    let mut stack = debug
        .and_then(|debug| inlined(debug, address).ok())
        .unwrap_or_default();
    stack.reverse();
    if stack.is_empty() {
        stack.push(Frame {
            function: None,
            file: None,
            line: None,
        });
    }
    if let Some(name) = name {
        stack[0].function = Some(name.to_owned());
    }
    stack
}

/// Innermost first.
fn inlined(debug: &Debug<'_>, address: u64) -> Result<Vec<Frame>, Error> {
    let mut frames = debug.find_frames(address).skip_all_loads()?;
    let mut found = Vec::new();
    while let Some(frame) = frames.next()? {
        let raw = frame
            .function
            .as_ref()
            .and_then(|function| function.raw_name().ok());
        let location = frame.location.as_ref();
        found.push(Frame {
            function: raw.map(|raw| format!("{:#}", rustc_demangle::demangle(&raw))),
            file: location.and_then(|location| location.file.map(str::to_owned)),
            line: location.and_then(|location| location.line),
        });
    }
    Ok(found)
}

/// Each way once.
#[derive(Default)]
struct Stacks {
    all: Vec<Vec<Frame>>,
    places: HashMap<Vec<Frame>, usize>,
}

impl Stacks {
    fn place(&mut self, stack: Vec<Frame>) -> usize {
        let next = self.all.len();
        let place = *self.places.entry(stack.clone()).or_insert(next);
        if place == next {
            self.all.push(stack);
        }
        place
    }
}
