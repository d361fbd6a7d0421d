//! How a game lies in storage: the player in one word, a bandit in four bytes, eight to a word.

use alloc::vec::Vec;

use crate::rules::{Bandit, State};

/// Bandits in a word of storage.
pub const PER_WORD: usize = 8;

/// The player's side of a game, and how many bandits there are.
pub fn player(state: &State) -> [u8; 32] {
    let mut word = [0; 32];
    let count = u8::try_from(state.bandits.len()).unwrap_or(u8::MAX);
    let values = [
        state.health,
        state.gold,
        state.potions,
        state.aggression,
        state.caution,
        state.kindness,
        state.quest,
        state.turn,
        state.outcome,
        count,
    ];
    for (place, value) in word.iter_mut().zip(values) {
        *place = value;
    }
    word
}

/// The bandits' words, the last one filled up with zeros.
pub fn crowd(state: &State) -> Vec<[u8; 32]> {
    let words = state.bandits.chunks(PER_WORD).map(|chunk| {
        let mut word = [0; 32];
        for (place, bandit) in word.chunks_exact_mut(4).zip(chunk) {
            place.copy_from_slice(&[
                bandit.health,
                bandit.distance << 4 | bandit.role,
                bandit.morale << 4 | bandit.trust,
                bandit.stance,
            ]);
        }
        word
    });
    words.collect()
}

/// How many bandits the player's word says there are.
pub const fn count(player: &[u8; 32]) -> u8 {
    player[9]
}

/// The game that these words hold.
pub fn unpack(player: &[u8; 32], crowd: impl Iterator<Item = [u8; 32]>) -> State {
    let [
        health,
        gold,
        potions,
        aggression,
        caution,
        kindness,
        quest,
        turn,
        outcome,
        ..,
    ] = *player;
    let mut bandits = Vec::with_capacity(usize::from(count(player)));
    for word in crowd {
        for bytes in word.chunks_exact(4) {
            if let ([health, where_, mood, stance], true) =
                (bytes, bandits.len() < usize::from(count(player)))
            {
                bandits.push(Bandit {
                    health: *health,
                    distance: where_ >> 4,
                    role: where_ & 15,
                    morale: mood >> 4,
                    trust: mood & 15,
                    stance: *stance,
                });
            }
        }
    }
    State {
        health,
        gold,
        potions,
        aggression,
        caution,
        kindness,
        quest,
        turn,
        outcome,
        bandits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::start;

    #[test]
    fn a_game_is_the_same_after_storing_it() {
        for bandits in [1, 7, 8, 9, 64] {
            let mut state = start(bandits);
            state.bandits[0].trust = 15;
            state.bandits[0].stance = 8;
            let words = crowd(&state);
            assert_eq!(words.len(), usize::from(bandits).div_ceil(PER_WORD));
            assert_eq!(unpack(&player(&state), words.into_iter()), state);
        }
    }
}
