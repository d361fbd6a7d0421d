//! What the compiler emits and the chain refuses is accepted after re-encoding, and means the same.

#![allow(
    clippy::unwrap_used,
    reason = "a module that cannot be built fails the test"
)]

use stylus_rules::activate::{ActivationContext, activate};
use stylus_rules::reencode::{ReencodeError, ReencodeOptions, reencode};
use wasm_encoder::{
    CodeSection, CustomSection, DataCountSection, DataSection, ElementSection, Elements,
    ExportKind, ExportSection, FunctionSection, MemorySection, MemoryType, Module, NameMap,
    NameSection, RefType, TableSection, TableType, TypeSection, ValType,
};

const ARBOS: ActivationContext = ActivationContext::for_arbos(51);

/// A contract as lld writes it: the table index of `call_indirect` padded to five bytes, names, and a custom section;
/// with a DataCount section as binaryen adds it.
fn as_built(padded: bool, data_count: bool) -> Vec<u8> {
    let mut module = Module::new();
    module.section(TypeSection::new().ty_function([ValType::I32], [ValType::I32]));
    module.section(FunctionSection::new().function(0).function(0));
    let table = TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: 1,
        maximum: None,
        shared: false,
    };
    module.section(TableSection::new().table(table));
    let memory = MemoryType {
        minimum: 1,
        maximum: Some(4),
        memory64: false,
        shared: false,
        page_size_log2: None,
    };
    module.section(MemorySection::new().memory(memory));
    module.section(
        ExportSection::new()
            .export("memory", ExportKind::Memory, 0)
            .export("user_entrypoint", ExportKind::Func, 0),
    );
    let zero = wasm_encoder::ConstExpr::i32_const(0);
    module.section(ElementSection::new().active(
        None,
        &zero,
        Elements::Functions((&[1][..]).into()),
    ));
    if data_count {
        module.section(&DataCountSection { count: 1 });
    }
    let call: &[u8] = if padded {
        &[
            0, 0x20, 0, 0x41, 0, 0x11, 0, 0x80, 0x80, 0x80, 0x80, 0, 0x0b,
        ]
    } else {
        &[0, 0x20, 0, 0x41, 0, 0x11, 0, 0, 0x0b]
    };
    module.section(CodeSection::new().raw(call).raw(&[0, 0x20, 0, 0x0b]));
    module.section(DataSection::new().active(0, &zero, [1, 2, 3]));
    let mut names = NameMap::new();
    names.append(0, "user_entrypoint");
    let mut section = NameSection::new();
    section.functions(&names);
    module.section(&section);
    module.section(&CustomSection {
        name: "producers".into(),
        data: vec![0].into(),
    });
    module.finish()
}

trait OneFunctionType {
    fn ty_function<const P: usize, const R: usize>(
        &mut self,
        params: [ValType; P],
        results: [ValType; R],
    ) -> &mut Self;
}

impl OneFunctionType for TypeSection {
    fn ty_function<const P: usize, const R: usize>(
        &mut self,
        params: [ValType; P],
        results: [ValType; R],
    ) -> &mut Self {
        self.ty().function(params, results);
        self
    }
}

fn custom_sections(wasm: &[u8]) -> Vec<String> {
    let facts = stylus_rules::inspect::inspect(wasm).unwrap();
    facts
        .custom_sections
        .into_iter()
        .map(|section| section.name)
        .collect()
}

fn pinned() -> ReencodeOptions {
    ReencodeOptions {
        pin_memory: true,
        ..ReencodeOptions::default()
    }
}

#[test]
fn a_padded_table_index_is_refused_before_and_accepted_after() {
    let error = activate(&as_built(true, false), &ARBOS, u64::MAX)
        .unwrap_err()
        .to_string();
    assert!(error.contains("zero byte expected"), "{error}");
    let wasm = reencode(&as_built(true, false), &pinned()).unwrap();
    activate(&wasm, &ARBOS, u64::MAX).unwrap();
}

#[test]
fn a_data_count_section_is_refused_before_and_dropped_after() {
    let error = activate(&as_built(false, true), &ARBOS, u64::MAX)
        .unwrap_err()
        .to_string();
    assert!(error.contains("DataCount"), "{error}");
    let wasm = reencode(&as_built(false, true), &pinned()).unwrap();
    activate(&wasm, &ARBOS, u64::MAX).unwrap();
}

#[test]
fn every_way_of_building_gives_the_same_bytes() {
    let expected = reencode(&as_built(false, false), &pinned()).unwrap();
    for (padded, data_count) in [(true, false), (false, true), (true, true)] {
        assert_eq!(
            reencode(&as_built(padded, data_count), &pinned()).unwrap(),
            expected
        );
    }
    assert_eq!(
        reencode(&expected, &pinned()).unwrap(),
        expected,
        "re-encoding twice changes nothing"
    );
}

#[test]
fn custom_sections_are_dropped_unless_asked_for() {
    let wasm = as_built(true, true);
    assert_eq!(custom_sections(&wasm), ["name", "producers"]);
    assert_eq!(
        custom_sections(&reencode(&wasm, &pinned()).unwrap()),
        [""; 0]
    );
    let options = ReencodeOptions {
        keep_names: true,
        project_hash: Some([7; 32]),
        ..pinned()
    };
    let wasm = reencode(&wasm, &options).unwrap();
    assert_eq!(custom_sections(&wasm), ["name", "project_hash"]);
    assert!(wasm.ends_with(&[7; 32]));
}

#[test]
fn memory_is_pinned_only_where_nothing_grows_it() {
    let maximum = |wasm: &[u8]| {
        stylus_rules::inspect::inspect(wasm)
            .unwrap()
            .memory
            .unwrap()
            .maximum_pages
    };
    let unpinned = reencode(&as_built(false, false), &ReencodeOptions::default()).unwrap();
    assert_eq!(maximum(&unpinned), Some(4));
    assert_eq!(maximum(&reencode(&unpinned, &pinned()).unwrap()), Some(1));
    let growing =
        wat::parse_str("(module (memory 1) (func (drop (memory.grow (i32.const 1)))))").unwrap();
    assert_eq!(maximum(&reencode(&growing, &pinned()).unwrap()), None);
}

#[test]
fn an_operator_that_cannot_be_expressed_is_named_with_its_function() {
    let wasm = wat::parse_str(
        "(module (memory 1) (data $d \"x\") (func $copies (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1))))",
    );
    let error = reencode(&wasm.unwrap(), &ReencodeOptions::default()).unwrap_err();
    let expected = ReencodeError::Unsupported {
        function: "function 0 (copies)".to_owned(),
        operator: "memory.init".to_owned(),
    };
    assert_eq!(error, expected);
}

#[test]
fn what_is_not_wasm_is_an_error_with_its_place() {
    let error = reencode(b"not wasm at all", &ReencodeOptions::default()).unwrap_err();
    assert!(
        matches!(error, ReencodeError::Invalid { offset: 0, .. }),
        "{error:?}"
    );
}
