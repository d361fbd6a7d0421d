//! Names of operators, and those that activation refuses although they are valid wasm (rules 3).

use wasmparser::Operator;

/// What is wrong with an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Problem {
    /// Floating point; the chain computes with integers only.
    Float,
    /// An operator of a wasm extension that the chain does not know.
    Unsupported,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Float => "floating-point operator",
            Self::Unsupported => "unsupported operator",
        })
    }
}

/// Why activation refuses the operator. Float constants, loads and stores are accepted there, though they can never be
/// paid: see [`is_float`].
pub(crate) fn problem(op: &Operator<'_>) -> Option<Problem> {
    if is_float(op) {
        return (!is_float_move(op)).then_some(Problem::Float);
    }
    (!is_supported(op)).then_some(Problem::Unsupported)
}

/// Whether the operator computes, makes, loads or stores a float. None of these can ever run (rules 2.1, 3).
pub(crate) fn is_float(op: &Operator<'_>) -> bool {
    let name = debug_name(op);
    ["F32", "F64"]
        .iter()
        .any(|float| name.contains(float) && !name.contains("x"))
}

fn is_float_move(op: &Operator<'_>) -> bool {
    use Operator::*;
    matches!(
        op,
        F32Const { .. }
            | F64Const { .. }
            | F32Load { .. }
            | F64Load { .. }
            | F32Store { .. }
            | F64Store { .. }
    )
}

/// Whether the operator has a price, i.e. can run.
fn is_supported(op: &Operator<'_>) -> bool {
    crate::prices::opcode::operator_ink(op, |_| Some(0)) != crate::prices::opcode::UNPAYABLE
}

/// Name in the text format, such as `f32.convert_i32_s`.
pub(crate) fn mnemonic(op: &Operator<'_>) -> String {
    const DOTTED: [&str; 22] = [
        "i32", "i64", "f32", "f64", "v128", "i8x16", "i16x8", "i32x4", "i64x2", "f32x4", "f64x2",
        "local", "global", "memory", "table", "elem", "data", "ref", "struct", "array", "atomic",
        "any",
    ];
    let name = debug_name(op);
    if name == "TypedSelect" {
        return "select (typed)".to_owned();
    }
    let mut words: Vec<String> = Vec::new();
    for letter in name.chars() {
        match words.last_mut() {
            Some(word) if !letter.is_ascii_uppercase() => word.push(letter),
            _ => words.push(letter.to_ascii_lowercase().to_string()),
        }
    }
    match words.split_first() {
        Some((first, rest)) if DOTTED.contains(&first.as_str()) && !rest.is_empty() => {
            format!("{first}.{}", rest.join("_"))
        }
        _ => words.join("_"),
    }
}

/// The variant's name, without its fields.
fn debug_name(op: &Operator<'_>) -> &'static str {
    macro_rules! names {
        ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident $arity:tt )*) => {
            match op {
                $( Operator::$op { .. } => stringify!($op), )*
                _ => "unknown",
            }
        };
    }
    wasmparser::for_each_operator!(names)
}
