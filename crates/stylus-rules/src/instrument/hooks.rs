//! Calls that tell a profiler where a program is.
//!
//! The emitter calls the hooks by numbers that no function has; [`link`] then makes imports of them, which moves every
//! other function's number.

use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{EntityType, ImportSection, Module as Output, SectionId, TypeSection, ValType};

use crate::activate::Refusal;
use crate::module::Module;

/// Module that the hooks are imported from.
pub const HOOKS: &str = "stylus_profiler";
/// `(i32 block)`: this basic block is charged next; blocks count through the whole module, in order.
pub const BLOCK_HOOK: &str = "block";
/// `(i32 block)`: what this block called has returned to it.
pub const BACK_HOOK: &str = "back";
const COUNT: u32 = 2;

/// Numbers by which the emitter calls the hooks: those after the module's own functions.
pub(super) struct Hooks {
    pub block: u32,
    pub back: u32,
}

impl Hooks {
    pub fn of(module: &Module<'_>) -> Self {
        let functions = module.functions.len() as u32;
        Self {
            block: functions,
            back: functions + 1,
        }
    }
}

/// Makes imports of the hooks that an emitted module calls.
pub(super) fn link(emitted: &[u8], module: &Module<'_>) -> Result<Vec<u8>, Refusal> {
    let mut linker = Linker {
        imported: module.imported_functions(),
        hooks: Hooks::of(module),
        hook_type: module.types.len() as u32,
        done: false,
    };
    let mut output = Output::new();
    linker
        .parse_core_module(&mut output, wasmparser::Parser::new(0), emitted)
        .map_err(|error| Refusal::new(format!("no profile can be made of it: {error}")))?;
    Ok(output.finish())
}

struct Linker {
    /// Imported functions of the original; those of the hooks come after them.
    imported: u32,
    hooks: Hooks,
    /// Type of the hooks, which comes after the original's.
    hook_type: u32,
    /// Whether the hooks are imported yet.
    done: bool,
}

impl Linker {
    fn import(&mut self, imports: &mut ImportSection) {
        self.done = true;
        imports
            .import(HOOKS, BLOCK_HOOK, EntityType::Function(self.hook_type))
            .import(HOOKS, BACK_HOOK, EntityType::Function(self.hook_type));
    }
}

impl Reencode for Linker {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Infallible>> {
        Ok(match function {
            imported if imported < self.imported => imported,
            hook if hook == self.hooks.block => self.imported,
            hook if hook == self.hooks.back => self.imported + 1,
            defined => defined + COUNT,
        })
    }

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: wasmparser::TypeSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        utils::parse_type_section(self, types, section)?;
        types.ty().function([ValType::I32], []);
        Ok(())
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: wasmparser::ImportSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        utils::parse_import_section(self, imports, section)?;
        self.import(imports);
        Ok(())
    }

    /// A module without imports gets its section before the first that follows.
    fn intersperse_section_hook(
        &mut self,
        module: &mut Output,
        _after: Option<SectionId>,
        before: Option<SectionId>,
    ) -> Result<(), Error<Infallible>> {
        let early = matches!(before, Some(SectionId::Type | SectionId::Import));
        if !self.done && !early {
            let mut imports = ImportSection::new();
            self.import(&mut imports);
            module.section(&imports);
        }
        Ok(())
    }
}
