// The contract by viem: questions to its node, transactions by the node's own account or by a wallet.

import {
  BaseError,
  ContractFunctionRevertedError,
  addChain,
  createClient,
  custom,
  defineChain,
  estimateContractGas,
  getChainId,
  getGasPrice,
  http,
  parseEventLogs,
  readContract,
  requestAddresses,
  switchChain,
  waitForTransactionReceipt,
  writeContract,
} from "./viem.js";

/** Code of a wallet that does not know a chain (EIP-3085). */
const UNKNOWN_CHAIN = 4902;
/** How often a receipt is looked for, in milliseconds; the embedded chain has it at once. */
const POLLING = 250;

/** A failure in words: of a contract by the name of its error, with the values by name. */
export class Refused extends Error {
  constructor(name, values) {
    const listed = Object.entries(values).map(([key, value]) => `${key} = ${value}`);
    super(listed.length ? `${name} (${listed.join(", ")})` : name);
    this.errorName = name;
    this.values = values;
  }
}

export class Chain extends EventTarget {
  /** @param {Object} project What the server says of the project. */
  constructor(project) {
    super();
    const url = new URL(project.network.rpc, location.href).href;
    this.contract = project.contract;
    this.network = project.network;
    this.definition = defineChain({
      id: project.network.chain_id,
      name: `stylus-ai ${project.network.name}`,
      nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
      rpcUrls: { default: { http: [url] } },
    });
    // A contract cannot send the page elsewhere: no reads off the chain.
    const common = { chain: this.definition, pollingInterval: POLLING, ccipRead: false };
    this.node = createClient({ ...common, transport: http(url, { retryCount: 0 }) });
    this.common = common;
    this.sender = null;
  }

  /** Finds who pays: the node's own account, where it has one. */
  async start() {
    const found = await getChainId(this.node);
    if (found !== this.definition.id) throw new Error(`The node is chain ${found}, not ${this.definition.id}.`);
    if (this.network.relayed) return;
    const [account] = await this.node.request({ method: "eth_accounts" });
    if (account) this.#pay({ account, client: this.node, wallet: false });
  }

  /** Connects the browser's wallet (EIP-1193) and brings it to the contract's chain. */
  async connect() {
    const provider = window.ethereum;
    if (!provider) throw new Error("This browser has no wallet. Install one, then reload the page.");
    const client = createClient({ ...this.common, transport: custom(provider) });
    const [account] = await requestAddresses(client);
    if ((await getChainId(client)) !== this.definition.id) await this.#bring(client);
    provider.on?.("accountsChanged", ([next]) => this.#pay(next ? { account: next, client, wallet: true } : null));
    this.#pay({ account, client, wallet: true });
  }

  async #bring(client) {
    try {
      await switchChain(client, { id: this.definition.id });
    } catch (error) {
      const cause = error instanceof BaseError ? error.walk((inner) => inner.code === UNKNOWN_CHAIN) : error;
      if (cause?.code !== UNKNOWN_CHAIN) throw error;
      await addChain(client, { chain: this.definition });
    }
  }

  #pay(sender) {
    this.sender = sender;
    this.dispatchEvent(new Event("sender"));
  }

  /** What a function of the contract returns, as viem decodes it. */
  ask(functionName, args = [], contract = this.contract) {
    return named(readContract(this.node, this.#call(functionName, args, contract)));
  }

  /** Gas of a transaction that calls a function, a bigint. */
  gas(functionName, args = [], contract = this.contract) {
    const call = this.#call(functionName, args, contract);
    return named(estimateContractGas(this.node, { ...call, account: this.sender?.account }));
  }

  /** Wei for a gas now, a bigint. */
  gasPrice() {
    return named(getGasPrice(this.node));
  }

  /**
   * Calls a function by a transaction, and waits for it.
   *
   * @returns {Promise<Object>} The receipt with `gasUsed`, `price` and `cost` in wei, and `events` of the contract.
   * @throws {Refused} The contract reverted.
   */
  async send(functionName, args = [], { value, contract = this.contract } = {}) {
    if (!this.sender) throw new Error("Nobody pays for transactions yet: connect a wallet.");
    const { account, client } = this.sender;
    const call = { ...this.#call(functionName, args, contract), account, value };
    await named(estimateContractGas(this.node, call)); // says why before a wallet asks its owner
    const hash = await named(writeContract(client, { ...call, chain: this.definition }));
    const receipt = await named(waitForTransactionReceipt(this.node, { hash }));
    if (receipt.status !== "success") throw new Error(`Transaction ${hash} failed.`);
    const price = receipt.effectiveGasPrice;
    const events = parseEventLogs({ abi: contract.abi, logs: receipt.logs });
    return { ...receipt, price, cost: price * receipt.gasUsed, events };
  }

  #call(functionName, args, { address, abi }) {
    return { address, abi, functionName, args };
  }
}

/** The outcome of a question; a failure is put in words. */
async function named(outcome) {
  try {
    return await outcome;
  } catch (error) {
    if (!(error instanceof BaseError)) throw error;
    const reverted = error.walk((inner) => inner instanceof ContractFunctionRevertedError);
    if (reverted instanceof ContractFunctionRevertedError && reverted.data) {
      const { abiItem, args, errorName } = reverted.data;
      const names = abiItem?.inputs ?? [];
      throw new Refused(errorName, Object.fromEntries((args ?? []).map((value, at) => [names[at]?.name || at, value])));
    }
    throw new Error(error.details || error.shortMessage);
  }
}
