import { setTimeout as sleep } from 'node:timers/promises';
import { type Azurite, startAzurite } from '../../test/support/azurite.ts';
import { openAzureWorkQueue, openMemoryWorkQueue, type HeldMessage, type WorkQueue } from './index.ts';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(async () => {
  await azurite.stop();
});

describe.each(['memory', 'azure'])('a work queue: %s', (kind) => {
  let queue: WorkQueue;
  let nowMs = 0;
  let made = 0;
  const pass = async (seconds: number) => {
    nowMs += seconds * 1000;
    if (kind === 'azure') await sleep(seconds * 1000);
  };
  beforeEach(async () => {
    made += 1;
    queue =
      kind === 'memory'
        ? openMemoryWorkQueue({ now: () => new Date(nowMs) })
        : await openAzureWorkQueue({ storage: azurite.connectionString, container: `work${made}` });
  });

  async function receive(holdSeconds: number): Promise<HeldMessage> {
    const message = await queue.receive(holdSeconds);
    if (message === null) throw new Error('there is a message');
    return message;
  }

  it('hands a message to one at a time, as it was sent', async () => {
    const text = JSON.stringify({ text: 'Ärger <&> "quoted" \u{1f600}' });
    await queue.send(text);
    const message = await receive(30);
    expect(message).toMatchObject({ text, timesReceived: 1 });
    expect(await queue.receive(30)).toBeNull();
    expect(await queue.count()).toBe(1);
    await message.remove();
    expect(await queue.count()).toBe(0);
  });

  it('hands it out again when its receiver vanished, and counts', async () => {
    await queue.send('work');
    const first = await receive(1);
    await pass(1.3);
    const second = await receive(30);
    expect(second).toMatchObject({ text: 'work', timesReceived: 2 });
    expect(await first.renew(30)).toBe('lost');
    await first.remove();
    expect(await second.renew(30)).toBe('renewed');
    await second.remove();
    expect(await queue.count()).toBe(0);
  });

  it('keeps back what is renewed, and gives back what is renewed for no time', async () => {
    await queue.send('work');
    const message = await receive(1);
    expect(await message.renew(30)).toBe('renewed');
    await pass(1.3);
    expect(await queue.receive(1)).toBeNull();
    expect(await message.renew(0)).toBe('renewed');
    await pass(0.1);
    expect(await receive(30)).toMatchObject({ timesReceived: 2 });
  });

  it('hands out what was delayed only then', async () => {
    await queue.send('later', 1);
    expect(await queue.receive(30)).toBeNull();
    await pass(1.3);
    expect(await receive(30)).toMatchObject({ text: 'later' });
  });

  it('keeps apart what is set aside', async () => {
    await queue.setAside('bad');
    expect(await queue.receive(30)).toBeNull();
    expect(await queue.listAside()).toMatchObject([{ text: 'bad' }]);
    expect(await queue.listAside()).toHaveLength(1);
    await queue.clearAside();
    expect(await queue.listAside()).toEqual([]);
  });
});

it('nobody listening is said in our words', async () => {
  const storage = azurite.connectionString.replace(
    /QueueEndpoint=[^;]*/,
    'QueueEndpoint=http://127.0.0.1:9/rowback',
  );
  await expect(openAzureWorkQueue({ storage, container: 'nowhere', tries: 1 })).rejects.toMatchObject({
    code: 'storage-unreachable',
  });
});

it('an address that is none of blobs is refused', async () => {
  const opening = openAzureWorkQueue({ storage: 'https://storage.example', container: 'work' });
  await expect(opening).rejects.toMatchObject({ code: 'storage-malformed' });
});
