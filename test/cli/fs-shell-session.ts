/**
 * What is typed at `hdfs dfs` in one session, on an empty namespace, and how it is written down: one transcript that
 * the lab's shell and Apache's must both give. NN1 is active, NN2 a standby.
 */
export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export const SESSION: readonly string[] = `
-ls /
-ls
-mkdir x
-mkdir -p x
-ls
-ls .
-ls ..
-mkdir rel
-ls rel x
-mkdir /a/
-mkdir /a
-mkdir -p /a
-mkdir /a//b/
-mkdir /n/b
-ls /a/
-ls /a//
-ls //a
-ls hdfs:///a
-ls hdfs:/a
-ls hdfs://
-ls hdfs://NS/a
-ls HDFS://NS/a
-ls hdfs://bob@NS/a
-ls hdfs://NS:8020/a
-ls hdfs://NS:9000/a
-mkdir hdfs://NS:9000/x
-ls hdfs://NS
-mkdir hdfs://NS
-ls hdfs://NN1/
-ls hdfs://NN1
-ls hdfs://bob@NN1/a
-ls hdfs://NN1/none
-ls hdfs://NN1/a hdfs://NN1/none /none
-ls hdfs://NN2/
-ls hdfs://NN2/none hdfs://NN1/none
-mkdir hdfs://NN2/x
-mkdir -p hdfs://NN2/x/y
-touchz hdfs://NN2/x
-rm hdfs://NN2/x
-rm -f hdfs://NN2/x
-rmdir hdfs://NN2/x
-mv hdfs://NN2/x hdfs://NN2/y
-mv /a hdfs://NN2/x
-test -e hdfs://NN2/x
-ls hdfs://NN2/x*
-mkdir hdfs://nosuch/x
-ls hdfs://nosuch/x
-touchz hdfs://nosuch/x
-rm hdfs://nosuch/x
-rm -f hdfs://nosuch/x
-rmdir hdfs://nosuch/x
-mv hdfs://nosuch/x /y
-mv /a hdfs://nosuch/x
-test -e hdfs://nosuch/x
-ls hdfs://nosuch:8020/x
-ls /a hdfs://nosuch/x
-ls hdfs://127.0.0.1:80210/
-ls hdfs://127.0.0.1:abc/
-ls viewfs://ns/x
-ls viewfs:///x
-ls file://host/x
-ls foo://x/y
-ls foo:///y
-ls foo:bar
-ls a:b
-ls /a:b
-mkdir /a:b
-touchz /a/b:c
-ls /.reserved
-ls -d /.reserved
-mkdir /.reserved
-mkdir -p /.reserved
-mkdir /.reserved/x
-mkdir /.reserved/.inodes
-touchz /.reserved
-rm /.reserved
-rm -r /.reserved
-rm -r /.reserved/raw
-rmdir /.reserved
-mv /.reserved /x
-test -e /.reserved
-test -d /.reserved
-ls /.reserved/raw/a
-ls /.reserved/.inodes
-ls -R /.reserved
-mkdir /with%20escape
-mkdir /a/../c
-mkdir /a/./d
-ls /a/..
-touchz /f1
-touchz /f1
-touchz /f1/
-touchz /none/f
-touchz hdfs://NN1/none/f
-touchz a/b/c
-touchz /a
-ls /f1
-ls /f1/
-ls /f1/x
-mkdir /f1/x
-mkdir /f1
-mkdir -p /f1
-mkdir -p /f1/x
-touchz /f1/x
-rm /a
-rm -r /a/b
-rmdir /f1
-rmdir /
-rm -r /
-rmdir /none
-rm /none
-rm -f /none
-mv /none /x
-mv /f1 /none/x
-mv /f1 /a
-touchz /f1
-mv /f1 /f1
-mv /f1 /a
-mv /a /a/b
-mv /a /a
-mv / /a
-mv /a/f1 /f1 /none
-mv /a/f1 /f1 /f1
-mv hdfs://NN1/a/f1 hdfs://NN1/f2
-mv hdfs://NN1/f2 /f3
-mv /f2 hdfs://NS/f3
-mv /c /c2/
-mv /none /f1 /f2
-mv /f2
-mv
-mkdir /g1 /g2 /g10 /g1/x /g2/y
-ls /g*
-ls -d /g*
-ls -d /g?
-ls -d /g{1,2}
-ls -d /g[12]
-ls -d /g[^1]
-ls -d /*/x
-ls -d /g*/*
-ls -d /{g1/x,g2/y}
-ls -d hdfs://NN1/g*
-ls -d hdfs:///g*
-ls -d r*
-ls /zz*
-ls /zz* /g1
-mkdir /zz*
-rm /zz*
-rm -f /zz*
-rmdir /zz*
-touchz /zz*
-test -e /zz*
-test -d /g1*
-mv /zz* /a
-mv /f1 /g*
-rm -r /g1*
-rm -r -f /g2 /nn
-ls -x /
-ls -d -R /a
-ls -C /
-ls -h /
-ls -q /
-ls -r /
-ls -S -r /
-ls -R -C /
-ls -R /a /c
-mkdir
-mkdir -p
-mkdir -x /q
-touchz
-rm
-rm -f
-rm -x
-rm /f1 hdfs://NS/f1
-rmdir
-rmdir --ignore-fail-on-non-empty /user
-rmdir --ignore-fail-on-non-empty /none
-rm -safely /none
-rm -skipTrash /none /nine
-test
-test -e
-test /a
-test -x /a
-test -e /a /b
-test -ez /a
-test -d /a
-test -f /f2
-test -z /f2
-test -s /f2
-test -w /a
-test -r /a
-test -r /none
foo
-foo
-usage nope
-help nope
-ls -
`
  .trim()
  .split('\n');

export interface Names {
  readonly nameservice: string;
  readonly nn1: string;
  readonly nn2: string;
  readonly user: string;
}

export function wordsOf(line: string, { nameservice, nn1, nn2 }: Names): string[] {
  return line.split(' ').map((word) => word.replace('NS', nameservice).replace('NN1', nn1).replace('NN2', nn2));
}

/** Without what differs from run to run, and without the usage, which tells what a shell has. */
export function transcript(outcomes: readonly Outcome[], { nameservice, nn1, nn2, user }: Names): string {
  const plain = (text: string): string =>
    text
      .replaceAll(nameservice, 'NS')
      .replaceAll(nn1, 'NN1')
      .replaceAll(nn2, 'NN2')
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d/g, 'DATE')
      .replaceAll(`/user/${user}`, '/user/USER')
      .replaceAll(`../${user}`, '../USER')
      .replaceAll(` ${user} `, ' USER ');
  const blocks = outcomes.map(({ code, out, err }, index) => {
    const lines = [`$ ${SESSION[index]}`];
    lines.push(...out.split('\n').filter((line) => line !== ''));
    for (const line of err.split('\n')) {
      if (/^Usage: /.test(line)) break;
      if (line !== '' && !/^(SLF4J|\tat |DATE|\d{4}-\d\d-\d\d )/.test(line)) lines.push(`! ${line}`);
    }
    if (code !== 0) lines.push(`exit ${code}`);
    return plain(lines.join('\n'));
  });
  return `${blocks.join('\n\n')}\n`;
}
