//! The compiled model gives exactly what the reference interpreter wrote into the fixtures.

use std::{fs, path::Path};

use model::{FEATURES, LEAVES, TREES, from_values, leaves, predict};

/// One line: features, outputs as `Prediction` prints them, leaves apart by spaces.
fn assert_line(place: &str, line: &str) {
    let mut columns = line.splitn(FEATURES.saturating_add(1), ',');
    let values: [i32; FEATURES] = std::array::from_fn(|feature| {
        let text = columns.next().unwrap_or_default();
        text.parse()
            .unwrap_or_else(|e| panic!("{place}, column {feature}: {text:?}: {e}"))
    });
    let mut expected = columns.next().unwrap_or_default();
    if LEAVES != TREES {
        // A large model does not name its leaves, the last column.
        expected = expected.trim_end_matches(|at: char| at.is_ascii_digit() || at == ' ');
    }
    let row = from_values(&values).unwrap_or_else(|e| panic!("{place}: {e}"));
    let path: Vec<String> = leaves(&row).iter().map(u16::to_string).collect();
    let actual = format!("{},{}", predict(&row), path.join(" "));
    assert_eq!(actual, expected, "{place}");
}

#[test]
fn every_fixture_row_is_equal() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; make them with: stylus-ai train",
            folder.display()
        )
    });
    let mut rows = 0_usize;
    for entry in entries {
        let file = entry.expect("a readable folder").path();
        if file.extension().is_some_and(|kind| kind == "csv") {
            let text = fs::read_to_string(&file).expect("a readable fixture");
            for (line, number) in text.lines().zip(1..).skip(1) {
                assert_line(&format!("{}:{number}", file.display()), line);
                rows = number;
            }
        }
    }
    assert!(rows > 0, "no rows in {}", folder.display());
}
