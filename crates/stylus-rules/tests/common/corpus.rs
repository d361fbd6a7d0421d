//! The inputs that fuzzing kept (docs/fuzzing.md), which the tests run again.

use std::io::Read;
use std::num::NonZero;
use std::path::PathBuf;

use flate2::read::GzDecoder;

const BLOCK: usize = 512;

/// Gives each input of one fuzz target to `check`, on all cores; how many it said yes to.
pub fn count(target: &str, check: impl Fn(&[u8]) -> bool + Sync) -> usize {
    let inputs = corpus(target);
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    std::thread::scope(|scope| {
        let check = &check;
        let shares = inputs.chunks(inputs.len().div_ceil(cores));
        let counts: Vec<_> = shares
            .map(|share| scope.spawn(move || share.iter().filter(|input| check(input)).count()))
            .collect();
        counts.into_iter().map(|count| count.join().unwrap()).sum()
    })
}

/// The inputs of one fuzz target, from the archive `fuzz/corpus/TARGET.tar.gz`.
fn corpus(target: &str) -> Vec<Vec<u8>> {
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
