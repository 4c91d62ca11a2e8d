/**
 * Who was active when: for each NameNode its HA states over time, folded from events and from what probes saw, and
 * drawn as one lane of characters a NameNode.
 */
import type { StampedEvent } from '../base/events.js';
import { cell, span, type Line, type Style } from './text.js';

export const LANE_STATES = ['active', 'standby', 'observer', 'starting', 'paused', 'down'] as const;
export type LaneState = (typeof LANE_STATES)[number];

/** From `fromMs` (wall clock) until the next change. */
export interface Change {
  readonly fromMs: number;
  readonly state: LaneState;
}

export type Lanes = ReadonlyMap<string, readonly Change[]>;

// Plain ASCII where it will do: blessed sends box-drawing characters in a terminal's alternate set, which not all show.
const LOOK: Record<LaneState, { readonly character: string; readonly style: Style }> = {
  active: { character: '█', style: 'good' },
  standby: { character: '-', style: 'plain' },
  observer: { character: '~', style: 'plain' },
  starting: { character: '.', style: 'wait' },
  paused: { character: '‖', style: 'wait' },
  down: { character: '×', style: 'bad' },
};

/** Adds what is seen at `atMs`; equal states in a row stay one. Out-of-order sightings are placed where they belong. */
export function observe(lanes: Lanes, id: string, state: LaneState, atMs: number): Lanes {
  const before = lanes.get(id) ?? [];
  let at = before.length;
  while (at > 0 && before[at - 1]!.fromMs > atMs) at--;
  if (at > 0 && before[at - 1]!.state === state) return lanes;
  const changes = [...before.slice(0, at), { fromMs: atMs, state }, ...before.slice(at)];
  return new Map(lanes).set(
    id,
    changes.filter((change, index) => index === 0 || changes[index - 1]!.state !== change.state),
  );
}

/** A NameNode's own events, and the supervisor's about it. */
export function observeEvent(lanes: Lanes, event: StampedEvent, isNameNode: (id: string) => boolean): Lanes {
  if (event.type === 'HaStateChanged' && isNameNode(event.role)) {
    const state: LaneState | undefined = (
      {
        ACTIVE: 'active',
        STANDBY: 'standby',
        OBSERVER: 'observer',
        INITIALIZING: 'starting',
        STOPPING: 'down',
      } as const
    )[event.to];
    return state === undefined ? lanes : observe(lanes, event.role, state, event.wallMs);
  }
  if (event.type === 'RoleStopped' && isNameNode(event.role)) return observe(lanes, event.role, 'down', event.wallMs);
  if ((event.type === 'RoleKilled' || event.type === 'RoleGone') && isNameNode(event.target))
    return observe(lanes, event.target, 'down', event.wallMs);
  if (event.type === 'RolePaused' && isNameNode(event.target))
    return observe(lanes, event.target, 'paused', event.wallMs);
  if (event.type === 'RoleResumed' && isNameNode(event.target)) {
    const known = (lanes.get(event.target) ?? []).filter((change) => change.state !== 'paused').at(-1);
    return observe(lanes, event.target, known?.state ?? 'starting', event.wallMs);
  }
  if (event.type === 'RoleLaunched' && isNameNode(event.target))
    return observe(lanes, event.target, 'starting', event.wallMs);
  return lanes;
}

/** The state at an instant; undefined before anything was seen. */
export function stateAt(changes: readonly Change[], atMs: number): LaneState | undefined {
  let state: LaneState | undefined;
  for (const change of changes) {
    if (change.fromMs > atMs) break;
    state = change.state;
  }
  return state;
}

/**
 * One lane: `width` characters that end now, each `stepMs` long. A character shows the most notable state within its
 * step, so that a gap shorter than a step is not lost: down or paused before starting before standby before active.
 */
export function laneLine(
  label: string,
  changes: readonly Change[],
  nowMs: number,
  stepMs: number,
  width: number,
  labelWidth: number,
): Line {
  const out: { text: string; style: Style }[] = [cell(label, labelWidth, 'strong')];
  const firstMs = Math.floor(nowMs / stepMs) * stepMs - (width - 1) * stepMs;
  for (let i = 0; i < width; i++) {
    const from = firstMs + i * stepMs;
    const within = changes
      .filter((change) => change.fromMs >= from && change.fromMs < from + stepMs)
      .map((change) => change.state);
    const before = stateAt(changes, from);
    const states = before === undefined ? within : [before, ...within];
    const order: readonly LaneState[] = ['down', 'paused', 'starting', 'active', 'observer', 'standby'];
    const state = states.length === 1 ? states[0] : order.find((candidate) => states.includes(candidate));
    const look = state === undefined ? { character: ' ', style: 'dim' as const } : LOOK[state];
    const last = out.at(-1)!;
    if (i > 0 && last.style === look.style) last.text += look.character;
    else out.push({ text: look.character, style: look.style });
  }
  return out;
}

/** Explains the characters. */
export function laneLegend(): Line {
  return LANE_STATES.filter((state) => state !== 'observer').flatMap((state) => [
    span(LOOK[state].character, LOOK[state].style),
    span(` ${state}  `, 'dim'),
  ]);
}
