//! Calldata, results, return data, logs, hashing, memory pages.

use revm::context::JournalTr;
use revm::primitives::{B256, Bytes, Log, keccak256};
use stylus_rules::prices::evm;
use stylus_rules::prices::hostio::{self, keccak};

use crate::engine::host::Call;
use crate::engine::outcome::Stop;

const TOPIC: u32 = 32;
const MAX_TOPICS: u32 = 4;

pub fn read_args(call: &mut Call<'_>, dest: u32) -> Result<(), Stop> {
    let input = call.host.frame.input.clone();
    call.pay_for_write(input.len())?;
    call.put(dest, &input)
}

pub fn write_result(call: &mut Call<'_>, data: u32, len: u32) -> Result<(), Stop> {
    call.pay_for_read(len)?;
    call.pay_for_read(len)?;
    call.host.output = call.bytes(data, len)?.to_vec();
    Ok(())
}

pub fn exit_early(call: &mut Call<'_>, status: u32) -> Result<(), Stop> {
    call.note_arg(status.to_be_bytes());
    Err(Stop::Exit(status))
}

pub fn return_data_size(call: &mut Call<'_>) -> Result<u32, Stop> {
    let size = call.host.return_data.len() as u32;
    call.note_out(size.to_be_bytes());
    Ok(size)
}

/// Copies at most `size` bytes from `offset` on. Copying nothing touches no memory (rules 15.5).
pub fn read_return_data(
    call: &mut Call<'_>,
    dest: u32,
    offset: u32,
    size: u32,
) -> Result<u32, Stop> {
    call.note_arg(offset.to_be_bytes());
    call.note_arg(size.to_be_bytes());
    let data = call.host.return_data.clone();
    let start = (offset as usize).min(data.len());
    let end = start.saturating_add(size as usize).min(data.len());
    let part = data.slice(start..end);
    call.pay_for_write(part.len())?;
    if !part.is_empty() {
        call.put(dest, &part)?;
    }
    Ok(part.len() as u32)
}

pub fn emit_log(call: &mut Call<'_>, data: u32, len: u32, topics: u32) -> Result<(), Stop> {
    if topics > MAX_TOPICS || len < topics * TOPIC {
        return Err(Stop::Failure(
            "a log needs at most 4 topics of 32 bytes each",
        ));
    }
    call.pay_for_read(len)?;
    call.meter
        .pay_gas(evm::log(topics.into(), (len - topics * TOPIC).into()))?;
    call.note_arg(topics.to_be_bytes());
    let bytes = call.bytes(data, len)?;
    call.refuse_static()?;
    let (head, rest) = bytes.split_at((topics * TOPIC) as usize);
    let topics = head
        .chunks_exact(TOPIC as usize)
        .map(B256::from_slice)
        .collect();
    let address = call.host.frame.address;
    let log = Log::new_unchecked(address, topics, Bytes::copy_from_slice(rest));
    call.host.evm.parts().0.journaled_state.log(log);
    Ok(())
}

pub fn native_keccak256(
    call: &mut Call<'_>,
    input: u32,
    len: u32,
    output: u32,
) -> Result<(), Stop> {
    call.meter.pay(keccak(len.into()))?;
    let preimage = call.bytes(input, len)?;
    call.put(output, keccak256(&preimage).as_slice())
}

/// Pays for pages before the memory grows (rules 2.3, 5). The instrumentation calls it; the count is 16 bits.
pub fn pay_for_memory_grow(call: &mut Call<'_>, pages: u32) -> Result<(), Stop> {
    let pages = pages as u16;
    call.note_arg(pages.to_be_bytes());
    if pages == 0 {
        return call.meter.pay(hostio::HOSTIO);
    }
    let params = call.host.frame.params;
    let cost = call.host.evm.tx().pages.cost(pages, &params);
    call.meter.pay_gas(cost)?;
    call.host.evm.tx().pages.add(pages);
    Ok(())
}
