import { describe, expect, it } from 'vitest';
import { configurationOf } from '../../src/config/hadoop/load.js';
import { journalNodeConfigFrom } from '../../src/journal/config.js';
import { quorumJournalConfigFrom } from '../../src/journal/writer/config.js';

describe('the configuration of a JournalNode', () => {
  it("takes the address of its host where the configuration names none, and Hadoop's ports", () => {
    const config = journalNodeConfigFrom(configurationOf({ 'dfs.journalnode.edits.dir': '/root/journalnode/data/' }), {
      address: '127.0.1.1',
    });
    expect(config).toMatchObject({
      editsDir: '/root/journalnode/data',
      rpc: { host: '127.0.1.1', port: 8485 },
      http: { host: '127.0.1.1', port: 8480 },
      cacheBytes: undefined,
    });
  });

  it('takes what the files say', () => {
    const config = journalNodeConfigFrom(
      configurationOf({
        'dfs.nameservices': 'one,two',
        'dfs.journalnode.edits.dir.two': '/two',
        'dfs.journalnode.rpc-address': '127.0.0.7:9485',
        'dfs.journalnode.http-address': 'm7:9480',
        'dfs.ha.tail-edits.in-progress': 'true',
      }),
      { address: '127.0.1.1' },
    );
    expect(config).toMatchObject({
      editsDirs: { two: '/two' },
      rpc: { host: '127.0.0.7', port: 9485 },
      http: { host: 'm7', port: 9480 },
      cacheBytes: 1 << 20,
    });
  });

  it('takes an address in each of the ways that people write one', () => {
    const rpcOf = (value: string) =>
      journalNodeConfigFrom(configurationOf({ 'dfs.journalnode.rpc-address': value }), { address: '127.0.1.1' }).rpc;
    expect(rpcOf('0.0.0.0:9485')).toEqual({ host: '127.0.1.1', port: 9485 });
    expect(rpcOf(':9485')).toEqual({ host: '127.0.1.1', port: 9485 });
    expect(rpcOf('9485')).toEqual({ host: '127.0.1.1', port: 9485 });
    expect(rpcOf('m1')).toEqual({ host: 'm1', port: 8485 });
    expect(rpcOf('[::1]:9485')).toEqual({ host: '::1', port: 9485 });
    expect(() => rpcOf('m1:99999')).toThrow(expect.objectContaining({ code: 'BAD_CONFIG' }));
  });

  it('names the key of a relative directory and of a bad address', () => {
    expect(() => journalNodeConfigFrom(configurationOf({ 'dfs.journalnode.edits.dir': 'data' }))).toThrow(
      expect.objectContaining({ code: 'BAD_CONFIG', message: expect.stringContaining('dfs.journalnode.edits.dir') }),
    );
    expect(() => journalNodeConfigFrom(configurationOf({ 'dfs.journalnode.rpc-address': 'm1:x' }))).toThrow(
      expect.objectContaining({ code: 'BAD_CONFIG', message: expect.stringContaining('dfs.journalnode.rpc-address') }),
    );
  });
});

it("the time-outs of a writer are Hadoop's", () => {
  expect(quorumJournalConfigFrom(configurationOf({}))).toEqual({
    startSegmentTimeoutMs: 20000,
    prepareRecoveryTimeoutMs: 120000,
    acceptRecoveryTimeoutMs: 120000,
    finalizeSegmentTimeoutMs: 120000,
    selectInputStreamsTimeoutMs: 20000,
    getJournalStateTimeoutMs: 120000,
    newEpochTimeoutMs: 120000,
    writeTxnsTimeoutMs: 20000,
    operationsTimeoutMs: 60000,
    queuedEditsLimitBytes: 10 * 1024 * 1024,
    rpcMaxTxns: 5000,
    inProgressTailing: false,
    httpConnectTimeoutMs: 60000,
    httpReadTimeoutMs: 60000,
    connectTimeoutMs: 20000,
    connectRetries: 10,
    connectRetriesOnTimeouts: 45,
    connectRetryIntervalMs: 1000,
  });
});
