/**
 * The dashboard as a pure state machine: what was probed, what happened and which key was pressed in; a new state and
 * effects as data out. It never waits and never draws.
 */
import type { StampedEvent } from '../base/events.js';
import { rolesOf, type LabStatus, type RoleStatus } from '../cluster/status.js';
import { nameNodesOf } from './rows.js';
import { observe, observeEvent, type Lanes, type LaneState } from './timeline.js';
import type { Style } from './text.js';

export const ACTIONS = ['kill', 'pause', 'resume', 'restart'] as const;
export type Action = (typeof ACTIONS)[number];

export interface DashboardState {
  readonly status: LabStatus | undefined;
  /** Oldest first, bounded. */
  readonly events: readonly StampedEvent[];
  readonly lanes: Lanes;
  /** Id of the role that keys act on. */
  readonly selected: string | undefined;
  readonly showDetail: boolean;
  /** Lines scrolled back in the event log; 0 follows the newest. */
  readonly scroll: number;
  readonly message: { readonly text: string; readonly style: Style } | undefined;
  readonly nowMs: number;
}

export type Input =
  | { readonly type: 'probed'; readonly status: LabStatus }
  | { readonly type: 'happened'; readonly events: readonly StampedEvent[] }
  | { readonly type: 'tick'; readonly nowMs: number }
  | { readonly type: 'key'; readonly key: string }
  | { readonly type: 'acted'; readonly action: Action; readonly target: string; readonly error?: string };

export type Effect =
  | { readonly type: 'act'; readonly action: Action; readonly target: string }
  | { readonly type: 'quit' };

export interface Step {
  readonly state: DashboardState;
  readonly effects: readonly Effect[];
}

const KEPT_EVENTS = 2_000;

const KEYS: Readonly<Record<string, Action>> = { k: 'kill', p: 'pause', r: 'resume', 'S-r': 'restart' };

export function initialState(nowMs: number): DashboardState {
  return {
    status: undefined,
    events: [],
    lanes: new Map(),
    selected: undefined,
    showDetail: false,
    scroll: 0,
    message: undefined,
    nowMs,
  };
}

function laneStateOf(role: RoleStatus): LaneState | undefined {
  if (role.state === 'dead' || role.state === 'stopped') return 'down';
  if (role.state === 'paused') return 'paused';
  switch (role.haState) {
    case 'ACTIVE':
      return 'active';
    case 'STANDBY':
      return 'standby';
    case 'OBSERVER':
      return 'observer';
    default:
      return undefined;
  }
}

function moved(state: DashboardState, by: number): string | undefined {
  if (state.status === undefined) return undefined;
  const ids = rolesOf(state.status).map((role) => role.id);
  if (ids.length === 0) return undefined;
  const at = state.selected === undefined ? -1 : ids.indexOf(state.selected);
  return ids[Math.min(Math.max(at + by, 0), ids.length - 1)];
}

function onKey(state: DashboardState, key: string): Step {
  const still = (changes: Partial<DashboardState>): Step => ({ state: { ...state, ...changes }, effects: [] });
  switch (key) {
    case 'q':
    case 'C-c':
    case 'escape':
      return { state, effects: [{ type: 'quit' }] };
    case 'up':
      return still({ selected: moved(state, -1), message: undefined });
    case 'down':
      return still({ selected: moved(state, 1), message: undefined });
    case 'a':
      return still({
        selected: state.status?.active ?? state.selected,
        message: state.status?.active === undefined ? { text: 'no NameNode is active', style: 'wait' } : undefined,
      });
    case 'd':
      return still({ showDetail: !state.showDetail, scroll: 0 });
    case 'pageup':
      return still({ scroll: Math.min(state.scroll + 10, Math.max(state.events.length - 1, 0)) });
    case 'pagedown':
      return still({ scroll: Math.max(state.scroll - 10, 0) });
    default: {
      const action = KEYS[key];
      if (action === undefined) return { state, effects: [] };
      if (state.selected === undefined)
        return still({ message: { text: `select a role first (arrows), then ${action}`, style: 'wait' } });
      return {
        state: { ...state, message: { text: `${action} ${state.selected} …`, style: 'wait' } },
        effects: [{ type: 'act', action, target: state.selected }],
      };
    }
  }
}

export function update(state: DashboardState, input: Input): Step {
  switch (input.type) {
    case 'tick':
      return { state: { ...state, nowMs: input.nowMs }, effects: [] };
    case 'probed': {
      let lanes = state.lanes;
      for (const role of rolesOf(input.status)) {
        const lane = role.kind === 'namenode' ? laneStateOf(role) : undefined;
        if (lane !== undefined) lanes = observe(lanes, role.id, lane, input.status.probedAt);
      }
      const selected = state.selected ?? rolesOf(input.status)[0]?.id;
      return { state: { ...state, status: input.status, lanes, selected }, effects: [] };
    }
    case 'happened': {
      const isNameNode = (id: string): boolean =>
        state.status === undefined ? /^nn/.test(id) : nameNodesOf(state.status).includes(id);
      const lanes = input.events.reduce((folded, event) => observeEvent(folded, event, isNameNode), state.lanes);
      return {
        state: { ...state, lanes, events: [...state.events, ...input.events].slice(-KEPT_EVENTS) },
        effects: [],
      };
    }
    case 'acted': {
      const message =
        input.error === undefined
          ? { text: `${input.action} ${input.target}: done`, style: 'good' as const }
          : { text: `${input.action} ${input.target}: ${input.error}`, style: 'bad' as const };
      return { state: { ...state, message }, effects: [] };
    }
    case 'key':
      return onKey(state, input.key);
  }
}
