/** Node on a real machine as a Host. */
export { createLiveHost, type LiveHost, type LiveHostOptions } from './live-host.js';
export { exitCodeOfChild } from './exec.js';
export { LOG_LEVELS, type LogLevel } from './log.js';
export { processStartTicks } from './lock-file.js';
