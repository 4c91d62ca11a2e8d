/**
 * Profiles: `production` keeps Apache's defaults and the user's files as they are; `fast` lays shorter timers over
 * them, as data, so that a failover fits into a lesson. A session lasts 2 to 20 ticks, so a shorter session needs a
 * shorter tick.
 */
export const PROFILES = ['production', 'fast'] as const;
export type Profile = (typeof PROFILES)[number];

export interface Overlay {
  readonly zoo: Readonly<Record<string, string>>;
  readonly hadoop: Readonly<Record<string, string>>;
}

export const OVERLAYS: Readonly<Record<Profile, Overlay>> = {
  production: { zoo: {}, hadoop: {} },
  fast: {
    zoo: { tickTime: '500', initLimit: '20', syncLimit: '6' },
    hadoop: {
      'ha.zookeeper.session-timeout.ms': '2000',
      'ha.health-monitor.check-interval.ms': '200',
      'ha.health-monitor.connect-retry-interval.ms': '200',
      'ha.health-monitor.sleep-after-disconnect.ms': '200',
      'ha.health-monitor.rpc-timeout.ms': '3000',
      'ha.failover-controller.graceful-fence.rpc-timeout.ms': '1000',
      'ha.failover-controller.cli-check.rpc-timeout.ms': '5000',
      'ipc.client.connect.timeout': '2000',
      'ipc.client.connect.retry.interval': '200',
      'dfs.client.failover.sleep.base.millis': '100',
      'dfs.client.failover.sleep.max.millis': '1000',
      'dfs.ha.tail-edits.period': '1s',
      'dfs.ha.log-roll.period': '10s',
      'dfs.qjournal.write-txns.timeout.ms': '5000',
    },
  },
};

export function isProfile(text: string): text is Profile {
  return (PROFILES as readonly string[]).includes(text);
}
