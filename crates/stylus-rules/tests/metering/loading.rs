//! Loading of a module that activation has accepted.

use std::collections::HashMap;
use std::sync::Arc;

use wasmparser::{
    DataKind, ElementItems, ElementKind, FuncType, Operator, Parser, Payload, TypeRef,
};

use stylus_rules::prices::hostio::PAY_FOR_MEMORY_GROW;

pub const PAGE: usize = 65_536;
/// Pages that a program can have at most, as the chain's engine says.
pub const MAX_PAGES: usize = 128;

/// A function's body.
pub struct Function<'a> {
    pub locals: usize,
    pub operators: Vec<Operator<'a>>,
    /// For each block, loop and if: where its `end` stands; for each if: its `else`; for each else: its `end`.
    pub ends: HashMap<usize, usize>,
    pub elses: HashMap<usize, usize>,
}

/// A module and its state.
#[derive(Default)]
pub struct Instance<'a> {
    pub types: Vec<FuncType>,
    pub function_types: Vec<u32>,
    /// Names of the imported functions.
    pub imported: Vec<&'a str>,
    pub functions: Vec<Arc<Function<'a>>>,
    pub table: Vec<Option<u32>>,
    pub globals: Vec<u64>,
    pub memory: Vec<u8>,
    pub max_pages: usize,
    /// The imported function that growth is paid to, where it is.
    pub pays_growth: Option<u32>,
    pub entry: u32,
}

impl<'a> Instance<'a> {
    pub fn load(wasm: &'a [u8]) -> wasmparser::Result<Self> {
        let mut instance = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            instance.take(payload?)?;
        }
        Ok(instance)
    }

    /// Type of a function.
    pub fn signature(&self, function: u32) -> &FuncType {
        &self.types[self.function_types[function as usize] as usize]
    }

    fn take(&mut self, payload: Payload<'a>) -> wasmparser::Result<()> {
        match payload {
            Payload::TypeSection(types) => {
                self.types = types
                    .into_iter_err_on_gc_types()
                    .collect::<Result<_, _>>()?;
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import?;
                    if let TypeRef::Func(ty) = import.ty {
                        self.function_types.push(ty);
                        self.imported.push(import.name);
                    }
                }
            }
            Payload::FunctionSection(types) => {
                for ty in types {
                    self.function_types.push(ty?);
                }
            }
            Payload::TableSection(tables) => {
                for table in tables {
                    self.table = vec![None; table?.ty.initial as usize];
                }
            }
            Payload::MemorySection(memories) => {
                for memory in memories {
                    let memory = memory?;
                    self.memory = vec![0; memory.initial as usize * PAGE];
                    self.max_pages = memory.maximum.map_or(MAX_PAGES, |pages| pages as usize);
                    let pay = self
                        .imported
                        .iter()
                        .position(|name| *name == PAY_FOR_MEMORY_GROW);
                    self.pays_growth = pay
                        .filter(|_| memory.maximum != Some(memory.initial))
                        .map(|index| index as u32);
                }
            }
            Payload::GlobalSection(globals) => {
                for global in globals {
                    self.globals.push(constant(global?.init_expr));
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export?;
                    if export.name == "user_entrypoint" {
                        self.entry = export.index;
                    }
                }
            }
            Payload::ElementSection(elements) => {
                for element in elements {
                    let element = element?;
                    if let (
                        ElementKind::Active { offset_expr, .. },
                        ElementItems::Functions(items),
                    ) = (element.kind, element.items)
                    {
                        let offset = constant(offset_expr) as usize;
                        for (index, item) in items.into_iter().enumerate() {
                            self.table[offset + index] = Some(item?);
                        }
                    }
                }
            }
            Payload::CodeSectionEntry(body) => {
                let mut locals = 0;
                for group in body.get_locals_reader()? {
                    locals += group?.0 as usize;
                }
                let operators = body
                    .get_operators_reader()?
                    .into_iter()
                    .collect::<Result<Vec<_>, _>>()?;
                let (ends, elses) = scopes(&operators);
                self.functions.push(Arc::new(Function {
                    locals,
                    operators,
                    ends,
                    elses,
                }));
            }
            Payload::DataSection(segments) => {
                for segment in segments {
                    let segment = segment?;
                    if let DataKind::Active { offset_expr, .. } = segment.kind {
                        let offset = constant(offset_expr) as usize;
                        self.memory[offset..offset + segment.data.len()]
                            .copy_from_slice(segment.data);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// Where the scopes of a body end, and where their `else` stands.
fn scopes(operators: &[Operator<'_>]) -> (HashMap<usize, usize>, HashMap<usize, usize>) {
    let (mut ends, mut elses, mut open) = (HashMap::new(), HashMap::new(), Vec::new());
    for (at, op) in operators.iter().enumerate() {
        match op {
            Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => {
                open.push((at, None))
            }
            Operator::Else => {
                if let Some((start, otherwise)) = open.last_mut() {
                    elses.insert(*start, at);
                    *otherwise = Some(at);
                }
            }
            Operator::End => {
                if let Some((start, otherwise)) = open.pop() {
                    ends.insert(start, at);
                    ends.extend(otherwise.map(|otherwise| (otherwise, at)));
                }
            }
            _ => {}
        }
    }
    (ends, elses)
}

fn constant(expr: wasmparser::ConstExpr<'_>) -> u64 {
    match expr.get_operators_reader().read() {
        Ok(Operator::I32Const { value }) => value as u32 as u64,
        Ok(Operator::I64Const { value }) => value as u64,
        // Floats cannot be used, but a global may hold one.
        Ok(Operator::F32Const { .. } | Operator::F64Const { .. }) => 0,
        other => unreachable!("only integer constants are generated: {other:?}"),
    }
}
