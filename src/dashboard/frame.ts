/**
 * The whole screen as styled lines of an exact size: title, who is active, the roles, the timeline, the events, the
 * keys.
 */
import { rolesOf, type LabStatus } from '../cluster/status.js';
import { eventLine, isDetail } from './describe.js';
import type { DashboardState } from './model.js';
import { nameNodesOf, roleRows, type Row } from './rows.js';
import { cell, fit, span, type Line, type Span } from './text.js';
import { laneLegend, laneLine } from './timeline.js';

const COLUMNS: readonly {
  readonly title: string;
  readonly width: number;
  readonly value: (row: Row) => string;
  readonly align?: 'right';
}[] = [
  { title: 'HOST', width: 5, value: (row) => row.host },
  { title: 'ROLE', width: 6, value: (row) => row.id },
  { title: 'STATE', width: 11, value: (row) => row.state },
  { title: 'PID', width: 8, value: (row) => row.pid, align: 'right' },
  { title: 'EPOCH', width: 5, value: (row) => row.epoch, align: 'right' },
  { title: 'ZXID/TXID', width: 13, value: (row) => row.position, align: 'right' },
  { title: 'LAG', width: 5, value: (row) => row.lag, align: 'right' },
  { title: 'ADDRESS', width: 19, value: (row) => row.address },
];

function heading(text: string, rest: Line, width: number): Line {
  return fit([span(` ${text} `, 'key'), ...rest], width);
}

function durationText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

function titleLine(status: LabStatus, nowMs: number): Line {
  const parts: Span[] = [
    span(' halab ', 'key'),
    span(status.name, 'strong'),
    span(`  hdfs://${status.nameservice}  profile ${status.profile}`),
  ];
  if (status.startedAt !== undefined) parts.push(span(`  up ${durationText(nowMs - status.startedAt)}`, 'dim'));
  if (status.pssKb !== undefined) parts.push(span(`  ${Math.round(status.pssKb / 1024)} MB`, 'dim'));
  return parts;
}

/** The three that must agree once settled: who says it is active, who holds the lock, whom the breadcrumb names. */
export function activeLine(status: LabStatus): Line {
  const claims = rolesOf(status)
    .filter((role) => role.kind === 'namenode' && role.haState === 'ACTIVE')
    .map((role) => role.id);
  const active =
    claims.length > 1
      ? span(`${claims.join(' and ')} both say so`, 'bad')
      : claims.length === 0
        ? span('none', 'bad')
        : span(claims[0]!, 'good');
  const agrees = (id: string | undefined): 'mark' | 'wait' =>
    id !== undefined && claims.length === 1 && id === claims[0] ? 'mark' : 'wait';
  const unknown = status.electionUnreadable === undefined ? 'none' : 'not readable';
  return [
    span(' active ', 'dim'),
    active,
    span('   lock holder ', 'dim'),
    span(status.lockHolder?.id ?? unknown, agrees(status.lockHolder?.id)),
    ...(status.lockHolder === undefined ? [] : [span(` session ${status.lockHolder.session}`, 'dim')]),
    span('   breadcrumb ', 'dim'),
    span(status.breadcrumb ?? unknown, agrees(status.breadcrumb)),
  ];
}

function tableLines(status: LabStatus, selected: string | undefined, width: number): Line[] {
  const lines: Line[] = [
    fit(
      [
        span(' '),
        ...COLUMNS.flatMap(({ title, width: columnWidth, align }) => [
          cell(title, columnWidth, 'dim', align),
          span(' '),
        ]),
        span('DETAIL', 'dim'),
      ],
      width,
    ),
  ];
  let host: string | undefined;
  for (const row of roleRows(status)) {
    const marked = row.id === selected;
    const spans: Span[] = [span(marked ? '>' : ' ', 'key')];
    for (const column of COLUMNS) {
      const value = column.title === 'HOST' && row.host === host ? '' : column.value(row);
      const style = marked
        ? 'selected'
        : column.title === 'STATE'
          ? row.style
          : column.title === 'HOST' || column.title === 'ROLE'
            ? 'strong'
            : 'plain';
      spans.push(cell(value, column.width, style, column.align), span(' ', marked ? 'selected' : 'plain'));
    }
    host = row.host;
    spans.push(span(row.detail, 'dim'));
    lines.push(fit(spans, width));
  }
  return lines;
}

const LANE_LABEL = 8;

function timelineLines(state: DashboardState, status: LabStatus, width: number): Line[] {
  const stepMs = 1_000;
  return [
    heading('timeline', [span('one character a second, now at the right   ', 'dim'), ...laneLegend()], width),
    ...nameNodesOf(status).map((id) =>
      fit(
        laneLine(
          ` ${id}`,
          state.lanes.get(id) ?? [],
          state.nowMs,
          stepMs,
          Math.max(width - LANE_LABEL - 1, 1),
          LANE_LABEL,
        ),
        width,
      ),
    ),
  ];
}

function keyLine(): Line {
  const keys: readonly (readonly [string, string])[] = [
    ['↑↓', 'select'],
    ['a', 'the active'],
    ['k', 'kill'],
    ['p', 'pause'],
    ['r', 'resume'],
    ['R', 'restart'],
    ['d', 'all events'],
    ['PgUp/PgDn', 'scroll'],
    ['q', 'leave'],
  ];
  return [span(' '), ...keys.flatMap(([key, word]) => [span(key, 'key'), span(` ${word}   `, 'dim')])];
}

/** Exactly `height` lines of exactly `width` columns. */
export function renderFrame(
  state: DashboardState,
  size: { readonly width: number; readonly height: number },
): readonly Line[] {
  const { width, height } = size;
  const { status } = state;
  if (status === undefined) {
    const lines: Line[] = [fit([span(' halab ', 'key'), span('looking at the lab …')], width)];
    while (lines.length < height) lines.push(fit([], width));
    return lines.slice(0, height);
  }
  const top: Line[] = [
    fit(titleLine(status, state.nowMs), width),
    fit(activeLine(status), width),
    fit([], width),
    ...tableLines(status, state.selected, width),
    fit([], width),
    ...timelineLines(state, status, width),
    fit([], width),
  ];
  const bottom: Line[] = [
    fit(state.message === undefined ? [] : [span(' '), span(state.message.text, state.message.style)], width),
    fit(keyLine(), width),
  ];
  const room = height - top.length - bottom.length - 1;
  const shown = state.events.filter((event) => state.showDetail || !isDetail(event));
  const end = Math.max(shown.length - state.scroll, 0);
  const events = room > 0 ? shown.slice(Math.max(end - room, 0), end) : [];
  const middle: Line[] =
    room > 0
      ? [
          heading('events', state.scroll > 0 ? [span(`${state.scroll} lines back`, 'wait')] : [], width),
          ...events.map((event) => fit([span(' '), ...eventLine(event)], width)),
        ]
      : [];
  const lines = [...top, ...middle];
  while (lines.length < height - bottom.length) lines.push(fit([], width));
  return [...lines.slice(0, Math.max(height - bottom.length, 0)), ...bottom].slice(0, height);
}
