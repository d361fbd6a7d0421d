//! A wasm interpreter that counts ink and stack depth as the rules word them, operator by operator. It knows nothing of
//! the instrumentation: it runs the original module.

use std::collections::HashMap;
use std::sync::Arc;

use stylus_rules::prices::opcode::{BLOCK_HEADER, BULK_BYTE, ends_block, operator_ink};
use wasmparser::{
    BlockType, DataKind, ElementItems, ElementKind, FuncType, MemArg, Operator, Parser, Payload,
    TypeRef,
};

const PAGE: usize = 65_536;
const MAX_PAGES: usize = 65_536;
const HOST_STACK: usize = 64 << 20;

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Returned(i32),
    OutOfInk,
    OutOfStack,
    Trapped,
}

/// What is left after a run, and the pages that the host was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub end: Exit,
    pub ink_left: u64,
    pub stack_left: u32,
    pub grown: Vec<u16>,
}

struct Function<'a> {
    locals: usize,
    operators: Vec<Operator<'a>>,
    /// For each block, loop and if: where its `end` stands; for each if: its `else`; for each else: its `end`.
    ends: HashMap<usize, usize>,
    elses: HashMap<usize, usize>,
}

/// A module and its state.
pub struct Interpreter<'a> {
    types: Vec<FuncType>,
    function_types: Vec<u32>,
    imported: u32,
    functions: Vec<Arc<Function<'a>>>,
    frames: Vec<u32>,
    table: Vec<Option<u32>>,
    globals: Vec<u64>,
    memory: Vec<u8>,
    max_pages: usize,
    pays_growth: bool,
    entry: u32,
    ink: u64,
    stack_left: u32,
    grown: Vec<u16>,
}

/// A label that a branch can name: height below its operands, operands that a branch takes along, where it continues.
#[derive(Clone, Copy)]
struct Label {
    height: usize,
    arity: usize,
    target: usize,
    is_loop: bool,
}

enum Flow {
    Next,
    Jump(usize),
    Return,
}

type Step<T> = Result<T, Exit>;

impl<'a> Interpreter<'a> {
    /// Loads a module that activation has accepted; `frames` are the words of stack depth that each function takes.
    pub fn new(wasm: &'a [u8], frames: Vec<u32>) -> wasmparser::Result<Self> {
        let mut it = Self {
            types: Vec::new(),
            function_types: Vec::new(),
            imported: 0,
            functions: Vec::new(),
            frames,
            table: Vec::new(),
            globals: Vec::new(),
            memory: Vec::new(),
            max_pages: MAX_PAGES,
            pays_growth: false,
            entry: 0,
            ink: 0,
            stack_left: 0,
            grown: Vec::new(),
        };
        for payload in Parser::new(0).parse_all(wasm) {
            it.load(payload?)?;
        }
        Ok(it)
    }

