/** A command with HALAB_DIR alone in its environment (a script, not a lab's shell) runs on the lab's first host. */
export async function enterLab(env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const dir = env['HALAB_DIR'];
  if (dir === undefined || dir === '' || (env['HALAB_HOST'] ?? '') !== '') return;
  const [{ openLab }, { hostEnvironment }] = await Promise.all([
    import('../cluster/lab.js'),
    import('../cluster/environment.js'),
  ]);
  const lab = openLab({ dir, name: undefined });
  for (const [name, value] of Object.entries(hostEnvironment(lab, lab.plan.hosts[0]!.name))) {
    // A configuration that was asked for stays asked for.
    if (name !== 'HADOOP_CONF_DIR' || env[name] === undefined) env[name] = value;
  }
}
