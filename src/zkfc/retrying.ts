/** ActiveStandbyElector.zkDoWithRetries: what ZooKeeper did not answer for want of a connection is asked again. */
import { hasCode } from '../base/errors.js';
import type { LabErrorCode } from '../base/errors.js';

/** Up to `times` attempts; `alsoCode` names another failure worth one. Rejects with the last one's. */
export async function retryingOnLoss<T>(times: number, action: () => Promise<T>, alsoCode?: LabErrorCode): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action();
    } catch (error) {
      const retryable =
        hasCode(error, 'ConnectionLoss', 'OperationTimeout') || (alsoCode !== undefined && hasCode(error, alsoCode));
      if (!retryable || attempt >= times) throw error;
    }
  }
}
