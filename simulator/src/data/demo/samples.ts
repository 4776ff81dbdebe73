import type { SeedRow } from '../../model/seed.ts';
import { authorship } from './companies.ts';
import { EVENT, EVENT_CONTACTS, KINDS, SAMPLE, USES } from './demo-schema.ts';
import type { Platform } from './platform-rows.ts';
import { pdfPage, pngGradient } from './small-files.ts';
import { day, instant, type DemoRow, type DemoWorld, type Reference } from './world.ts';

/** Text that breaks careless code: every one is a value that the service accepts. */
export const TRICKY_TEXTS: readonly string[] = [
  'Zoë Größe — “quoted” ‹x›',
  'family 👨‍👩‍👧 and astronaut 👩🏽‍🚀',
  'line one\r\nline two\n\tindented\ttabs\rlone return',
  ' leading and trailing ',
  `it's "quoted" & <b>tagged</b> \\ back/slash %41 + ?a=b#c`,
  '{"json": [1, null, "x"]}',
  '=SUM(A1:A9)',
  '0123',
  'null',
  'שלום عالم 漢字 ไทย',
  'e\u0301 is not \u00e9',
  '𝔘𝔫𝔦𝔠𝔬𝔡𝔢 \u00a0nbsp\u200bzero\u2028line\ufeffmark',
  'İstanbul ẞ ﬁ',
  '1e309',
  '2024-02-30',
];

const BIG_NUMBERS = [
  '9007199254740993',
  '-9223372036854775808',
  '9223372036854775807',
  '638751518483842799',
  '0',
];
const DECIMALS = [
  '0.0000000001',
  '-99999999999.9999999999',
  '12345678901.1234567890',
  '1.1000000000',
  '0.0000000000',
];
const DOUBLES = [0.1, -1.5, 12345.67891, 1e-5, 99999999999];

interface Neighbours {
  readonly companies: readonly DemoRow[];
  readonly people: readonly DemoRow[];
  readonly opportunities: readonly DemoRow[];
}

/** Rows of the table with every kind of column. The first ones fill everything, the last hold almost nothing. */
export function addSamples(world: DemoWorld, platform: Platform, neighbours: Neighbours): DemoRow[] {
  const samples: DemoRow[] = [];
  const count = world.count(40);
  for (let at = 0; at < count; at++) {
    const fill = at < TRICKY_TEXTS.length ? 1 : at > count - 4 ? 0 : 0.6;
    samples.push(
      addSample(world, platform, neighbours, {
        at,
        fill,
        parent: at > 3 && world.chance(0.4) ? samples[at % 4] : undefined,
      }),
    );
  }
  return samples;
}

interface SampleContext {
  readonly at: number;
  /** The share of columns that hold a value. */
  readonly fill: number;
  readonly parent: DemoRow | undefined;
}

