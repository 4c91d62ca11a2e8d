/** Whom a fencing method is about. */
import type { HaTarget } from '../config.js';
import type { HaServiceState } from '../ha-service.js';

/** A NameNode to be fenced. */
export interface FencingSubject {
  readonly target: HaTarget;
  /** `m1/127.0.1.1:9000` */
  readonly addressText: string;
  /** Only in a failover by hand: what the node is to be afterwards. */
  readonly transitionTo: HaServiceState | undefined;
}
