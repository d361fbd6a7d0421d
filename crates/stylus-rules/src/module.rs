//! A wasm module taken apart: what validation, metering and inspection look at.

use std::collections::BTreeMap;
use std::ops::Range;

use wasmparser::{
    BinaryReaderError, CompositeInnerType, Data, Element, Export, FunctionBody, Import,
    KnownCustom, MemoryType, Name, Parser, Payload, TableType, TypeRef, ValType, WasmFeatures,
};

/// Parameters and results of a function type. A type that is not a function's (only in modules that the chain refuses) is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Signature {
    pub params: Vec<ValType>,
    pub results: Vec<ValType>,
}

/// A parsed module. Its size is bounded by the file's: every entry of every list takes at least one byte there.
#[derive(Default)]
pub(crate) struct Module<'a> {
    pub wasm: &'a [u8],
    /// Content of each known section by id (1 = types … 11 = data), count included.
    pub sections: BTreeMap<u8, Range<usize>>,
    pub types: Vec<Signature>,
    pub imports: Vec<Import<'a>>,
    /// Type index of each function, imported ones first.
    pub functions: Vec<u32>,
    pub tables: Vec<TableType>,
    pub memories: Vec<MemoryType>,
    pub global_count: u32,
    pub exports: Vec<Export<'a>>,
    pub start: Option<u32>,
    pub elements: Vec<Element<'a>>,
    pub has_data_count: bool,
    pub bodies: Vec<FunctionBody<'a>>,
    pub data: Vec<Data<'a>>,
    pub module_name: Option<&'a str>,
    pub function_names: BTreeMap<u32, &'a str>,
    /// Custom sections: name and bytes of content.
    pub custom: Vec<(&'a str, usize)>,
}

impl<'a> Module<'a> {
    /// Takes a module apart; what the features do not allow is an error. Does not validate.
    pub fn parse(wasm: &'a [u8], features: WasmFeatures) -> Result<Self, BinaryReaderError> {
        let mut module = Self {
            wasm,
            ..Self::default()
        };
        let mut parser = Parser::new(0);
        parser.set_features(features);
        for payload in parser.parse_all(wasm) {
            module.take(payload?)?;
        }
        Ok(module)
    }

    fn take(&mut self, payload: Payload<'a>) -> Result<(), BinaryReaderError> {
        if let Some((id, range)) = payload.as_section()
            && id != 0
        {
            self.sections.insert(id, range);
        }
        match payload {
            Payload::TypeSection(groups) => {
                for group in groups {
                    self.types.extend(
                        group?
                            .into_types()
                            .map(|ty| signature(&ty.composite_type.inner)),
                    );
                }
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import?;
                    if let TypeRef::Func(ty) | TypeRef::FuncExact(ty) = import.ty {
                        self.functions.push(ty);
                    }
                    self.imports.push(import);
                }
            }
            Payload::FunctionSection(types) => {
                for ty in types {
                    self.functions.push(ty?);
                }
            }
            Payload::TableSection(tables) => {
                for table in tables {
                    self.tables.push(table?.ty);
                }
            }
            Payload::MemorySection(memories) => {
                self.memories = memories.into_iter().collect::<Result<_, _>>()?
            }
            Payload::GlobalSection(globals) => self.global_count = globals.count(),
            Payload::ExportSection(exports) => {
                self.exports = exports.into_iter().collect::<Result<_, _>>()?
            }
            Payload::StartSection { func, .. } => self.start = Some(func),
            Payload::ElementSection(elements) => {
                self.elements = elements.into_iter().collect::<Result<_, _>>()?
            }
            Payload::DataCountSection { .. } => self.has_data_count = true,
            Payload::CodeSectionEntry(body) => self.bodies.push(body),
            Payload::DataSection(data) => self.data = data.into_iter().collect::<Result<_, _>>()?,
            Payload::CustomSection(section) => {
                self.custom.push((section.name(), section.data().len()));
                if let KnownCustom::Name(names) = section.as_known() {
                    self.take_names(names);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Names are for people only: a malformed name section ends the reading of names, nothing else.
    fn take_names(&mut self, names: wasmparser::NameSectionReader<'a>) {
        for subsection in names.into_iter().map_while(Result::ok) {
            match subsection {
                Name::Module { name, .. } => self.module_name = Some(name),
                Name::Function(map) => {
                    let named = map.into_iter().map_while(Result::ok);
                    self.function_names
                        .extend(named.map(|naming| (naming.index, naming.name)));
                }
                _ => {}
            }
        }
    }

    /// Number of imported functions; defined functions are numbered from here.
    pub fn imported_functions(&self) -> u32 {
        let imported = self
            .imports
            .iter()
            .filter(|import| matches!(import.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)));
        imported.count() as u32
    }

    /// Signature of a type by index; empty when there is none.
    pub fn signature(&self, type_index: u32) -> &Signature {
        const EMPTY: &Signature = &Signature {
            params: Vec::new(),
            results: Vec::new(),
        };
        self.types.get(type_index as usize).unwrap_or(EMPTY)
    }

    /// Signature of a function by index; empty when there is none.
    pub fn function_signature(&self, function: u32) -> &Signature {
        self.signature(
            self.functions
                .get(function as usize)
                .copied()
                .unwrap_or(u32::MAX),
        )
    }

    /// How messages name a defined function, counted from 0 among the bodies.
    pub fn describe(&self, body: usize) -> String {
        let index = self.imported_functions() + body as u32;
        match self.function_names.get(&index) {
            Some(name) => format!("function {index} ({:#})", rustc_demangle::demangle(name)),
            None => format!("function {index}"),
        }
    }

    /// Whether growth of the memory is paid through a host function: no maximum, or one above the initial size (rules 2.3).
    pub fn grows(&self) -> bool {
        self.memories
            .first()
            .is_some_and(|memory| memory.maximum != Some(memory.initial))
    }
}

fn signature(ty: &CompositeInnerType) -> Signature {
    match ty {
        CompositeInnerType::Func(ty) => Signature {
            params: ty.params().to_vec(),
            results: ty.results().to_vec(),
        },
        _ => Signature::default(),
    }
}

impl std::fmt::Display for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} -> {:?}", self.params, self.results)
    }
}
