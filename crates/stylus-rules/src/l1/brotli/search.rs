//! The search for repetitions.

use super::code::Symbols;

/// Bytes at the end of a fragment that no repetition begins in.
const MARGIN: usize = 16;
/// Farthest that a repetition may lie back.
const MAX_DISTANCE: usize = (1 << 18) - 16;
/// Size of the table of places seen, least and most, as a power of two.
const LEAST_TABLE: u32 = 8;
const MOST_TABLE: u32 = 17;
/// Largest table with which repetitions of 4 bytes are taken; with larger ones it is 6.
const SHORT_MATCHES: u32 = 15;
const HASH_FACTOR: u64 = 0x1e35_a7bd;
/// Tries without a repetition after which places are left out: every second one, then two of three, and so on.
const PATIENCE: usize = 32;

/// A fragment and where its bytes were seen.
pub struct Search<'a> {
    data: &'a [u8],
    places: Vec<usize>,
    shift: u32,
    least: usize,
}

impl<'a> Search<'a> {
    /// A search that has seen nothing yet.
    pub fn new(data: &'a [u8]) -> Self {
        let bits = data.len().next_power_of_two().ilog2();
        let bits = bits.clamp(LEAST_TABLE, MOST_TABLE);
        Self {
            data,
            places: vec![0; 1 << bits],
            shift: u64::BITS - bits,
            least: if bits <= SHORT_MATCHES { 4 } else { 6 },
        }
    }

    /// The symbols that stand for `len` bytes from `begin` on.
    pub fn block(&mut self, begin: usize, len: usize) -> Symbols {
        let mut symbols = Symbols::default();
        let end = begin + len;
        let written = if len < MARGIN {
            begin
        } else {
            self.repetitions(begin, end, &mut symbols)
        };
        if written < end {
            symbols.insert(&self.data[written..end]);
        }
        symbols
    }

    /// Writes repetitions and what lies between them; gives the end of the last one.
    fn repetitions(&mut self, begin: usize, end: usize, symbols: &mut Symbols) -> usize {
        let limit = (end - self.least).min(self.data.len() - MARGIN);
        let (mut written, mut last_distance) = (begin, 0);
        let mut from = begin + 1;
        while let Some((mut at, mut seen)) = self.next_match(from, last_distance, limit) {
            let distance = at - seen;
            symbols.insert(&self.data[written..at]);
            symbols.distance(distance, distance == last_distance);
            last_distance = distance;
            let len = self.match_len(at, seen, end);
            symbols.copy_after_insert(len);
            at += len;
            let mut first = true;
            while at < limit {
                seen = self.remember(at, first);
                first = false;
                if at - seen > MAX_DISTANCE || !self.matches(at, seen) {
                    break;
                }
                last_distance = at - seen;
                let len = self.match_len(at, seen, end);
                symbols.copy(len);
                symbols.distance(last_distance, false);
                at += len;
            }
            written = at;
            if at >= limit {
                break;
            }
            from = at + 1;
        }
        written
    }

    /// The next place from `from` on that repeats an earlier one, and that one.
    fn next_match(
        &mut self,
        from: usize,
        last_distance: usize,
        limit: usize,
    ) -> Option<(usize, usize)> {
        let mut tries = PATIENCE;
        let mut at = from;
        loop {
            let next = at + tries / PATIENCE;
            tries += 1;
            if next > limit {
                return None;
            }
            let seen = std::mem::replace(self.place(at), at);
            let again = at - last_distance;
            if last_distance > 0 && self.matches(at, again) {
                return Some((at, again));
            }
            if self.matches(at, seen) && at - seen <= MAX_DISTANCE {
                return Some((at, seen));
            }
            at = next;
        }
    }

    /// Notes the places before the end of a repetition and gives an earlier one like that end.
    fn remember(&mut self, at: usize, first: bool) -> usize {
        let back = self.least - 1;
        for before in (1..=back).rev() {
            // After a first repetition the original notes the place just before under the hash of three before.
            let slip = before == 1 && first && self.least == 4;
            let hashed = at - if slip { back } else { before };
            *self.place(hashed) = at - before;
        }
        std::mem::replace(self.place(at), at)
    }

    /// Where the bytes at `at` were seen last.
    fn place(&mut self, at: usize) -> &mut usize {
        let word = self.data[at..].first_chunk::<8>();
        let word = word.map_or(0, |bytes| u64::from_le_bytes(*bytes));
        let hash = (word << (8 * (8 - self.least))).wrapping_mul(HASH_FACTOR);
        &mut self.places[(hash >> self.shift) as usize]
    }

    fn matches(&self, at: usize, seen: usize) -> bool {
        self.data[at..at + self.least] == self.data[seen..seen + self.least]
    }

    fn match_len(&self, at: usize, seen: usize, end: usize) -> usize {
        let (here, there) = (&self.data[at..end], &self.data[seen..]);
        here.iter().zip(there).take_while(|(a, b)| a == b).count()
    }
}
