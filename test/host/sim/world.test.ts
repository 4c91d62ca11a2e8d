import { expect, test } from 'vitest';
import type { Host, Stream } from '../../../src/host/host.js';
import { createWorld, type World } from '../../../src/host/sim/index.js';

function twoMachines(seed = 1): World {
  const world = createWorld({ seed });
  world.addMachine('m1', '127.0.0.1');
  world.addMachine('m2', '127.0.0.2');
  return world;
}

/** A server on m2 that answers every byte with the same byte; a client on m1 that notes what happens. */
function echo(world: World): {
  notes: string[];
  server: () => ReturnType<typeof launchServer>;
  stream: () => Stream;
  connect: (timeoutMs?: number) => void;
} {
  const notes: string[] = [];
  const note = (text: string): void => void notes.push(text);
  let server = launchServer(world);
  let client!: Host;
  let stream!: Stream;
  world.machine('m1').launch('client', (host) => {
    client = host;
  });
  return {
    notes,
    server: () => (server = server.dead ? launchServer(world) : server),
    stream: () => stream,
    connect: (timeoutMs = 5000) => {
      stream = client.net.connect(
        { host: 'm2', port: 7 },
        { timeoutMs },
        {
          onOpen: () => note('open'),
          onData: (chunk) => note(`data ${chunk.toString()}`),
          onClose: (error) => note(`close ${(error as { code?: string } | undefined)?.code ?? 'ok'}`),
        },
      );
    },
  };
}

function launchServer(world: World) {
  return world.machine('m2').launch('server', (host) =>
    host.net.listen({ host: 'm2', port: 7 }, (stream) => ({
      onData: (chunk) => stream.write(chunk),
      onClose: () => {},
    })),
  );
}

const until = (world: World, ms: number): Promise<unknown> => world.run({ untilMs: world.nowMs + ms });

test('timers and soon: in order, never inside the call, gone when cancelled', async () => {
  const world = twoMachines();
  const order: string[] = [];
  world.machine('m1').launch('a', (host) => {
    host.clock.after(10, () => order.push('ten'));
    host.clock.after(5, () => {
      order.push('five');
      host.clock.soon(() => order.push('soon'));
      order.push('after soon');
    });
    host.clock.after(7, () => order.push('never')).cancel();
    let ticks = 0;
    const every = host.clock.every(20, () => {
      order.push(`tick ${host.clock.nowMs() > 20}`);
      if (++ticks === 2) every.cancel();
    });
  });
  expect(await world.run({})).toBe('idle');
  expect(order).toEqual(['five', 'after soon', 'soon', 'ten', 'tick true', 'tick true']);
});

test('promises settle before the next event', async () => {
  const world = twoMachines();
  const order: string[] = [];
  world.machine('m1').launch('a', async (host) => {
    host.clock.after(0, () => order.push('event'));
    for (let i = 0; i < 100; i++) await Promise.resolve();
    order.push('awaited');
  });
  await world.run({});
  expect(order).toEqual(['awaited', 'event']);
});

test('a stream keeps its order whatever the pieces, holds the sender back, and ends in order', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const world = twoMachines(seed);
    const received: Buffer[] = [];
    const calls: string[] = [];
    world.machine('m2').launch('server', (host) =>
      host.net.listen({ host: '0.0.0.0', port: 7 }, (stream) => ({
        onData: (chunk) => {
          received.push(chunk);
          if (host.random.below(4) === 0) {
            stream.pause();
            host.clock.after(3, () => stream.resume());
          }
        },
        onClose: (error) => calls.push(`server ${error === undefined}`),
      })),
    );
    const sent: Buffer[] = [];
    let most = 0;
    world.machine('m1').launch('client', (host) => {
      host.clock.after(50, () => {
        let left = 300;
        const stream = host.net.connect(
          { host: 'm2', port: 7 },
          { timeoutMs: 100 },
          {
            onOpen: fill,
            onDrain: () => {
              calls.push('drain');
              fill();
            },
            onData: () => {},
            onClose: (error) => calls.push(`client ${error === undefined}`),
          },
        );
        function fill(): void {
          while (left > 0 && stream.queuedBytes < 1024 * 1024) {
            const bytes = Buffer.alloc(1 + host.random.below(40_000), left--);
            sent.push(bytes);
            stream.write(bytes);
            most = Math.max(most, stream.queuedBytes);
          }
          if (left === 0) stream.end();
        }
      });
    });
    await until(world, 20_000);
    expect(Buffer.concat(received).equals(Buffer.concat(sent))).toBe(true);
    expect(most).toBeGreaterThan(1024 * 1024);
    expect(calls.filter((call) => call === 'drain').length).toBeGreaterThan(2);
    expect(calls.slice(-2).sort()).toEqual(['client true', 'server true']);
  }
});

test('a killed process: its peers see an end or a reset, its port refuses', async () => {
  const world = twoMachines();
  const { notes, server, connect, stream } = echo(world);
  await until(world, 10);
  connect();
  await until(world, 50);
  stream().write(Buffer.from('a'));
  await until(world, 50);
  expect(notes).toEqual(['open', 'data a']);
  server().kill();
  await until(world, 50);
  expect(notes[2]).toMatch(/^close (ok|CONNECTION_RESET)$/);
  connect();
  await until(world, 50);
  expect(notes[3]).toBe('close CONNECT_REFUSED');
  server();
  await until(world, 50);
  connect();
  await until(world, 50);
  expect(notes[4]).toBe('open');
});

