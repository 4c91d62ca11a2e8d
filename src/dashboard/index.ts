/**
 * Joins the model to the world: probes the lab, follows its events, carries out what keys ask for. Three faces: a
 * terminal (painter), one picture (SVG), plain lines. What it needs of a lab comes in as `DashboardSources`, so that it
 * can also watch a cluster that it did not start.
 */
import { messageOf } from '../base/errors.js';
import type { StampedEvent } from '../base/events.js';
import type { LabStatus } from '../cluster/status.js';
import { eventLine, isDetail } from './describe.js';
import { renderFrame } from './frame.js';
import { statusLines } from './lines.js';
import { initialState, update, type Action, type DashboardState, type Input } from './model.js';
import { openPainter } from './painter.js';
import { renderSvg } from './svg.js';
import { plainText } from './text.js';

export interface DashboardSources {
  probe(): Promise<LabStatus>;
  /** Calls with what has happened so far, then with what happens; returns how to stop. */
  follow(listener: (events: readonly StampedEvent[]) => void): () => void;
  act(action: Action, target: string): Promise<void>;
}

const PROBE_PERIOD_MS = 500;
const PAINT_PERIOD_MS = 250;

/** Probes again and again, one at a time, until stopped. A failed probe is told and tried again. */
function probing(
  sources: DashboardSources,
  onStatus: (status: LabStatus) => void,
  onError: (error: unknown) => void,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const round = (): void => {
    sources
      .probe()
      .then(
        (status) => {
          if (!stopped) onStatus(status);
        },
        (error: unknown) => {
          if (!stopped) onError(error);
        },
      )
      .finally(() => {
        if (!stopped) timer = setTimeout(round, PROBE_PERIOD_MS);
      });
  };
  round();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/** The terminal dashboard; resolves when the user leaves it. The lab is left as it is. */
export async function runDashboard(sources: DashboardSources): Promise<void> {
  const painter = await openPainter('halab');
  let state: DashboardState = initialState(Date.now());
  let dirty = true;
  await new Promise<void>((resolve, reject) => {
    const endings: (() => void)[] = [];
    const leave = (error?: unknown): void => {
      for (const end of endings.splice(0)) end();
      painter.close();
      if (error === undefined) resolve();
      else reject(error instanceof Error ? error : new Error(String(error)));
    };
    const paint = (): void => {
      if (!dirty) return;
      dirty = false;
      painter.paint(renderFrame(state, { width: painter.width, height: painter.height }));
    };
    const feed = (input: Input): void => {
      try {
        const step = update(state, input);
        state = step.state;
        dirty = true;
        for (const effect of step.effects) {
          if (effect.type === 'quit') {
            leave();
            return;
          }
          const { action, target } = effect;
          sources.act(action, target).then(
            () => feed({ type: 'acted', action, target }),
            (error: unknown) => feed({ type: 'acted', action, target, error: messageOf(error) }),
          );
        }
        if (input.type === 'key') paint();
      } catch (error) {
        leave(error);
      }
    };
    endings.push(
      probing(
        sources,
        (status) => feed({ type: 'probed', status }),
        (error) => {
          state = { ...state, message: { text: messageOf(error), style: 'bad' } };
          dirty = true;
        },
      ),
    );
    endings.push(sources.follow((events) => feed({ type: 'happened', events })));
    const ticker = setInterval(() => {
      feed({ type: 'tick', nowMs: Date.now() });
      paint();
    }, PAINT_PERIOD_MS);
    endings.push(() => clearInterval(ticker));
    painter.onKey((key) => feed({ type: 'key', key }));
    painter.onResize(() => {
      dirty = true;
      paint();
    });
    paint();
  });
}

/** The same for no terminal: the status as a table, then each event as a line, until `signal` aborts. */
export async function printLines(
  sources: DashboardSources,
  out: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  for (const line of statusLines(await sources.probe())) out(line);
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const stop = sources.follow((events) => {
      for (const event of events) if (!isDetail(event)) out(plainText(eventLine(event)));
    });
    signal.addEventListener(
      'abort',
      () => {
        stop();
        resolve();
      },
      { once: true },
    );
  });
}

/** One frame of the lab as it is now, as SVG. */
export async function pictureOf(sources: DashboardSources, size: { width: number; height: number }): Promise<string> {
  const status = await sources.probe();
  const events = await new Promise<readonly StampedEvent[]>((resolve) => {
    const stop = sources.follow((first) => {
      queueMicrotask(() => stop());
      resolve(first);
    });
  });
  let state = initialState(Date.now());
  for (const input of [
    { type: 'happened', events },
    { type: 'probed', status },
    { type: 'key', key: 'a' },
  ] as const)
    state = update(state, input).state;
  return renderSvg(renderFrame(state, size), `halab dashboard of lab ${status.name}`);
}