    fn load(&mut self, payload: Payload<'a>) -> wasmparser::Result<()> {
        match payload {
            Payload::TypeSection(types) => {
                self.types = types
                    .into_iter_err_on_gc_types()
                    .collect::<Result<_, _>>()?;
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    if let TypeRef::Func(ty) = import?.ty {
                        self.function_types.push(ty);
                        self.imported += 1;
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
                    self.pays_growth = memory.maximum != Some(memory.initial);
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

    /// Runs the entry point, on a stack of its own that is deep enough for any recursion within `stack_words`.
    pub fn run(self, argument: i32, ink: u64, stack_words: u32) -> Outcome {
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(HOST_STACK);
            let run = thread.spawn_scoped(scope, || self.run_here(argument, ink, stack_words));
            run.unwrap_or_else(|error| panic!("no thread: {error}"))
                .join()
                .unwrap_or_else(|_| panic!("the interpreter failed"))
        })
    }

    fn run_here(mut self, argument: i32, ink: u64, stack_words: u32) -> Outcome {
        self.ink = ink;
        self.stack_left = stack_words;
        let end = match self.call(self.entry, &[argument as u32 as u64]) {
            Ok(results) => Exit::Returned(results[0] as u32 as i32),
            Err(end) => end,
        };
        Outcome {
            end,
            ink_left: self.ink,
            stack_left: self.stack_left,
            grown: self.grown,
        }
    }

    fn call(&mut self, function: u32, arguments: &[u64]) -> Step<Vec<u64>> {
        if function < self.imported {
            self.grown.push(arguments[0] as u16);
            return Ok(Vec::new());
        }
        let body = (function - self.imported) as usize;
        let frame = self.frames[body];
        if self.stack_left <= frame {
            self.stack_left = 0;
            return Err(Exit::OutOfStack);
        }
        self.stack_left -= frame;
        let mut locals = arguments.to_vec();
        locals.resize(arguments.len() + self.functions[body].locals, 0);
        let results = self.types[self.function_types[function as usize] as usize]
            .results()
            .len();
        let mut stack = self.execute(body, &mut locals, results, frame)?;
        Ok(stack.split_off(stack.len() - results))
    }

    /// Runs a body to its end. The frame is given back at a `return` and at the last `end`, not by a branch to the
    /// function's own label.
    fn execute(
        &mut self,
        body: usize,
        locals: &mut [u64],
        results: usize,
        frame: u32,
    ) -> Step<Vec<u64>> {
        let function = Arc::clone(&self.functions[body]);
        let operators = &function.operators;
        let last = operators.len() - 1;
        let mut stack = Vec::new();
        let mut labels = vec![Label {
            height: 0,
            arity: results,
            target: operators.len(),
            is_loop: false,
        }];
        let mut at = 0;
        let mut charge = true;
        loop {
            if charge {
                self.charge_block(&operators[at..])?;
            }
            let op = &operators[at];
            charge = ends_block(op);
            match self.step(body, at, op, locals, &mut stack, &mut labels)? {
                Flow::Return => break self.stack_left += frame,
                Flow::Next if at == last => break self.stack_left += frame,
                Flow::Next => at += 1,
                Flow::Jump(target) if target == operators.len() => break,
                Flow::Jump(target) => (at, charge) = (target, true),
            }
        }
        Ok(stack)
    }

    /// Pays for the operators from here to the end of the block.
    fn charge_block(&mut self, rest: &[Operator<'_>]) -> Step<()> {
        let parameters = |ty: u32| {
            self.types
                .get(ty as usize)
                .map(|ty| ty.params().len() as u64)
        };
        let end = rest
            .iter()
            .position(ends_block)
            .map_or(rest.len(), |end| end + 1);
        let cost = rest[..end].iter().fold(BLOCK_HEADER, |sum, op| {
            sum.saturating_add(operator_ink(op, parameters))
        });
        self.ink = self.ink.checked_sub(cost).ok_or(Exit::OutOfInk)?;
        Ok(())
    }

    fn step(
        &mut self,
        body: usize,
        at: usize,
        op: &Operator<'_>,
        locals: &mut [u64],
        stack: &mut Vec<u64>,
        labels: &mut Vec<Label>,
    ) -> Step<Flow> {
        use Operator::*;
        match op {
            Unreachable => return Err(Exit::Trapped),
            Nop => {}
            Block { blockty } => {
                let (params, results) = self.arity(*blockty);
                let end = self.functions[body].ends[&at];
                labels.push(Label {
                    height: stack.len() - params,
                    arity: results,
                    target: end + 1,
                    is_loop: false,
                });
            }
            Loop { blockty } => {
                let (params, _) = self.arity(*blockty);
                labels.push(Label {
                    height: stack.len() - params,
                    arity: params,
                    target: at + 1,
                    is_loop: true,
                });
            }
            If { blockty } => {
                let condition = pop(stack);
                let (params, results) = self.arity(*blockty);
                let scopes = &self.functions[body];
                let end = scopes.ends[&at];
                let label = Label {
                    height: stack.len() - params,
                    arity: results,
                    target: end + 1,
                    is_loop: false,
                };
                match (condition as u32, scopes.elses.get(&at)) {
                    (0, None) => return Ok(Flow::Jump(end + 1)),
                    (0, Some(otherwise)) => {
                        labels.push(label);
                        return Ok(Flow::Jump(otherwise + 1));
                    }
                    _ => labels.push(label),
                }
            }
            Else => {
                labels.pop();
                return Ok(Flow::Jump(self.functions[body].ends[&at] + 1));
            }
            End => {
                labels.pop();
            }
            Br { relative_depth } => return Ok(branch(*relative_depth, stack, labels)),
            BrIf { relative_depth } => {
                if pop(stack) as u32 != 0 {
                    return Ok(branch(*relative_depth, stack, labels));
                }
            }
            BrTable { targets } => {
                let index = pop(stack) as u32;
                let target = targets
                    .targets()
                    .nth(index as usize)
                    .transpose()
                    .ok()
                    .flatten()
                    .unwrap_or(targets.default());
                return Ok(branch(target, stack, labels));
            }
            Return => return Ok(Flow::Return),
            Call { function_index } => self.call_from(*function_index, stack)?,
            CallIndirect { type_index, .. } => {
                let index = pop(stack) as u32;
                let function = self
                    .table
                    .get(index as usize)
                    .copied()
                    .flatten()
                    .ok_or(Exit::Trapped)?;
                let actual = &self.types[self.function_types[function as usize] as usize];
                if *actual != self.types[*type_index as usize] {
                    return Err(Exit::Trapped);
                }
                self.call_from(function, stack)?;
            }
            LocalGet { local_index } => stack.push(locals[*local_index as usize]),
            LocalSet { local_index } => locals[*local_index as usize] = pop(stack),
            LocalTee { local_index } => locals[*local_index as usize] = stack[stack.len() - 1],
            GlobalGet { global_index } => stack.push(self.globals[*global_index as usize]),
            GlobalSet { global_index } => self.globals[*global_index as usize] = pop(stack),
            Drop => {
                pop(stack);
            }
            Select => {
                let (condition, b, a) = (pop(stack), pop(stack), pop(stack));
                stack.push(if condition as u32 != 0 { a } else { b });
            }
            I32Const { value } => stack.push(*value as u32 as u64),
            I64Const { value } => stack.push(*value as u64),
            MemorySize { .. } => stack.push((self.memory.len() / PAGE) as u64),
            MemoryGrow { .. } => {
                let pages = pop(stack) as u32;
                stack.push(self.grow(pages).into());
            }
            MemoryFill { .. } => {
                let (len, value, to) = (pop(stack) as u32, pop(stack) as u8, pop(stack) as u32);
                self.charge_bytes(len)?;
                self.range(to, len)?.fill(value);
            }
            MemoryCopy { .. } => {
                let (len, from, to) = (pop(stack) as u32, pop(stack) as u32, pop(stack) as u32);
                self.charge_bytes(len)?;
                let bytes = self.range(from, len)?.to_vec();
                self.range(to, len)?.copy_from_slice(&bytes);
            }
            op => match load(op) {
                Some((memarg, bytes, signed, wide)) => {
                    let address = pop(stack) as u32;
                    stack.push(self.load_value(memarg, address, bytes, signed, wide)?);
                }
                None => match store(op) {
                    Some((memarg, bytes)) => {
                        let (value, address) = (pop(stack), pop(stack) as u32);
                        let place = self.place(memarg, address, bytes)?;
                        self.memory[place..place + bytes]
                            .copy_from_slice(&value.to_le_bytes()[..bytes]);
                    }
                    None => super::arithmetic::apply(op, stack).map_err(|()| Exit::Trapped)?,
                },
            },
        }
        Ok(Flow::Next)
    }

    fn call_from(&mut self, function: u32, stack: &mut Vec<u64>) -> Step<()> {
        let params = self.types[self.function_types[function as usize] as usize]
            .params()
            .len();
        let arguments = stack.split_off(stack.len() - params);
        stack.extend(self.call(function, &arguments)?);
        Ok(())
    }

    fn charge_bytes(&mut self, len: u32) -> Step<()> {
        self.ink = self
            .ink
            .checked_sub(BULK_BYTE * u64::from(len))
            .ok_or(Exit::OutOfInk)?;
        Ok(())
    }

    fn grow(&mut self, pages: u32) -> u32 {
        if self.pays_growth {
            self.grown.push(pages as u16);
        }
        let before = self.memory.len() / PAGE;
        if before + pages as usize > self.max_pages.min(MAX_PAGES) {
            return u32::MAX;
        }
        self.memory.resize((before + pages as usize) * PAGE, 0);
        before as u32
    }

    fn range(&mut self, start: u32, len: u32) -> Step<&mut [u8]> {
        self.memory
            .get_mut(start as usize..start as usize + len as usize)
            .ok_or(Exit::Trapped)
    }

    fn place(&self, memarg: &MemArg, address: u32, bytes: usize) -> Step<usize> {
        let place = address as usize + memarg.offset as usize;
        if place + bytes > self.memory.len() {
            Err(Exit::Trapped)
        } else {
            Ok(place)
        }
    }

    fn load_value(
        &self,
        memarg: &MemArg,
        address: u32,
        bytes: usize,
        signed: bool,
        wide: bool,
    ) -> Step<u64> {
        let place = self.place(memarg, address, bytes)?;
        let mut raw = [0; 8];
        raw[..bytes].copy_from_slice(&self.memory[place..place + bytes]);
        let value = u64::from_le_bytes(raw);
        if !signed {
            return Ok(value);
        }
        let unused = 64 - 8 * bytes as u32;
        let extended = ((value << unused) as i64 >> unused) as u64;
        Ok(if wide {
            extended
        } else {
            extended as u32 as u64
        })
    }

    fn arity(&self, ty: BlockType) -> (usize, usize) {
        match ty {
            BlockType::Empty => (0, 0),
            BlockType::Type(_) => (0, 1),
            BlockType::FuncType(index) => {
                let ty = &self.types[index as usize];
                (ty.params().len(), ty.results().len())
            }
        }
    }
}

fn pop(stack: &mut Vec<u64>) -> u64 {
    stack
        .pop()
        .unwrap_or_else(|| unreachable!("validated code has its operands"))
}

/// Takes a branch's operands down to the label; a loop's label stays open.
fn branch(depth: u32, stack: &mut Vec<u64>, labels: &mut Vec<Label>) -> Flow {
    let index = labels.len() - 1 - depth as usize;
    let Label {
        height,
        arity,
        target,
        is_loop,
    } = labels[index];
    let operands = stack.split_off(stack.len() - arity);
    stack.truncate(height);
    stack.extend(operands);
    labels.truncate(if is_loop { index + 1 } else { index });
    Flow::Jump(target)
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
        other => unreachable!("only integer constants are generated: {other:?}"),
    }
}

/// Bytes, sign extension and width of a load.
fn load<'o>(op: &'o Operator<'_>) -> Option<(&'o MemArg, usize, bool, bool)> {
    use Operator::*;
    Some(match op {
        I32Load { memarg } => (memarg, 4, false, false),
        I32Load8S { memarg } => (memarg, 1, true, false),
        I32Load8U { memarg } => (memarg, 1, false, false),
        I32Load16S { memarg } => (memarg, 2, true, false),
        I32Load16U { memarg } => (memarg, 2, false, false),
        I64Load { memarg } => (memarg, 8, false, true),
        I64Load8S { memarg } => (memarg, 1, true, true),
        I64Load8U { memarg } => (memarg, 1, false, true),
        I64Load16S { memarg } => (memarg, 2, true, true),
        I64Load16U { memarg } => (memarg, 2, false, true),
        I64Load32S { memarg } => (memarg, 4, true, true),
        I64Load32U { memarg } => (memarg, 4, false, true),
        _ => return None,
    })
}

/// Bytes of a store.
fn store<'o>(op: &'o Operator<'_>) -> Option<(&'o MemArg, usize)> {
    use Operator::*;
    Some(match op {
        I32Store { memarg } | I64Store32 { memarg } => (memarg, 4),
        I32Store8 { memarg } | I64Store8 { memarg } => (memarg, 1),
        I32Store16 { memarg } | I64Store16 { memarg } => (memarg, 2),
        I64Store { memarg } => (memarg, 8),
        _ => return None,
    })
}
