//! `eth_getLogs`.

use revm::primitives::{Address, B256, Log};
use serde::Deserialize;
use serde_json::Value;

use super::error::RpcError;
use super::params::BlockId;
use super::view;
use crate::chain::Chain;
use crate::chain::block::Block;

/// Blocks that one question may span.
const MAX_SPAN: u64 = 100_000;

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T: PartialEq> OneOrMany<T> {
    /// An empty list fits everything.
    fn fits(&self, value: &T) -> bool {
        match self {
            Self::One(one) => one == value,
            Self::Many(many) => many.is_empty() || many.contains(value),
        }
    }
}

/// Which logs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Filter {
    from_block: Option<BlockId>,
    to_block: Option<BlockId>,
    block_hash: Option<B256>,
    address: Option<OneOrMany<Address>>,
    topics: Vec<Option<OneOrMany<B256>>>,
}

impl Filter {
    fn fits(&self, log: &Log) -> bool {
        let topics = log.data.topics();
        self.address
            .as_ref()
            .is_none_or(|wanted| wanted.fits(&log.address))
            && self.topics.len() <= topics.len()
            && self
                .topics
                .iter()
                .zip(topics)
                .all(|(wanted, topic)| wanted.as_ref().is_none_or(|w| w.fits(topic)))
    }

    fn matches(&self, block: &Block) -> Vec<Value> {
        let included = block.included.iter();
        included
            .flat_map(|included| {
                let fitting = (0_u64..)
                    .zip(&included.logs)
                    .filter(|(_, log)| self.fits(log));
                fitting
                    .map(|(index, log)| view::log(block, included, index, log))
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    /// The logs that fit, in the order of the chain.
    pub fn collect(&self, chain: &Chain) -> Result<Value, RpcError> {
        let missing = || RpcError::NotFound("unknown block: no such block on this chain".into());
        if let Some(hash) = self.block_hash {
            if self.from_block.is_some() || self.to_block.is_some() {
                return Err(RpcError::Params(
                    "cannot specify both blockHash and fromBlock/toBlock, choose one".into(),
                ));
            }
            let block = chain.block_by_hash(hash).ok_or_else(missing)?;
            return Ok(self.matches(&block).into());
        }
        let head = chain.head().header.number;
        let number = |id: &Option<BlockId>| match id.clone().unwrap_or_default() {
            BlockId::Newest => Ok(head),
            BlockId::Number(number) => Ok(number),
            BlockId::Hash(hash) => chain
                .block_by_hash(hash)
                .map(|block| block.header.number)
                .ok_or_else(missing),
        };
        let (from, to) = (number(&self.from_block)?, number(&self.to_block)?.min(head));
        if to.saturating_sub(from) > MAX_SPAN {
            return Err(RpcError::Params(format!(
                "at most {MAX_SPAN} blocks a question: ask in parts"
            )));
        }
        let blocks = (from..=to).filter_map(|number| chain.block(number));
        Ok(blocks.flat_map(|block| self.matches(&block)).collect())
    }
}
