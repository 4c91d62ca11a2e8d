/** HAServiceProtocol: health, state and transitions of a NameNode, as ZKFCs and `hdfs haadmin` ask for them. */
import {
  GetServiceStatusRequestProto,
  GetServiceStatusResponseProto,
  MonitorHealthRequestProto,
  MonitorHealthResponseProto,
  TransitionToActiveRequestProto,
  TransitionToActiveResponseProto,
  TransitionToObserverRequestProto,
  TransitionToObserverResponseProto,
  TransitionToStandbyRequestProto,
  TransitionToStandbyResponseProto,
} from '../gen/ha-service-protocol.js';
import type { ProtocolSpec } from '../rpc/spec.js';

export const haServiceProtocol = {
  name: 'org.apache.hadoop.ha.HAServiceProtocol',
  version: 1n,
  methods: {
    monitorHealth: { request: MonitorHealthRequestProto, response: MonitorHealthResponseProto },
    transitionToActive: { request: TransitionToActiveRequestProto, response: TransitionToActiveResponseProto },
    transitionToStandby: { request: TransitionToStandbyRequestProto, response: TransitionToStandbyResponseProto },
    transitionToObserver: { request: TransitionToObserverRequestProto, response: TransitionToObserverResponseProto },
    getServiceStatus: { request: GetServiceStatusRequestProto, response: GetServiceStatusResponseProto },
  },
} as const satisfies ProtocolSpec;
