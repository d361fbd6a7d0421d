//! Predicts rows with weights from a file of blobs: for each its address, its length, its code.

use std::{collections::HashMap, env, error::Error, fs, io};

use model::{
    BUFFER, FEATURES, FIRST_BLOB,
    blob::{ReadCode, Stream},
    from_values, predict,
};

struct Blobs(HashMap<[u8; 20], Vec<u8>>);

impl Blobs {
    fn of(mut bytes: &[u8]) -> Option<Self> {
        let mut blobs = HashMap::new();
        while let Some((address, rest)) = bytes.split_first_chunk::<20>() {
            let (length, rest) = rest.split_first_chunk::<4>()?;
            let (code, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
            blobs.insert(*address, code.to_vec());
            bytes = rest;
        }
        Some(Self(blobs))
    }
}

impl ReadCode for &Blobs {
    fn read_code(&mut self, address: &[u8; 20], offset: usize, into: &mut [u8]) -> usize {
        let data = self.0.get(address).and_then(|code| code.get(offset..)).unwrap_or(&[]);
        let count = data.len().min(into.len());
        into[..count].copy_from_slice(&data[..count]);
        count
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("no file")?;
    let blobs = Blobs::of(&fs::read(path)?).ok_or("a blob is cut off")?;
    let mut buffer = vec![0xAB; BUFFER];
    for line in io::stdin().lines() {
        let values = line?.split(',').map(str::parse).collect::<Result<Vec<i32>, _>>()?;
        let row = from_values(&<[i32; FEATURES]>::try_from(values).map_err(|_| "row")?)?;
        let mut weights = Stream::new(&blobs, FIRST_BLOB, &mut buffer);
        println!("{}", predict(&row, &mut weights).map_err(|_| "a blob is missing")?);
    }
    Ok(())
}
