// What the page uses of viem; the rest stays out of scaffold/page/viem.js.
export {
  BaseError,
  ContractFunctionRevertedError,
  createClient,
  custom,
  defineChain,
  formatEther,
  formatGwei,
  formatUnits,
  http,
  parseEventLogs,
  parseGwei,
} from "viem";
export {
  addChain,
  estimateContractGas,
  getChainId,
  getGasPrice,
  readContract,
  requestAddresses,
  switchChain,
  waitForTransactionReceipt,
  writeContract,
} from "viem/actions";
