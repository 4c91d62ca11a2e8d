/** A role's log as lines that read like Hadoop's: `2026-11-21 10:00:00,123 INFO  zk1: text`. */
import type { Log } from '../host.js';
import type { Sink } from './sink.js';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Local time to the millisecond, with log4j's comma. */
export function logStamp(wallMs: number): string {
  const at = new Date(wallMs);
  const pad = (value: number, width = 2): string => String(value).padStart(width, '0');
  return (
    `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} ` +
    `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())},${pad(at.getMilliseconds(), 3)}`
  );
}

export function lineLog(id: string, level: LogLevel, sinks: readonly Sink[], wallMs: () => number): Log {
  const lowest = LOG_LEVELS.indexOf(level);
  const at = (name: LogLevel): ((message: string) => void) => {
    if (LOG_LEVELS.indexOf(name) < lowest || sinks.length === 0) return () => {};
    const label = name.toUpperCase().padEnd(5);
    return (message) => {
      const line = `${logStamp(wallMs())} ${label} ${id}: ${message}`;
      for (const sink of sinks) sink.write(line);
    };
  };
  return Object.freeze({ debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') });
}
