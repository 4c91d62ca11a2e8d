/** `halab up [TOPOLOGY]` */
import { LabError } from '../../base/errors.js';
import { openOrMakeLab } from '../../cluster/lab.js';
import { placeOf } from '../../cluster/state-dir.js';
import type { LabStatus } from '../../cluster/status.js';
import { bringUp } from '../../cluster/up.js';
import type { Profile } from '../../config/profile.js';
import type { PlaceOptions } from '../place-options.js';
import { notice, print, printJson } from '../terminal.js';

export interface UpCommandOptions extends PlaceOptions {
  readonly wait: 'active' | 'started';
  readonly profile?: Profile;
  readonly timeout: string;
  readonly oneAddress?: boolean;
  readonly json?: boolean;
}

export async function up(topology: string | undefined, options: UpCommandOptions): Promise<void> {
  const limitMs = secondsOf(options.timeout);
  const begun = performance.now();
  const { status } = await startLab(topology, options, limitMs);
  if (options.json === true) printJson(status);
  else print(upText(status, performance.now() - begun));
}

export async function startLab(
  topology: string | undefined,
  options: PlaceOptions & Partial<UpCommandOptions>,
  limitMs: number,
): Promise<{ status: LabStatus }> {
  const { lab, described, warnings } = await openOrMakeLab(placeOf(options), {
    topology,
    profile: options.profile,
    oneAddress: options.oneAddress,
  });
  for (const warning of warnings) notice(`halab: warning: ${warning}`);
  return {
    status: await bringUp(lab, described, {
      wait: options.wait ?? 'active',
      limitMs,
      notice: (text) => notice(`halab: ${text}`),
    }),
  };
}

export function secondsOf(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0))
    throw new LabError('USAGE', `--timeout ${text}: not a number of seconds`, { remedy: 'give a number above 0' });
  return seconds * 1000;
}

function upText(status: LabStatus, tookMs: number): string {
  const addresses = status.hosts.map((host) => `${host.name} ${host.address}`).join(', ');
  const memory = status.pssKb === undefined ? '' : `, ${Math.round(status.pssKb / 1024)} MB`;
  return (
    `lab ${status.name} is up: ` +
    `${status.active === undefined ? 'no NameNode is active' : `${status.active} is active`} ` +
    `(${(tookMs / 1000).toFixed(1)} s${memory})\n  ${addresses}\n  ${status.dir}`
  );
}
