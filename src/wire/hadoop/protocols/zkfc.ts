/** ZKFCProtocol: graceful failover between ZKFCs. */
import {
  CedeActiveRequestProto,
  CedeActiveResponseProto,
  GracefulFailoverRequestProto,
  GracefulFailoverResponseProto,
} from '../gen/zkfc-protocol.js';
import type { ProtocolSpec } from '../rpc/spec.js';

export const zkfcProtocol = {
  name: 'org.apache.hadoop.ha.ZKFCProtocol',
  version: 1n,
  methods: {
    cedeActive: { request: CedeActiveRequestProto, response: CedeActiveResponseProto },
    gracefulFailover: { request: GracefulFailoverRequestProto, response: GracefulFailoverResponseProto },
  },
} as const satisfies ProtocolSpec;
