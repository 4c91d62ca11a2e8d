/** `halab dash`: the dashboard on a terminal, lines elsewhere. */
import { writeFile } from 'node:fs/promises';
import { readEvents, tailEvents } from '../../cluster/events.js';
import { openLab, type Lab } from '../../cluster/lab.js';
import { createProber } from '../../cluster/probe.js';
import { placeOf } from '../../cluster/state-dir.js';
import { resolveTargets } from '../../cluster/targets.js';
import type { DashboardSources } from '../../dashboard/index.js';
import type { PlaceOptions } from '../place-options.js';
import { print } from '../terminal.js';
import { perform } from './act.js';

export interface WatchOptions {
  readonly lines?: boolean;
  readonly once?: boolean;
  /** Write one picture there instead. */
  readonly svg?: string;
}

export async function dash(options: PlaceOptions & WatchOptions): Promise<void> {
  await watch(openLab(placeOf(options)), options);
}

/** Resolves when the user leaves. The lab goes on. */
export async function watch(lab: Lab, options: WatchOptions = {}): Promise<void> {
  const prober = createProber(lab);
  try {
    const { pictureOf, printLines, runDashboard } = await import('../../dashboard/index.js');
    const sources = sourcesOf(lab, prober);
    if (options.svg !== undefined) {
      await writeFile(options.svg, await pictureOf(sources, { width: 120, height: 40 }));
    } else if (options.once === true || options.lines === true || process.stdout.isTTY !== true) {
      const abort = new AbortController();
      if (options.once === true) abort.abort();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort());
      await printLines(sources, print, abort.signal);
    } else {
      await runDashboard(sources);
    }
  } finally {
    await prober.close();
  }
}

function sourcesOf(lab: Lab, prober: ReturnType<typeof createProber>): DashboardSources {
  return {
    probe: () => prober.probe(),
    follow(listener) {
      const abort = new AbortController();
      void (async () => {
        const before = readEvents(lab.dir);
        listener(before);
        const seen = before.at(-1)?.wallMs ?? 0;
        for await (const event of tailEvents(lab.dir, { sinceMs: seen + 1, signal: abort.signal })) listener([event]);
      })();
      return () => abort.abort();
    },
    async act(action, target) {
      await perform(lab, action, await resolveTargets(lab, [target]));
    },
  };
}
