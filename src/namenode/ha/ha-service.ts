/**
 * Carries out what ha-machine.ts decides, one transition at a time, in the order they were asked for. A transition that
 * breaks off half-way leaves a NameNode in no state at all, so it ends the process, as Hadoop's does. Mirrors
 * NameNode.transitionTo* and NameNode.NameNodeHAContext.
 */
import { messageOf } from '../../base/errors.js';
import type { HaState } from '../../base/events.js';
import type { NameNodeCore } from '../core.js';
import { ActiveServices } from './active-services.js';
import { transition } from './ha-machine.js';
import type { HaStep } from './ha-machine.js';
import { StandbyServices } from './standby-services.js';

const ORDERLY_STOP_LIMIT_MS = 2000;

export class HaService {
  readonly #core: NameNodeCore;
  readonly #active: ActiveServices;
  readonly standby: StandbyServices;
  #last: Promise<void> = Promise.resolve();
  /** Called after every change of state, and when `becomingActive` ends. */
  onChange: () => void = () => undefined;

  constructor(core: NameNodeCore) {
    this.#core = core;
    this.#active = new ActiveServices(core);
    this.standby = new StandbyServices(core);
  }

  /** Resolves once there. Rejects HadoopError ServiceFailedException if the transition is not legal. */
  transitionTo(to: HaState): Promise<void> {
    const result = this.#last.then(() => this.#transition(to));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #transition(to: HaState): Promise<void> {
    const core = this.#core;
    const from = core.state;
    const steps = transition(from, to, {
      haEnabled: core.haEnabled,
      inSafeMode: core.safeMode.isOn,
      notBecomeActiveInSafeMode: core.config.notBecomeActiveInSafeMode,
    });
    if (steps.length === 0) return;
    // Leaving: from this moment nothing new is served in the old state. Entering active: clients wait for the end of
    // it.
    if (from === 'ACTIVE') core.state = to;
    core.becomingActive = to === 'ACTIVE';
    try {
      for (const step of steps) await this.#do(step);
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      core.host.log.error(`Error encountered requiring NN shutdown. Shutting down immediately. ${text}`);
      core.fatal(`Error encountered requiring NN shutdown. Shutting down immediately. ` + `${messageOf(error)}`);
      throw error;
    }
    core.state = to;
    core.becomingActive = false;
    // Entering the first state is no transition: 0 until there has been one.
    if (from !== 'INITIALIZING') core.lastStateChangeWallMs = core.host.clock.wallMs();
    const txid = core.lastTxid;
    core.host.emit({ type: 'HaStateChanged', from, to, txid });
    if (to === 'ACTIVE') core.host.emit({ type: 'BecameActive', txid });
    if (to === 'STANDBY') core.host.emit({ type: 'BecameStandby', txid });
    this.onChange();
  }

  #do(step: HaStep): Promise<void> {
    switch (step) {
      case 'startActiveServices':
        return this.#active.start();
      case 'stopActiveServices':
        return this.#active.stop();
      case 'startStandbyServices':
        return this.standby.start();
      case 'stopStandbyServices':
        return this.standby.stop();
    }
  }

  /**
   * Stops in whatever state: in order if the journals let it be done soon, else leaving the open segment to the next
   * writer's recovery.
   */
  async stop(): Promise<void> {
    const core = this.#core;
    const orderly = this.#last
      .then(async () => {
        const { state } = core;
        core.state = 'STOPPING';
        if (state === 'ACTIVE') await this.#active.stop();
        else if (state === 'STANDBY' || state === 'OBSERVER') await this.standby.stop();
      })
      .catch((error: unknown) => core.host.log.info(`not stopped in order: ${messageOf(error)}`));
    await new Promise<void>((resolve) => {
      const limit = core.host.clock.after(ORDERLY_STOP_LIMIT_MS, resolve);
      void orderly.then(() => {
        limit.cancel();
        resolve();
      });
    });
    await core.editLog?.abandon();
  }
}
