/**
 * A command with HALAB_DIR alone in its environment (a script, not a lab's shell) runs on the lab's first host. On a
 * lab's host, the configuration is the lab's where none is named, as Hadoop's script falls back on its installation's.
 */
export async function enterLab(env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const has = (name: string): boolean => (env[name] ?? '') !== '';
  const onHost = has('HALAB_HOST');
  if (!has('HALAB_DIR') || (onHost && has('HADOOP_CONF_DIR'))) return;
  const [{ openLab }, { hostEnvironment }] = await Promise.all([
    import('../cluster/lab.js'),
    import('../cluster/environment.js'),
  ]);
  const lab = openLab({ dir: env['HALAB_DIR']!, name: undefined });
  const all = hostEnvironment(lab, onHost ? env['HALAB_HOST']! : lab.plan.hosts[0]!.name);
  for (const [name, value] of Object.entries(all)) {
    // A configuration that was asked for stays asked for.
    if (name === 'HADOOP_CONF_DIR' ? !has(name) : !onHost) env[name] = value;
  }
}
