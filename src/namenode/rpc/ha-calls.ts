/** HAServiceProtocol. Mirrors the HA half of NameNodeRpcServer and NameNode.getServiceStatus. */
import { HARequestSource } from '../../wire/hadoop/gen/ha-service-protocol.js';
import { haServiceProtocol } from '../../wire/hadoop/protocols/ha-service.js';
import { bindProtocol } from '../../wire/hadoop/rpc/server.js';
import type { BoundProtocol } from '../../wire/hadoop/rpc/server.js';
import type { RpcCall } from '../../wire/hadoop/rpc/spec.js';
import type { NameNodeCore } from '../core.js';
import type { HaTarget } from '../ha/ha-context.js';
import { checkRequestSource, stateText } from '../ha/operation-category.js';
import type { RequestSource } from '../ha/operation-category.js';
import { HadoopError } from '../namespace/errors.js';
import { checkSuperUser } from '../namespace/permissions.js';
import { stateMessage } from './admin-calls.js';
import type { Gate } from './gate.js';

function sourceOf(source: HARequestSource): RequestSource {
  switch (source) {
    case HARequestSource.REQUEST_BY_USER_FORCED:
      return 'REQUEST_BY_USER_FORCED';
    case HARequestSource.REQUEST_BY_ZKFC:
      return 'REQUEST_BY_ZKFC';
    default:
      return 'REQUEST_BY_USER';
  }
}

export function haCalls(core: NameNodeCore, gate: Gate): BoundProtocol {
  const { config, host, safeMode, ha } = core;
  const authorize = (call: RpcCall<unknown>): void => {
    if (config.limits.permissionsEnabled) checkSuperUser(gate.callerOf(call.user));
  };
  const guarded =
    <Request, Response>(serve: (request: Request, call: RpcCall<Response>) => void) =>
    (request: Request, call: RpcCall<Response>): void => {
      try {
        serve(request, call);
      } catch (error) {
        gate.fail(call, error);
      }
    };
  const transition = (to: HaTarget) =>
    guarded<{ reqInfo: { reqSource: HARequestSource } }, object>((request, call) => {
      const source = sourceOf(request.reqInfo.reqSource);
      checkRequestSource(source, config.automaticFailover, call.remoteAddress);
      if (source === 'REQUEST_BY_USER_FORCED' && config.automaticFailover) {
        host.log.warn(
          `Allowing manual HA control from ${call.remoteAddress} even though automatic HA is enabled, because the ` +
            `user specified the force flag`,
        );
      }
      authorize(call);
      gate.settle(
        call,
        ha.transitionTo(to).then(() => ({})),
      );
    });
  return bindProtocol(haServiceProtocol, {
    monitorHealth: guarded((_request, call) => {
      authorize(call);
      if (config.notBecomeActiveInSafeMode && safeMode.isOn) {
        throw new HadoopError(
          'HealthCheckFailedException',
          'The NameNode is configured to report UNHEALTHY to ZKFC in Safemode.',
        );
      }
      call.reply({});
    }),
    getServiceStatus: guarded((_request, call) => {
      if (!core.haEnabled) throw new HadoopError('ServiceFailedException', 'HA for namenode is not enabled');
      const state = stateMessage(ha.state);
      if (ha.state === 'ACTIVE' || (ha.state === 'STANDBY' && !safeMode.isOn)) {
        call.reply({ state, readyToBecomeActive: true });
        return;
      }
      const notReadyReason =
        ha.state === 'STANDBY' ? `The NameNode is in safemode. ${safeMode.tip}` : `State is ${stateText(ha.state)}`;
      call.reply({ state, readyToBecomeActive: false, notReadyReason });
    }),
    transitionToActive: transition('ACTIVE'),
    transitionToStandby: transition('STANDBY'),
    transitionToObserver: transition('OBSERVER'),
  });
}
