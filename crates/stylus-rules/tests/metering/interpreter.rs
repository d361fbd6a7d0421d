//! A wasm interpreter that counts ink and stack depth as the rules word them, operator by operator. It knows nothing of
//! the instrumentation: it runs the original module.

use std::hash::{DefaultHasher, Hasher};
use std::sync::Arc;

use stylus_rules::prices::opcode::{BLOCK_HEADER, BULK_BYTE, ends_block, operator_ink};
use wasmparser::{BlockType, MemArg, Operator, ValType};

use super::arithmetic::{apply, load, store};
use super::host::{Asked, Host};
use super::loading::{Instance, MAX_PAGES, PAGE};

const HOST_STACK: usize = 64 << 20;

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Returned(i32),
    OutOfInk,
    OutOfStack,
    Trapped,
}

/// What is left after a run (no ink once it ran out), a digest of the memory, and what the host was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub end: Exit,
    pub ink_left: u64,
    pub stack_left: u32,
    pub memory: u64,
    pub asked: Vec<Asked>,
}

/// A digest of a memory; none of one whose frame ran out of ink: nobody can see it, and the metered form may go on a
/// little.
pub fn digest(end: Exit, memory: &[u8]) -> u64 {
    if end == Exit::OutOfInk {
        return 0;
    }
    let mut hash = DefaultHasher::new();
    hash.write(memory);
    hash.finish()
}

/// A run of a module.
pub struct Interpreter<'a> {
    module: Instance<'a>,
    /// Words of stack depth that each function takes.
    frames: Vec<u32>,
    ink: u64,
    stack_left: u32,
    host: Host,
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
        let module = Instance::load(wasm)?;
        Ok(Self {
            module,
            frames,
            ink: 0,
            stack_left: 0,
            host: Host::default(),
        })
    }

    /// Runs the entry point, on a stack of its own that is deep enough for any recursion within `stack_words`.
    pub fn run(self, argument: i32, ink: u64, stack_words: u32) -> Outcome {
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(HOST_STACK);
            let run = thread.spawn_scoped(scope, || self.run_here(argument, ink, stack_words));
            run.unwrap().join().unwrap()
        })
    }

    fn run_here(mut self, argument: i32, ink: u64, stack_words: u32) -> Outcome {
        self.ink = ink;
        self.stack_left = stack_words;
        let end = match self.call(self.module.entry, &[argument as u32 as u64]) {
            Ok(results) => Exit::Returned(results[0] as u32 as i32),
            Err(end) => end,
        };
        Outcome {
            end,
            ink_left: if end == Exit::OutOfInk { 0 } else { self.ink },
            stack_left: self.stack_left,
            memory: digest(end, &self.module.memory),
            asked: self.host.0,
        }
    }

    fn call(&mut self, function: u32, arguments: &[u64]) -> Step<Vec<u64>> {
        let Some(body) = (function as usize).checked_sub(self.module.imported.len()) else {
            return self.ask(function, arguments);
        };
        let frame = self.frames[body];
        if self.stack_left <= frame {
            self.stack_left = 0;
            return Err(Exit::OutOfStack);
        }
        self.stack_left -= frame;
        let mut locals = arguments.to_vec();
        locals.resize(arguments.len() + self.module.functions[body].locals, 0);
        let results = self.module.signature(function).results().len();
        let mut stack = self.execute(body, &mut locals, results, frame)?;
        Ok(stack.split_off(stack.len() - results))
    }

    /// Asks the host, which takes its price.
    fn ask(&mut self, function: u32, arguments: &[u64]) -> Step<Vec<u64>> {
        let name = self.module.imported[function as usize];
        let answer = self.host.ask(name, arguments, self.ink);
        let (value, left) = answer.ok_or(Exit::OutOfInk)?;
        self.ink = left;
        let results = self.module.signature(function).results();
        Ok(results
            .iter()
            .map(|ty| match ty {
                ValType::I64 => value,
                _ => u64::from(value as u32),
            })
            .collect())
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
        let function = Arc::clone(&self.module.functions[body]);
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
            self.module
                .types
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
                let end = self.module.functions[body].ends[&at];
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
                let scopes = &self.module.functions[body];
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
                return Ok(Flow::Jump(self.module.functions[body].ends[&at] + 1));
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
                    .module
                    .table
                    .get(index as usize)
                    .copied()
                    .flatten()
                    .ok_or(Exit::Trapped)?;
                if *self.module.signature(function) != self.module.types[*type_index as usize] {
                    return Err(Exit::Trapped);
                }
                self.call_from(function, stack)?;
            }
            LocalGet { local_index } => stack.push(locals[*local_index as usize]),
            LocalSet { local_index } => locals[*local_index as usize] = pop(stack),
            LocalTee { local_index } => locals[*local_index as usize] = stack[stack.len() - 1],
            GlobalGet { global_index } => stack.push(self.module.globals[*global_index as usize]),
            GlobalSet { global_index } => self.module.globals[*global_index as usize] = pop(stack),
            Drop => {
                pop(stack);
            }
            Select => {
                let (condition, b, a) = (pop(stack), pop(stack), pop(stack));
                stack.push(if condition as u32 != 0 { a } else { b });
            }
            I32Const { value } => stack.push(*value as u32 as u64),
            I64Const { value } => stack.push(*value as u64),
            MemorySize { .. } => stack.push((self.module.memory.len() / PAGE) as u64),
            MemoryGrow { .. } => {
                let pages = pop(stack) as u32;
                stack.push(self.grow(pages)?.into());
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
                        self.module.memory[place..place + bytes]
                            .copy_from_slice(&value.to_le_bytes()[..bytes]);
                    }
                    None => apply(op, stack).map_err(|()| Exit::Trapped)?,
                },
            },
        }
        Ok(Flow::Next)
    }

    fn call_from(&mut self, function: u32, stack: &mut Vec<u64>) -> Step<()> {
        let params = self.module.signature(function).params().len();
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

    fn grow(&mut self, pages: u32) -> Step<u32> {
        if let Some(pay) = self.module.pays_growth {
            self.ask(pay, &[pages.into()])?;
        }
        let before = self.module.memory.len() / PAGE;
        if before + pages as usize > self.module.max_pages.min(MAX_PAGES) {
            return Ok(u32::MAX);
        }
        self.module
            .memory
            .resize((before + pages as usize) * PAGE, 0);
        Ok(before as u32)
    }

    fn range(&mut self, start: u32, len: u32) -> Step<&mut [u8]> {
        self.module
            .memory
            .get_mut(start as usize..start as usize + len as usize)
            .ok_or(Exit::Trapped)
    }

    fn place(&self, memarg: &MemArg, address: u32, bytes: usize) -> Step<usize> {
        let place = address as usize + memarg.offset as usize;
        if place + bytes > self.module.memory.len() {
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
        raw[..bytes].copy_from_slice(&self.module.memory[place..place + bytes]);
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
                let ty = &self.module.types[index as usize];
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
