/** ClientProtocol's calls of administrators (`hdfs dfsadmin`), and what every state answers. */
import { SafeModeActionProto } from '../../wire/hadoop/gen/client-namenode-protocol.js';
import { HAServiceStateProto } from '../../wire/hadoop/gen/ha-service-protocol.js';
import type { HaState } from '../../base/events.js';
import type { clientNamenodeProtocol } from '../../wire/hadoop/protocols/client-namenode.js';
import type { Handlers } from '../../wire/hadoop/rpc/spec.js';
import type { NameNodeCore } from '../core.js';
import { HadoopError } from '../namespace/errors.js';
import { checkSuperUser } from '../namespace/permissions.js';
import type { Gate } from './gate.js';

type ClientHandlers = Handlers<typeof clientNamenodeProtocol>;

export function stateMessage(state: HaState): HAServiceStateProto {
  switch (state) {
    case 'ACTIVE':
      return HAServiceStateProto.ACTIVE;
    case 'STANDBY':
      return HAServiceStateProto.STANDBY;
    case 'OBSERVER':
      return HAServiceStateProto.OBSERVER;
    default:
      return HAServiceStateProto.INITIALIZING;
  }
}

export function adminCalls(core: NameNodeCore, gate: Gate): ClientHandlers {
  const { safeMode, config } = core;
  const adminOnly = (caller: { user: string; isSuperUser: boolean; groups: readonly string[] }): void => {
    if (config.limits.permissionsEnabled) checkSuperUser(caller);
  };
  return {
    setSafeMode: gate.operation('UNCHECKED', (request, call, caller) => {
      if (request.action !== SafeModeActionProto.SAFEMODE_GET) {
        adminOnly(caller);
        if (request.action === SafeModeActionProto.SAFEMODE_ENTER) safeMode.enter();
        else safeMode.leave();
        core.host.log.info(`Safe mode is ${safeMode.isOn ? 'ON' : 'OFF'}`);
      }
      call.reply({ result: safeMode.isOn });
    }),
    saveNamespace: gate.operation('UNCHECKED', (_request, call, caller) => {
      adminOnly(caller);
      if (!safeMode.isOn)
        throw new HadoopError('IOException', 'Safe mode should be turned ON in order to create namespace image.');
      gate.settle(
        call,
        core.checkpoints.saveNamespace().then(() => ({ saved: true })),
      );
    }),
    rollEdits: gate.operation('JOURNAL', (_request, call, caller) => {
      adminOnly(caller);
      safeMode.check('Log not rolled', true);
      gate.settle(
        call,
        core.writer.log.roll().then((newSegmentTxId) => ({ newSegmentTxId })),
      );
    }),
    refreshNodes: gate.operation('UNCHECKED', (_request, call, caller) => {
      adminOnly(caller);
      call.reply({});
    }),
    setBalancerBandwidth: gate.operation('UNCHECKED', (_request, call, caller) => {
      adminOnly(caller);
      call.reply({});
    }),
    restoreFailedStorage: gate.operation('UNCHECKED', (_request, call, caller) => {
      adminOnly(caller);
      call.reply({ result: false });
    }),
    finalizeUpgrade: gate.operation('UNCHECKED', (_request, call, caller) => {
      adminOnly(caller);
      call.reply({});
    }),
    upgradeStatus: gate.operation('READ', (_request, call) => call.reply({ upgradeFinalized: true })),
    rollingUpgrade: gate.operation('READ', (_request, call) => call.reply({})),
    getHAServiceState: (_request, call) => call.reply({ state: stateMessage(core.ha.state) }),
  };
}
