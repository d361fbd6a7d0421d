//! Weights that stand in the code of other accounts, read as one stream.
//!
//! A *blob* is an account whose code is data: a STOP, so that nobody can run it, then the data, and
//! in its last 20 bytes the address of the next blob, or zeros. Addresses follow from contents
//! (CREATE2), so the first address names the whole chain: whoever holds it holds the weights.

/// Most bytes that a blob gives: 24,576 of code without its STOP.
pub const BLOB: usize = 24_575;

/// Bytes of an address.
const ADDRESS: usize = 20;

/// A blob is not on this chain, or is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing;

/// Where the code of accounts is read: on Stylus, `account_code` of the host.
pub trait ReadCode {
    /// Copies code of `address` from byte `offset` on to the beginning of `into`.
    ///
    /// Gives how many bytes there were, `into.len()` at most.
    fn read_code(&mut self, address: &[u8; 20], offset: usize, into: &mut [u8]) -> usize;
}

/// What stands in the place of an address behind the last blob.
const END: [u8; ADDRESS] = [0; ADDRESS];

/// A chain of blobs, of which a few at a time are in memory.
#[derive(Debug)]
pub struct Stream<'a, R> {
    code: R,
    next: [u8; ADDRESS],
    buffer: &'a mut [u8],
    start: usize,
    end: usize,
}

impl<'a, R: ReadCode> Stream<'a, R> {
    /// The stream that begins with the blob at `first`.
    ///
    /// `buffer` holds at least one blob and what is left of the one before: [`BLOB`] bytes and as
    /// many as the longest [`Self::peek`]; [`crate::packed::BUFFER`] bytes are best. What is in it
    /// does not matter.
    pub fn new(code: R, first: [u8; 20], buffer: &'a mut [u8]) -> Self {
        Self {
            code,
            next: first,
            buffer,
            start: 0,
            end: 0,
        }
    }

    /// What is left of the stream in memory, `least` bytes or more, and behind it the rest of the
    /// buffer, which is no data. The first value is the number of bytes that are data.
    ///
    /// # Errors
    ///
    /// [`Missing`] if the chain of blobs ends before, or the buffer is too small.
    pub fn peek(&mut self, least: usize) -> Result<(usize, &[u8]), Missing> {
        if self.end.saturating_sub(self.start) < least {
            self.refill(least)?;
        }
        let here = self.buffer.get(self.start..).ok_or(Missing)?;
        Ok((self.end.saturating_sub(self.start), here))
    }

    /// Goes on by `count` bytes, which must have been seen by [`Self::peek`].
    pub fn skip(&mut self, count: usize) {
        self.start = self.start.saturating_add(count).min(self.end);
    }

    /// Moves what is left to the beginning of the buffer, and puts behind it as many blobs as fit,
    /// as long as there are any.
    fn refill(&mut self, least: usize) -> Result<(), Missing> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end = self.end.saturating_sub(self.start);
        self.start = 0;
        while self.next != END && self.read()? {}
        if self.end < least {
            Err(Missing)
        } else {
            Ok(())
        }
    }

    /// Reads the next blob if there is room for it.
    fn read(&mut self) -> Result<bool, Missing> {
        let room = self.buffer.get_mut(self.end..).unwrap_or(&mut []);
        let Some(room) = room.get_mut(..BLOB) else {
            return Ok(false);
        };
        let count = self.code.read_code(&self.next, 1, room);
        let (_, next) = room
            .get(..count)
            .and_then(<[u8]>::split_last_chunk::<ADDRESS>)
            .ok_or(Missing)?;
        self.next = *next;
        self.end = self.end.wrapping_add(count).wrapping_sub(ADDRESS);
        Ok(true)
    }
}
