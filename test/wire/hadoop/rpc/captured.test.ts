/** Bytes of Hadoop's own client and server, against our two cores. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  GetServiceStatusResponseProto,
  HARequestSource,
  TransitionToActiveRequestProto,
  TransitionToActiveResponseProto,
} from '../../../../src/wire/hadoop/gen/ha-service-protocol.js';
import { haServiceProtocol } from '../../../../src/wire/hadoop/protocols/ha-service.js';
import { encodeCall, encodeOpening, ResponseReader } from '../../../../src/wire/hadoop/rpc/client-connection.js';
import { encodeFailure, encodeSuccess, RpcErrorCode } from '../../../../src/wire/hadoop/rpc/response.js';
import { ServerConnection } from '../../../../src/wire/hadoop/rpc/server-connection.js';
import type { IncomingCall } from '../../../../src/wire/hadoop/rpc/server-connection.js';

const fixture = (name: string): string[] =>
  readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

const exchange = fixture('ha-service.txt').map((line) => ({
  from: line[0] as '>' | '<',
  bytes: Buffer.from(line.slice(2), 'hex'),
}));
const sent = exchange.filter(({ from }) => from === '>').map(({ bytes }) => bytes);
const answered = exchange.filter(({ from }) => from === '<').map(({ bytes }) => bytes);

function callsOf(chunks: readonly Buffer[]): IncomingCall[] {
  const connection = new ServerConnection();
  return chunks
    .flatMap((chunk) => connection.receive(chunk))
    .flatMap((effect) => (effect.kind === 'call' ? [effect.call] : []));
}

describe("a Java client's bytes", () => {
  test('are understood as its calls', () => {
    expect(callsOf(sent).map((call) => [call.callId, call.user, call.protocol, call.method])).toEqual([
      [0, 'root', 'org.apache.hadoop.ha.HAServiceProtocol', 'getServiceStatus'],
      [1, 'root', 'org.apache.hadoop.ha.HAServiceProtocol', 'monitorHealth'],
      [2, 'root', 'org.apache.hadoop.ha.HAServiceProtocol', 'transitionToActive'],
      [3, 'root', 'org.apache.hadoop.ha.HAServiceProtocol', 'transitionToStandby'],
      [4, 'root', 'org.apache.hadoop.ha.HAServiceProtocol', 'transitionToObserver'],
    ]);
    const activate = TransitionToActiveRequestProto.decode(callsOf(sent)[2]!.payload!);
    expect(activate.reqInfo.reqSource).toBe(HARequestSource.REQUEST_BY_USER);
  });

  test('mean the same however they are cut', () => {
    const all = Buffer.concat(sent);
    const whole = callsOf([all]);
    for (const size of [1, 2, 7, 64]) {
      const chunks = Array.from({ length: Math.ceil(all.length / size) }, (_unused, i) =>
        all.subarray(i * size, (i + 1) * size),
      );
      expect(callsOf(chunks)).toEqual(whole);
    }
  });

  test('are what our client sends', () => {
    const [first] = callsOf(sent);
    const { clientId } = first!;
    const opening = encodeOpening({ user: 'root', protocol: haServiceProtocol.name, clientId });
    const status = encodeCall({
      spec: haServiceProtocol,
      method: 'getServiceStatus',
      request: {},
      callId: 0,
      retryCount: 0,
      clientId,
    });
    expect(Buffer.concat([opening, status])).toEqual(sent[0]);
    const activate = encodeCall({
      spec: haServiceProtocol,
      method: 'transitionToActive',
      request: { reqInfo: { reqSource: HARequestSource.REQUEST_BY_USER } },
      callId: 2,
      retryCount: 0,
      clientId,
    });
    expect(activate).toEqual(sent[2]);
  });
});

describe("a Java server's bytes", () => {
  test('are understood as its answers', () => {
    const outcomes = new ResponseReader().receive(Buffer.concat(answered));
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(['response', 'failure', 'failure', 'response', 'response']);
    const [status, health] = outcomes;
    expect(status?.kind === 'response' && GetServiceStatusResponseProto.decode(status.payload)).toEqual({
      state: 2,
      readyToBecomeActive: false,
      notReadyReason: 'catching up',
    });
    expect(health).toMatchObject({
      callId: 1,
      error: { code: 'REMOTE', data: { className: 'org.apache.hadoop.ha.HealthCheckFailedException' } },
    });
    expect(health?.kind === 'failure' && health.error.message.split('\n')[0]).toBe('sick');
  });

  test('are what our server sends', () => {
    const [status, health, , standby] = callsOf(sent);
    expect(
      encodeSuccess(status!, GetServiceStatusResponseProto, {
        state: 2,
        readyToBecomeActive: false,
        notReadyReason: 'catching up',
      }),
    ).toEqual(answered[0]);
    expect(encodeSuccess(standby!, TransitionToActiveResponseProto, {})).toEqual(answered[3]);
    const [failure] = new ResponseReader().receive(answered[1]!);
    if (failure?.kind !== 'failure') throw new Error('not a failure');
    expect(
      encodeFailure(health!, {
        fatal: false,
        code: RpcErrorCode.ERROR_APPLICATION,
        className: 'org.apache.hadoop.ha.HealthCheckFailedException',
        message: failure.error.message,
      }),
    ).toEqual(answered[1]);
  });
});

describe('odd and hostile openings are answered as Hadoop answers them:', () => {
  test.each(fixture('refusals.txt').map((line) => line.split(' | ').map((part) => part.trim())))(
    '%s',
    (_name, end, input, output) => {
      const effects = new ServerConnection().receive(Buffer.from(input!, 'hex'));
      const bytes = Buffer.concat(effects.flatMap((effect) => (effect.kind === 'write' ? [effect.bytes] : [])));
      expect(bytes.toString('hex')).toBe(output ?? '');
      expect(effects.some((effect) => effect.kind === 'close')).toBe(end === 'closed');
    },
  );
});
