/**
 * What the lab writes for its hosts in place of the user's files: a zoo.cfg where there is none, and, where hosts share
 * one address, the whole configuration with every host:port replaced. Nothing is written where each host has an address
 * of its own and files that do.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { zooFileFor } from '../config/ensemble.js';
import { configurationOf, type LoadedConfiguration } from '../config/hadoop/load.js';
import { envFilesIn } from '../config/zoo.js';
import type { Described } from './draft.js';
import { hostOf, type Lab } from './plan.js';
import { hostSettings, siteFiles, zooText } from './render.js';
import { hostConf } from './state-dir.js';

export function renderHosts(lab: Lab, described: Described): void {
  const { ensemble } = described;
  for (const host of lab.plan.hosts) {
    const zoo = zooFileFor(ensemble, host.name);
    const files: (readonly [string, string])[] = [];
    if (host.portShift !== 0) {
      files.push(...siteFiles(hostSettings(lab, host, described)));
      if (zoo !== undefined) {
        files.push(['zoo.cfg', zooText(lab, zoo, host)]);
        // What a server reads beside zoo.cfg has to lie beside this one too.
        for (const file of envFilesIn(dirname(zoo.file))) files.push([basename(file), readFileSync(file, 'utf8')]);
      }
    } else if (ensemble.written !== undefined) {
      files.push(['zoo.cfg', ensemble.written]);
    }
    const directory = hostConf(lab.dir, host.name);
    if (files.length > 0) mkdirSync(directory, { recursive: true });
    for (const [name, text] of files) writeFileSync(join(directory, name), text);
  }
}

/** The configuration as a role on this host reads it, without reading it again. */
export function configurationOn(lab: Lab, hostName: string, described: Described): LoadedConfiguration {
  const host = hostOf(lab.plan, hostName);
  if (host.portShift === 0) return described.cluster.conf;
  return configurationOf(Object.fromEntries(hostSettings(lab, host, described)), hostConf(lab.dir, host.name));
}
