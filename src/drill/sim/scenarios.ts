/** The scenarios by name. */
import type { Scenario, ScenarioName } from './scenario.js';
import { haScenario } from './ha-scenario.js';
import { qjmScenario } from './qjm-scenario.js';
import { zkScenario } from './zk-scenario.js';

export const SCENARIOS: Readonly<Record<ScenarioName, Scenario>> = { zk: zkScenario, qjm: qjmScenario, ha: haScenario };
