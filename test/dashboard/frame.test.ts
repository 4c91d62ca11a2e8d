import { describe, expect, test } from 'vitest';
import { blessedText } from '../../src/dashboard/painter.js';
import { renderFrame } from '../../src/dashboard/frame.js';
import { statusLines } from '../../src/dashboard/lines.js';
import { initialState, update, type DashboardState, type Input } from '../../src/dashboard/model.js';
import { renderSvg } from '../../src/dashboard/svg.js';
import { lineWidth, plainText, span } from '../../src/dashboard/text.js';
import { sampleEvents, sampleStatus, startMs } from './sample.js';

process.env['TZ'] = 'UTC';

const fed = (...inputs: Input[]): DashboardState =>
  inputs.reduce((state, input) => update(state, input).state, initialState(startMs + 61_000));
const failedOver = (): DashboardState =>
  fed({ type: 'happened', events: sampleEvents }, { type: 'probed', status: sampleStatus }, { type: 'key', key: 'a' });

describe('the screen', () => {
  test('after a failover', async () => {
    const text = renderFrame(failedOver(), { width: 120, height: 34 })
      .map(plainText)
      .map((line) => line.trimEnd())
      .join('\n');
    await expect(text).toMatchFileSnapshot('failover.screen.txt');
  });

  test('fills its size exactly, however small', () => {
    for (const [width, height] of [
      [120, 40],
      [80, 24],
      [40, 10],
      [10, 3],
      [200, 60],
    ] as const) {
      const lines = renderFrame(failedOver(), { width, height });
      expect(lines).toHaveLength(height);
      for (const line of lines) expect(lineWidth(line)).toBe(width);
    }
  });

  test('two that claim to be active are shown, not hidden', () => {
    const hosts = sampleStatus.hosts.map((host) => ({
      ...host,
      roles: host.roles.map((role) =>
        role.kind === 'namenode'
          ? { ...role, state: 'running' as const, answers: true, haState: 'ACTIVE' as const }
          : role,
      ),
    }));
    const text = renderFrame(fed({ type: 'probed', status: { ...sampleStatus, active: undefined, hosts } }), {
      width: 120,
      height: 34,
    })
      .map(plainText)
      .join('\n');
    expect(text).toContain('nn1 and nn2 both say so');
  });

  test('as a picture: well-formed, every role on it', async () => {
    const svg = renderSvg(renderFrame(failedOver(), { width: 120, height: 34 }), 'a <title> & more');
    expect(svg).toContain('aria-label="a &lt;title&gt; &amp; more"');
    for (const id of ['zk1', 'jn3', 'nn2', 'zkfc1']) expect(svg).toContain(id);
    const { XMLValidator } = await import('fast-xml-parser');
    expect(XMLValidator.validate(svg)).toBe(true);
  });

  test('as lines', () => {
    const lines = statusLines(sampleStatus);
    expect(lines[1]).toBe('active nn2   lock holder nn2 session 0x200000a3f0001   breadcrumb nn2');
    expect(lines.find((line) => line.includes(' nn1 '))).toMatch(/^m1 +nn1 +dead .*killed by SIGKILL$/);
  });

  test('braces in a message are not taken for markup', () => {
    expect(blessedText([span('{x}', 'bad')])).toBe('{red-fg}{bold}{open}x{close}{/bold}{/red-fg}');
  });
});

describe('keys', () => {
  test('act on the selected role', () => {
    const state = failedOver();
    expect(state.selected).toBe('nn2');
    expect(update(state, { type: 'key', key: 'k' }).effects).toEqual([{ type: 'act', action: 'kill', target: 'nn2' }]);
    const down = update(state, { type: 'key', key: 'down' }).state;
    expect(update(down, { type: 'key', key: 'S-r' }).effects).toEqual([
      { type: 'act', action: 'restart', target: 'zkfc2' },
    ]);
    expect(update(down, { type: 'key', key: 'p' }).effects).toEqual([
      { type: 'act', action: 'pause', target: 'zkfc2' },
    ]);
    expect(update(down, { type: 'key', key: 'r' }).effects).toEqual([
      { type: 'act', action: 'resume', target: 'zkfc2' },
    ]);
  });

  test('the selection stops at both ends', () => {
    let state = fed({ type: 'probed', status: sampleStatus });
    expect(state.selected).toBe('zk1');
    state = update(state, { type: 'key', key: 'up' }).state;
    expect(state.selected).toBe('zk1');
    for (let i = 0; i < 30; i++) state = update(state, { type: 'key', key: 'down' }).state;
    expect(state.selected).toBe('jn3');
  });

  test('before anything is known a key only asks to wait', () => {
    expect(update(initialState(0), { type: 'key', key: 'k' }).effects).toEqual([]);
  });

  test('q leaves, an unknown key does nothing', () => {
    expect(update(failedOver(), { type: 'key', key: 'q' }).effects).toEqual([{ type: 'quit' }]);
    expect(update(failedOver(), { type: 'key', key: 'F5' })).toEqual({ state: failedOver(), effects: [] });
  });
});