function addSample(
  world: DemoWorld,
  platform: Platform,
  neighbours: Neighbours,
  { at, fill, parent }: SampleContext,
): DemoRow {
  const { owner, createdMs, values } = authorship(world, platform, parent?.createdMs);
  const name = fill === 1 ? `Sample ${at}: ${nth(TRICKY_TEXTS, at)}` : `Sample ${at}`;
  const [state, status] = world.pick([
    [0, 1],
    [0, 100_000_000],
    [1, 2],
    [1, 100_000_001],
  ] as const);
  const reference = (row: DemoRow): Reference => ({ table: row.table, id: row.id });
  const row = world.add(
    SAMPLE,
    {
      ...values,
      demo_name: name.slice(0, 200),
      demo_code: `SMP-${String(1000 + at).padStart(5, '0')}`,
      demo_email: world.maybe(fill, () => `sample${at}@people.example`),
      demo_website: world.maybe(fill, () => `https://samples.example/${at}?ä=ö&x=%20`),
      demo_phone: world.maybe(fill, () => world.faker.phone.number()),
      demo_notes: world.maybe(
        fill,
        () => `${nth(TRICKY_TEXTS, at)}\r\n${world.faker.lorem.paragraphs(at === 0 ? 40 : 2)}`,
      ),
      demo_count: world.maybe(fill, () => world.pick([0, -1, 2_147_483_647, -2_147_483_648, 42])),
      demo_minutes: world.maybe(fill, () => world.pick([0, 15, 90, 1440])),
      demo_big: world.maybe(fill, () => nth(BIG_NUMBERS, at)),
      demo_decimal: world.maybe(fill, () => nth(DECIMALS, at)),
      demo_double: world.maybe(fill, () => nth(DOUBLES, at)),
      demo_price: world.maybe(fill, () => world.amount(-1000, 900_000)),
      transactioncurrencyid: world.chance(0.3) ? platform.dollar : platform.euro,
      demo_approved: world.maybe(fill, () => world.chance(0.5)),
      demo_kind: world.maybe(fill, () => world.pick(KINDS).value),
      demo_uses: world.maybe(fill, () =>
        world
          .some(USES, 1 + (at % 3))
          .map((use) => use.value)
          .sort()
          .join(','),
      ),
      demo_tested: world.maybe(fill, () => instant(world.momentMs(createdMs))),
      demo_birthday: world.maybe(fill, () => (at === 2 ? '1753-01-01' : day(world.momentMs()))),
      demo_opens: world.maybe(fill, () => (at === 1 ? '2025-03-30T02:30:00Z' : instant(world.momentMs()))),
      demo_accountid: world.maybe(fill, () => reference(world.pick(neighbours.companies))),
      demo_customer: world.maybe(fill, () =>
        reference(world.pick(at % 2 ? neighbours.companies : neighbours.people)),
      ),
      demo_related: world.maybe(fill, () =>
        reference(
          world.pick(
            [neighbours.opportunities, neighbours.people, neighbours.companies][at % 3] ?? neighbours.people,
          ),
        ),
      ),
      demo_parentid: parent && reference(parent),
      demo_secret: world.maybe(fill, () => `secret ${world.faker.string.alphanumeric(10)}`),
      demo_margin: world.maybe(fill, () => `0.${world.faker.string.numeric(4)}`),
      demo_children: at < 4 ? world.faker.number.int({ min: 0, max: 9 }) : 0,
      demo_children_date: instant(world.nowMs - 3_600_000),
      demo_children_state: 1,
      demo_label: `SMP-${1000 + at} / ${[...name].slice(0, 20).join('')}`,
      statecode: state,
      statuscode: status,
    },
    filesOf(at, fill, name),
  );
  return { ...row, name, owner, createdMs };
}

function filesOf(at: number, fill: number, name: string): SeedRow['files'] {
  if (fill === 0) return {};
  const files: Record<string, NonNullable<SeedRow['files']>[string]> = {};
  // Larger than the thumbnail, so that a thumbnail is not the picture.
  if (at % 2 === 0)
    files['demo_photo'] = {
      name: 'photo.png',
      mimeType: 'image/png',
      bytes: pngGradient(320, 200, [at * 11, 40, 90]),
    };
  if (at % 3 === 0)
    files['demo_drawing'] = {
      name: 'drawing.png',
      mimeType: 'image/png',
      bytes: pngGradient(100, 100, [200, at * 5, 10]),
    };
  if (at % 2 === 1)
    files['demo_document'] = {
      name: at % 4 === 1 ? `Prüfbericht ${at}.pdf` : `report-${at}.pdf`,
      mimeType: 'application/pdf',
      bytes: pdfPage(name),
    };
  return files;
}

function nth<T>(list: readonly T[], at: number): T {
  const item = list[at % list.length];
  if (item === undefined) throw new Error('The list is empty');
  return item;
}

/** Events of nobody in particular, and who goes there: the many-to-many of the demo. */
export function addEvents(world: DemoWorld, people: readonly DemoRow[]): DemoRow[] {
  return ['Spring fair', 'Customer day', 'Sommerfest', 'Training A', 'Training B', 'Empty event'].map(
    (name, at) => {
      const createdMs = world.momentMs();
      const row = world.add(EVENT, {
        demo_name: name,
        demo_place: world.maybe(0.8, () => world.faker.location.city()),
        demo_day: day(world.momentMs()),
        createdon: instant(createdMs),
        statecode: at === 4 ? 1 : 0,
        statuscode: at === 4 ? 2 : 1,
      });
      const guests = at === 5 ? [] : world.some(people, world.count(7));
      for (const guest of guests) world.link(EVENT_CONTACTS, row, guest);
      return { ...row, name, owner: { table: 'organization', id: '' }, createdMs };
    },
  );
}
