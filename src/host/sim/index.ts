/** The seeded, virtual world and its hosts. */
export { createWorld, World, type RunEnd, type StampedTrace, type WorldObserver, type WorldOptions } from './world.js';
export type { Machine } from './machine.js';
export type { Instance, InstanceEnd, InstanceState } from './instance.js';
export type { LinkFaults } from './links.js';
export type { CommandResult, RunCommand } from './sim-host.js';
