//! The rules of the game: `game/arena.py`, line for line.
//!
//! Nothing here knows of a chain or draws a random number. A turn is two functions from state to
//! state, with the model's decisions between them: `player_half`, then `bandit_half`.

use alloc::vec::Vec;

pub const MAX_BANDITS: u8 = 64;
pub const MAX_PLAYER_HEALTH: u8 = 30;
pub const MAX_BANDIT_HEALTH: u8 = 20;
pub const MAX_DISTANCE: u8 = 7;
/// Of morale, trust, and the player's habits.
pub const MAX_MOOD: u8 = 15;
/// What the player can lose in one turn: only so many bandits reach him.
pub const MAX_HURT: u8 = 10;
/// Turns until the game is lost.
pub const NIGHT: u8 = 24;
/// Bytes of a row: the features that `train.py` names, in its order, one byte each.
pub const ROW: usize = 11;
/// The dice of a forfeited turn: the worst for the player.
pub const WORST: Dice = Dice {
    player: 0,
    nibbles: [0xff; 32],
};

/// What the player does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    Strike,
    Guard,
    Heal,
    Talk,
    /// Of who does not say what he committed to.
    Nothing,
}

impl Move {
    /// The move with this number; None if there is none that a player may choose.
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Strike),
            1 => Some(Self::Guard),
            2 => Some(Self::Heal),
            3 => Some(Self::Talk),
            _ => None,
        }
    }
}

/// What a bandit does: the model's classes, which scikit-learn numbers by the alphabet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Approach,
    Attack,
    Block,
    Flee,
    Mend,
    Parley,
    Rally,
    Shoot,
}

impl Action {
    /// The action of a class; None if the model has more classes than there are actions.
    pub const fn from_class(class: u8) -> Option<Self> {
        match class {
            0 => Some(Self::Approach),
            1 => Some(Self::Attack),
            2 => Some(Self::Block),
            3 => Some(Self::Flee),
            4 => Some(Self::Mend),
            5 => Some(Self::Parley),
            6 => Some(Self::Rally),
            7 => Some(Self::Shoot),
            _ => None,
        }
    }

    /// What a bandit remembers of it; 0 is nothing yet.
    pub const fn stance(self) -> u8 {
        (self as u8).saturating_add(1)
    }
}

pub const BRUTE: u8 = 0;
pub const ARCHER: u8 = 1;
pub const CAPTAIN: u8 = 2;

pub const HIDDEN: u8 = 0;
pub const OPEN: u8 = 1;
pub const BROKEN: u8 = 2;

pub const PLAYING: u8 = 0;
pub const LOST: u8 = 1;
pub const WON: u8 = 2;
pub const PEACE: u8 = 3;

/// One bandit. A health of 0 is out of the game, fallen or fled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bandit {
    pub health: u8,
    pub distance: u8,
    pub role: u8,
    pub morale: u8,
    pub trust: u8,
    pub stance: u8,
}

/// Everything there is between two turns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    pub health: u8,
    pub gold: u8,
    pub potions: u8,
    pub aggression: u8,
    pub caution: u8,
    pub kindness: u8,
    pub quest: u8,
    pub turn: u8,
    pub outcome: u8,
    pub bandits: Vec<Bandit>,
}

/// The dice of one turn, 0 to 15 each: the player's, and 64 in the halves of 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dice {
    pub player: u8,
    pub nibbles: [u8; 32],
}

impl Dice {
    fn bandit(&self, place: usize) -> u8 {
        let byte = self.nibbles.get(place / 2).copied().unwrap_or(0);
        if place.is_multiple_of(2) {
            byte >> 4
        } else {
            byte & 15
        }
    }
}

/// A new game against so many bandits.
pub fn start(bandits: u8) -> State {
    let crowd = (0..bandits.min(MAX_BANDITS)).map(|number| {
        let (role, health) = match number % 4 {
            1 => (ARCHER, 12),
            3 => (CAPTAIN, 16),
            _ => (BRUTE, 20),
        };
        Bandit {
            health,
            distance: (number % 4).saturating_add(2),
            role,
            morale: (number % 3).saturating_mul(2).saturating_add(7),
            trust: 0,
            stance: 0,
        }
    });
    State {
        health: MAX_PLAYER_HEALTH,
        gold: 3,
        potions: 2,
        aggression: 0,
        caution: 0,
        kindness: 0,
        quest: HIDDEN,
        turn: 0,
        outcome: PLAYING,
        bandits: crowd.collect(),
    }
}

