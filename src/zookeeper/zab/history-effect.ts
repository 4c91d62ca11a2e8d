/** What leading and learning do to history alike, as data, and how it is carried out on disk and tree. */
import type { Txn } from '../contract.js';
import type { PeerContext } from './peer-context.js';

export type HistoryEffect =
  | { readonly type: 'append'; readonly txns: readonly Txn[] }
  | { readonly type: 'storeAcceptedEpoch' | 'storeCurrentEpoch'; readonly epoch: bigint }
  /** Hand history up to this zxid to the tree. */
  | { readonly type: 'commit'; readonly through: bigint };

export function carryOutOnHistory({ host, storage, server, applied }: PeerContext, effect: HistoryEffect): void {
  switch (effect.type) {
    case 'append':
      storage.append(effect.txns);
      return;
    case 'storeAcceptedEpoch':
      storage.setAcceptedEpoch(effect.epoch);
      host.emit({ type: 'EpochAccepted', epoch: effect.epoch });
      return;
    case 'storeCurrentEpoch':
      storage.setCurrentEpoch(effect.epoch);
      return;
    case 'commit': {
      const txns = storage.history.commit(effect.through);
      for (const txn of txns) server.apply(txn);
      if (txns.length > 0) applied(txns.length);
    }
  }
}
