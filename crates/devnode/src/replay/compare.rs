//! What was expected and what came, by name.

use serde::Serialize;
use serde_json::{Map, Value};

/// The findings of one case.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    expected: Map<String, Value>,
    actual: Map<String, Value>,
    compared: usize,
}

impl Verdict {
    /// Compares one value. Of what is equal only the number is kept; differences are kept in full.
    pub fn compare(
        &mut self,
        what: impl Into<String>,
        expected: impl Serialize,
        actual: impl Serialize,
    ) {
        self.compared += 1;
        let (expected, actual) = (plain(expected), plain(actual));
        if expected != actual {
            let what = what.into();
            self.expected.insert(what.clone(), expected);
            self.actual.insert(what, actual);
        }
    }

    /// Whether everything was equal, and something was compared.
    pub fn is_equal(&self) -> bool {
        self.expected.is_empty() && self.compared > 0
    }

    /// What was expected where it differs; else how much was compared.
    pub fn expected(&self) -> Value {
        self.show(&self.expected)
    }

    /// What came where it differs; else how much was compared.
    pub fn actual(&self) -> Value {
        self.show(&self.actual)
    }

    fn show(&self, differing: &Map<String, Value>) -> Value {
        if differing.is_empty() {
            return serde_json::json!({ "values": self.compared });
        }
        differing.clone().into()
    }
}

/// A value with hex in one spelling.
fn plain(value: impl Serialize) -> Value {
    fn lower(value: Value) -> Value {
        match value {
            Value::String(text) if text.starts_with("0x") => text.to_lowercase().into(),
            Value::Array(items) => items.into_iter().map(lower).collect(),
            Value::Object(fields) => fields
                .into_iter()
                .map(|(key, value)| (key.to_lowercase(), lower(value)))
                .collect(),
            other => other,
        }
    }
    lower(serde_json::to_value(value).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_compared_without_case() {
        let mut verdict = Verdict::default();
        verdict.compare("address", "0xAbC", "0xabc");
        assert!(verdict.is_equal());
        verdict.compare("gas", 1, 2);
        assert!(!verdict.is_equal());
        assert_eq!(verdict.actual(), serde_json::json!({ "gas": 2 }));
    }

    #[test]
    fn nothing_compared_is_not_equal() {
        assert!(!Verdict::default().is_equal());
    }
}