/// Whether the player may do this now; only strike and talk have a target.
pub fn allowed(state: &State, chosen: Move, target: u8) -> bool {
    match chosen {
        Move::Strike | Move::Talk => state
            .bandits
            .get(usize::from(target))
            .is_some_and(|bandit| bandit.health > 0),
        Move::Guard => target == 0,
        Move::Heal => target == 0 && state.potions > 0,
        Move::Nothing => false,
    }
}

/// How many bandits are in the game.
pub fn standing(state: &State) -> usize {
    state
        .bandits
        .iter()
        .filter(|bandit| bandit.health > 0)
        .count()
}

/// What the model is told: a row of `ROW` bytes for each standing bandit.
pub fn rows(state: &State) -> Vec<u8> {
    let count = standing(state);
    let allies = u8::try_from(count.saturating_sub(1)).unwrap_or(u8::MAX);
    let mut rows = Vec::with_capacity(count.saturating_mul(ROW));
    for bandit in state.bandits.iter().filter(|bandit| bandit.health > 0) {
        rows.extend_from_slice(&[
            bandit.health,
            bandit.distance,
            bandit.morale,
            bandit.trust,
            bandit.role,
            state.health,
            state.aggression,
            state.caution,
            state.kindness,
            allies,
            state.quest,
        ]);
    }
    rows
}

/// What the player does, and what becomes of it before the bandits decide.
pub fn player_half(state: &mut State, chosen: Move, target: u8, die: u8) {
    state.aggression = habit(state.aggression, chosen == Move::Strike);
    state.caution = habit(state.caution, matches!(chosen, Move::Guard | Move::Heal));
    state.kindness = habit(state.kindness, chosen == Move::Talk);
    match chosen {
        Move::Strike => strike(state, target, die),
        Move::Talk => talk(state, target),
        Move::Heal => {
            state.potions = state.potions.saturating_sub(1);
            state.health = state.health.saturating_add(8).min(MAX_PLAYER_HEALTH);
        }
        Move::Guard | Move::Nothing => {}
    }
}

/// A quarter of a habit is forgotten; what the player does now is remembered.
fn habit(before: u8, now: bool) -> u8 {
    let kept = before.saturating_sub(before / 4);
    kept.saturating_add(if now { 4 } else { 0 }).min(MAX_MOOD)
}

/// Words raise the trust of one; a coin doubles them.
fn talk(state: &mut State, target: u8) {
    let words = if state.gold > 0 { 4 } else { 2 };
    state.gold = state.gold.saturating_sub(1);
    if let Some(bandit) = state.bandits.get_mut(usize::from(target)) {
        bandit.trust = bandit.trust.saturating_add(words).min(MAX_MOOD);
    }
}

/// A blow hurts one and frightens all; it breaks an open quest.
fn strike(state: &mut State, target: u8, die: u8) {
    let Some(bandit) = state.bandits.get_mut(usize::from(target)) else {
        return;
    };
    let mut blow = (die % 4)
        .saturating_add(5)
        .saturating_sub(bandit.distance)
        .max(1);
    if bandit.stance == Action::Block.stance() {
        blow /= 2;
    }
    bandit.health = bandit.health.saturating_sub(blow);
    bandit.trust = 0;
    let fear = if bandit.health > 0 { 1 } else { 3 };
    for bandit in &mut state.bandits {
        bandit.morale = bandit.morale.saturating_sub(fear);
        bandit.trust = bandit.trust.saturating_sub(1);
    }
    if state.quest == OPEN {
        state.quest = BROKEN;
    }
}

/// What the standing bandits do, an action for each, and how the turn ends.
pub fn bandit_half(state: &mut State, actions: &[Action], dice: &Dice, guarded: bool) -> u8 {
    let all = act(state, actions, dice);
    let hurt = if guarded { all / 2 } else { all };
    let hurt = u8::try_from(hurt).unwrap_or(u8::MAX).min(MAX_HURT);
    state.health = state.health.saturating_sub(hurt);
    state.turn = state.turn.saturating_add(1);
    state.outcome = outcome(state);
    hurt
}

