//! From the accumulator to a score.

/// Probability of yes in basis points, from log-odds (numerics, equation 9).
pub(crate) const fn score(logit: i64) -> u16 {
    stylus_kernels::sigmoid(logit, 4)
}
