//! The inputs that fuzzing kept (docs/fuzzing.md), which the tests run again.

use std::io::Read;
use std::path::PathBuf;

use flate2::read::GzDecoder;

const BLOCK: usize = 512;

/// The inputs of one fuzz target, from the archive `fuzz/corpus/TARGET.tar.gz`.
pub fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "fuzz", "corpus"]
        .iter()
        .collect();
    let archive = std::fs::read(folder.join(format!("{target}.tar.gz"))).unwrap();
    let mut tar = Vec::new();
    GzDecoder::new(&archive[..]).read_to_end(&mut tar).unwrap();
    files(&tar)
}

/// Contents of the plain files of a tar archive: a header of one block with the size in octal digits, then the content.
fn files(mut tar: &[u8]) -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    while let Some((header, rest)) = tar.split_at_checked(BLOCK)
        && header[0] != 0
    {
        let size = std::str::from_utf8(&header[124..135]).unwrap();
        let size = usize::from_str_radix(size, 8).unwrap();
        if matches!(header[156], 0 | b'0') {
            files.push(rest[..size].to_vec());
        }
        tar = &rest[size.next_multiple_of(BLOCK)..];
    }
    files
}