/// All bandits at once; gives how much they would hurt the player.
fn act(state: &mut State, actions: &[Action], dice: &Dice) -> u16 {
    let mut hurt = 0_u16;
    let mut rallies = 0_u8;
    let mut quest = state.quest;
    let crowd = state.bandits.iter_mut().enumerate();
    for ((place, bandit), action) in crowd.filter(|(_, bandit)| bandit.health > 0).zip(actions) {
        let die = dice.bandit(place);
        match action {
            Action::Approach => bandit.distance = bandit.distance.saturating_sub(1),
            Action::Attack if bandit.distance <= 1 => {
                let strong = u8::from(bandit.role == BRUTE);
                hurt = hurt.saturating_add(u16::from((die / 4).saturating_add(1 + strong)));
            }
            Action::Shoot if die >= bandit.distance.saturating_mul(2) => {
                hurt = hurt.saturating_add(if bandit.role == ARCHER { 2 } else { 1 });
            }
            Action::Mend => {
                bandit.health = bandit.health.saturating_add(2).min(MAX_BANDIT_HEALTH);
            }
            Action::Flee if bandit.distance == MAX_DISTANCE => bandit.health = 0,
            Action::Flee => bandit.distance = bandit.distance.saturating_add(1),
            Action::Rally => rallies = rallies.saturating_add(1),
            Action::Parley if quest == HIDDEN => quest = OPEN,
            Action::Attack | Action::Shoot | Action::Block | Action::Parley => {}
        }
        bandit.stance = action.stance();
    }
    for bandit in &mut state.bandits {
        bandit.morale = bandit.morale.saturating_add(rallies).min(MAX_MOOD);
    }
    state.quest = quest;
    hurt
}

fn outcome(state: &State) -> u8 {
    let mut left = state.bandits.iter().filter(|bandit| bandit.health > 0);
    if state.health == 0 {
        LOST
    } else if standing(state) == 0 {
        WON
    } else if state.quest == OPEN && left.all(|bandit| bandit.stance == Action::Parley.stance()) {
        PEACE
    } else if state.turn >= NIGHT {
        LOST
    } else {
        PLAYING
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIDDLE: Dice = Dice {
        player: 2,
        nibbles: [0x88; 32],
    };

    #[test]
    fn a_strike_hurts_less_from_afar_and_frightens_all() {
        let mut state = start(2);
        player_half(&mut state, Move::Strike, 0, 2);
        assert_eq!(state.bandits[0].health, 20 - (5 + 2 - 2));
        assert_eq!((state.bandits[0].morale, state.bandits[1].morale), (6, 8));
        assert_eq!(state.aggression, 4);
    }

    #[test]
    fn the_first_parley_opens_the_quest_and_the_next_strike_breaks_it() {
        let mut state = start(2);
        bandit_half(
            &mut state,
            &[Action::Parley, Action::Approach],
            &MIDDLE,
            false,
        );
        assert_eq!((state.quest, state.outcome), (OPEN, PLAYING));
        player_half(&mut state, Move::Strike, 1, 0);
        assert_eq!(state.quest, BROKEN);
        bandit_half(
            &mut state,
            &[Action::Parley, Action::Parley],
            &MIDDLE,
            false,
        );
        assert_eq!((state.quest, state.outcome), (BROKEN, PLAYING));
    }

    #[test]
    fn peace_is_when_all_who_stand_parley() {
        let mut state = start(2);
        bandit_half(
            &mut state,
            &[Action::Parley, Action::Parley],
            &MIDDLE,
            false,
        );
        assert_eq!(state.outcome, PEACE);
    }

    #[test]
    fn a_guard_halves_what_the_bandits_do_and_a_crowd_does_no_more_than_ten() {
        let mut state = start(64);
        for bandit in &mut state.bandits {
            bandit.distance = 0;
        }
        let actions = [Action::Attack; 64];
        let hurt = bandit_half(&mut state.clone(), &actions[..1], &MIDDLE, false);
        assert_eq!(hurt, 1 + 8 / 4 + 1);
        assert_eq!(
            bandit_half(&mut state.clone(), &actions[..1], &MIDDLE, true),
            2
        );
        assert_eq!(bandit_half(&mut state, &actions, &MIDDLE, false), MAX_HURT);
    }

    #[test]
    fn who_flees_from_the_edge_is_gone_and_is_not_asked_again() {
        let mut state = start(2);
        state.bandits[0].distance = MAX_DISTANCE;
        bandit_half(&mut state, &[Action::Flee, Action::Mend], &MIDDLE, false);
        assert_eq!(rows(&state).len(), ROW);
        assert!(!allowed(&state, Move::Strike, 0));
        assert!(allowed(&state, Move::Strike, 1));
    }

    #[test]
    fn night_ends_a_game_that_nobody_won() {
        let mut state = start(1);
        state.turn = NIGHT - 1;
        bandit_half(&mut state, &[Action::Block], &MIDDLE, false);
        assert_eq!(state.outcome, LOST);
    }

    #[test]
    fn the_worst_dice_are_the_worst_for_the_player() {
        assert_eq!(
            (WORST.player, WORST.bandit(0), WORST.bandit(63)),
            (0, 15, 15)
        );
    }
}
