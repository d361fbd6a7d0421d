//! The one place that charges for what a program asks of its host.

use stylus_rules::prices::{gas_to_ink, ink_to_gas};

use super::outcome::Stop;

/// The ink of one running program.
#[derive(Clone, Copy, Debug)]
pub struct Meter {
    ink: u64,
    ink_price: u32,
}

impl Meter {
    /// A meter that holds `ink`, of which `ink_price` make one gas.
    pub const fn new(ink: u64, ink_price: u32) -> Self {
        Self { ink, ink_price }
    }

    /// Ink left.
    pub const fn ink(&self) -> u64 {
        self.ink
    }

    /// Gas that the ink left is worth, rounded down.
    pub const fn gas(&self) -> u64 {
        ink_to_gas(self.ink, self.ink_price)
    }

    /// Ink per gas.
    pub const fn ink_price(&self) -> u32 {
        self.ink_price
    }

    /// Takes `ink`; without enough of it, takes all and stops the program.
    pub const fn pay(&mut self, ink: u64) -> Result<(), Stop> {
        match self.ink.checked_sub(ink) {
            Some(left) => {
                self.ink = left;
                Ok(())
            }
            None => {
                self.ink = 0;
                Err(Stop::OutOfInk)
            }
        }
    }

    /// Takes the ink that `gas` is worth.
    pub const fn pay_gas(&mut self, gas: u64) -> Result<(), Stop> {
        self.pay(gas_to_ink(gas, self.ink_price))
    }

    /// Stops the program unless the ink for `gas` is left; takes nothing.
    pub const fn require_gas(&mut self, gas: u64) -> Result<(), Stop> {
        if self.ink < gas_to_ink(gas, self.ink_price) {
            self.ink = 0;
            return Err(Stop::OutOfInk);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paying_too_much_takes_all() {
        let mut meter = Meter::new(100, 10);
        assert!(meter.pay_gas(9).is_ok());
        assert_eq!((meter.ink(), meter.gas()), (10, 1));
        assert!(matches!(meter.pay(11), Err(Stop::OutOfInk)));
        assert_eq!(meter.ink(), 0);
    }

    #[test]
    fn a_requirement_takes_nothing_when_met() {
        let mut meter = Meter::new(100, 10);
        assert!(meter.require_gas(10).is_ok());
        assert_eq!(meter.ink(), 100);
        assert!(meter.require_gas(11).is_err());
    }
}