test('a partition stalls bytes and connections; healed, the bytes go on', async () => {
  const world = twoMachines();
  const { notes, connect, stream } = echo(world);
  await until(world, 10);
  connect();
  await until(world, 50);
  world.partition('m1', 'm2');
  stream().write(Buffer.from('a'));
  stream().write(Buffer.from('b'));
  await until(world, 60_000);
  expect(notes).toEqual(['open']);
  const first = stream();
  connect(3000);
  await until(world, 4000);
  expect(notes).toEqual(['open', 'close CONNECT_TIMEOUT']);
  world.healAll();
  await until(world, 5000);
  expect(notes.slice(2).join('').replaceAll('data ', '')).toBe('ab');
  first.destroy();
  // One way only: what is sent arrives, the answer does not.
  connect();
  await until(world, 50);
  world.links.between('m2', 'm1').cut();
  const seen = notes.length;
  stream().write(Buffer.from('c'));
  await until(world, 10_000);
  expect(notes.slice(seen)).toEqual([]);
  world.healAll();
  await until(world, 5000);
  expect(notes.slice(seen)).toEqual(['data c']);
});

test('a paused process handles nothing, yet its port accepts and its sockets buffer', async () => {
  const world = twoMachines();
  const { notes, server, connect, stream } = echo(world);
  await until(world, 10);
  const instance = server();
  instance.pause();
  connect();
  await until(world, 1000);
  expect(notes).toEqual(['open']);
  stream().write(Buffer.from('a'));
  await until(world, 10_000);
  expect(notes).toEqual(['open']);
  instance.resume();
  await until(world, 50);
  expect(notes).toEqual(['open', 'data a']);
});

test('a machine without power is silent, and resets what it no longer knows once it is back', async () => {
  const world = twoMachines();
  const { notes, connect, stream } = echo(world);
  await until(world, 10);
  connect();
  await until(world, 50);
  world.machine('m2').powerOff();
  stream().write(Buffer.from('a'));
  await until(world, 30_000);
  expect(notes).toEqual(['open']);
  world.machine('m2').powerOn();
  await until(world, 5000);
  expect(notes).toEqual(['open', 'close CONNECTION_RESET']);
});

test('a dead process never runs again, and its promises never settle', async () => {
  const world = twoMachines();
  const ran: string[] = [];
  const ends: string[] = [];
  world.observe({ onEnd: (instance, end) => ends.push(`${instance.id} ${end.how} ${end.code}`) });
  const instance = world.machine('m1').launch('a', async (host) => {
    host.clock.every(10, () => ran.push('tick'));
    await host.disk.writeFile('/x', Buffer.from('x'));
    ran.push('written');
    await new Promise<void>((done) => void host.clock.after(1000, done));
    ran.push('too late');
  });
  await until(world, 100);
  instance.kill();
  const count = ran.length;
  await until(world, 10_000);
  expect(ran.length).toBe(count);
  expect(ran).toContain('written');
  world.machine('m1').launch('b', (host) => host.exit(4, 'done'));
  world.machine('m1').launch(
    'c',
    (host) =>
      void host.clock.after(1, () => {
        throw new Error('a bug');
      }),
  );
  world.machine('m1').launch('d', async () => {
    throw new Error('bad configuration');
  });
  await until(world, 100);
  expect(ends.sort()).toEqual(['a kill 137', 'b exit 4', 'c crash 1', 'd exit 1']);
});

test('the same seed gives the same run', async () => {
  const digests = async (seed: number): Promise<string> => {
    const world = twoMachines(seed);
    launchServer(world);
    for (let i = 0; i < 5; i++) {
      world.machine('m1').launch(`c${i}`, (host) => {
        const stream = host.net.connect(
          { host: 'm2', port: 7 },
          { timeoutMs: 100 },
          {
            onData: (chunk) => {
              host.emit({ type: 'ActivationRequested', target: `${chunk.toString()} at ${host.clock.nowMs()}` });
            },
            onClose: (error) => host.emit({ type: 'QuorumLost', reason: String(error) }),
          },
        );
        host.clock.every(7, () => stream.write(Buffer.from(String(host.random.below(1000)))));
      });
    }
    world.at(500, () => world.partition('m1', 'm2'));
    world.at(900, () => world.healAll());
    world.at(1500, () => world.machine('m2').powerOff());
    await world.run({ untilMs: 3000 });
    return world.digest();
  };
  expect(await digests(7)).toBe(await digests(7));
  expect(await digests(7)).not.toBe(await digests(8));
});

test('a rest of a rounding error as a delay does not stop the time; going round in a circle is told', async () => {
  const world = twoMachines();
  let ticks = 0;
  world.machine('m1').launch('a', (host) => {
    const again = (): void => {
      ticks++;
      host.clock.after(1e-13, again);
    };
    again();
  });
  await until(world, 1000);
  expect(world.nowMs).toBe(1000);
  expect(ticks).toBeLessThan(1100);
  world.machine('m1').launch('b', (host) => {
    const again = (): void => host.clock.soon(again);
    again();
  });
  await expect(until(world, 1000)).rejects.toMatchObject({ code: 'LIVELOCK' });
});

test('some hundred thousand events a second', async () => {
  const world = twoMachines();
  world.machine('m1').launch('a', (host) => {
    for (let i = 0; i < 100; i++) host.clock.every(1, () => {});
  });
  const started = process.hrtime.bigint();
  await world.run({ untilMs: 2000 });
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  expect(world.eventCount / seconds).toBeGreaterThan(50_000);
});
