import type { Platform } from './platform-rows.ts';
import { pngGradient } from './small-files.ts';
import { day, instant, type DemoRow, type DemoWorld, type Reference } from './world.ts';

/** Who owns a row and who made and last changed it, and when. */
export function authorship(
  world: DemoWorld,
  platform: Platform,
  after?: number,
): { owner: Reference; createdMs: number; values: Record<string, Reference | string> } {
  const createdMs = world.momentMs(after);
  const owner = world.chance(0.1) ? platform.team : world.pick(platform.sellers);
  const creator = world.chance(0.2) ? platform.importer : world.pick(platform.sellers);
  const changer = world.chance(0.15) ? platform.importer : creator;
  return {
    owner,
    createdMs,
    values: {
      ownerid: owner,
      createdon: instant(createdMs),
      createdby: creator,
      modifiedon: instant(world.momentMs(createdMs)),
      modifiedby: changer,
    },
  };
}

/** Companies in small trees; two bear the same name, some are inactive. */
export function addCompanies(world: DemoWorld, platform: Platform): DemoRow[] {
  const companies: DemoRow[] = [];
  const count = world.count(40);
  for (let at = 0; at < count; at++) {
    const parent =
      at > 5 && world.chance(0.3) ? world.pick(companies.slice(0, Math.ceil(at / 2))) : undefined;
    const twin = at % 19 === 7 ? companies.at(-3) : undefined;
    companies.push(addCompany(world, platform, at, parent, twin?.name));
  }
  return companies;
}

function addCompany(
  world: DemoWorld,
  platform: Platform,
  at: number,
  parent: DemoRow | undefined,
  sameName: string | undefined,
): DemoRow {
  const { faker } = world;
  const { owner, createdMs, values } = authorship(world, platform, parent?.createdMs);
  const name = sameName ?? companyName(world);
  const currency = world.chance(0.25) ? platform.dollar : platform.euro;
  const inactive = world.chance(0.08);
  const domain = `${faker.internet.domainWord()}.example`;
  const row = world.add(
    'account',
    {
      ...values,
      name,
      accountnumber: `A-${String(10_000 + at)}`,
      parentaccountid: parent && { table: 'account', id: parent.id },
      transactioncurrencyid: currency,
      telephone1: faker.phone.number(),
      telephone2: world.maybe(0.2, () => faker.phone.number()),
      fax: world.maybe(0.1, () => faker.phone.number()),
      emailaddress1: world.maybe(0.8, () => `info@${domain}`),
      websiteurl: world.maybe(0.7, () => `https://www.${domain}/`),
      revenue: world.maybe(0.6, () => world.amount(50_000, 90_000_000)),
      creditlimit: world.maybe(0.3, () => world.amount(1_000, 200_000)),
      creditonhold: world.chance(0.05),
      numberofemployees: world.maybe(0.6, () => faker.number.int({ min: 1, max: 12_000 })),
      industrycode: world.maybe(0.7, () => faker.number.int({ min: 1, max: 33 })),
      customertypecode: world.maybe(0.6, () => world.pick([1, 3, 8, 9])),
      accountcategorycode: world.maybe(0.4, () => world.pick([1, 2])),
      donotbulkemail: world.chance(0.1),
      description: world.maybe(0.4, () => faker.lorem.paragraphs(2, '\r\n\r\n')),
      lastusedincampaign: world.maybe(0.2, () => instant(world.momentMs(createdMs))),
      ...addressOf(world),
      statecode: inactive ? 1 : 0,
      statuscode: inactive ? 2 : 1,
    },
    world.chance(0.15)
      ? {
          entityimage: {
            name: 'logo.png',
            mimeType: 'image/png',
            bytes: pngGradient(144, 144, [at * 7, at * 31, 120]),
          },
        }
      : undefined,
  );
  return { ...row, name, owner, createdMs };
}

function companyName(world: DemoWorld): string {
  const { faker } = world;
  return world.pick([
    () => faker.company.name(),
    () => `${faker.person.lastName()} & Söhne GmbH`,
    () => `${faker.location.city()} Energía, S.A.`,
    () => `${faker.company.name()} — ${faker.company.buzzNoun()}`,
  ])();
}

function addressOf(world: DemoWorld): Record<string, string | undefined> {
  const { faker } = world;
  return {
    address1_line1: faker.location.streetAddress(),
    address1_line2: world.maybe(0.15, () => faker.location.secondaryAddress()),
    address1_city: world.pick([faker.location.city(), 'Zürich', 'Malmö', 'Łódź', 'São Paulo']),
    address1_postalcode: faker.location.zipCode(),
    address1_stateorprovince: world.maybe(0.5, () => faker.location.state()),
    address1_country: faker.location.country(),
  };
}

/** People, most of them at a company. Each company's first becomes its primary contact: the two tables form a cycle. */
export function addPeople(world: DemoWorld, platform: Platform, companies: readonly DemoRow[]): DemoRow[] {
  const people: DemoRow[] = [];
  const primary = new Map<string, DemoRow>();
  const count = world.count(120);
  for (let at = 0; at < count; at++) {
    const company = world.chance(0.9) ? world.pick(companies) : undefined;
    const twin = at % 41 === 17 ? people.at(-5)?.name : undefined;
    const person = addPerson(world, platform, company, twin);
    people.push(person);
    if (company && !primary.has(company.id)) primary.set(company.id, person);
  }
  for (const [at, row] of world.rows.entries()) {
    const person = row.table === 'account' ? primary.get(row.id) : undefined;
    if (person)
      world.rows[at] = {
        ...row,
        values: { ...row.values, primarycontactid: { table: 'contact', id: person.id } },
      };
  }
  return people;
}

const FIRST_NAMES = ['Zoë', 'Łukasz', 'Åsa', 'José', '美咲', 'Ольга', 'Chloë', 'Ngọc', 'Jürgen', 'Aïcha'];

function addPerson(
  world: DemoWorld,
  platform: Platform,
  company: DemoRow | undefined,
  sameName: string | undefined,
): DemoRow {
  const { faker } = world;
  const { owner, createdMs, values } = authorship(world, platform, company?.createdMs);
  const twin = sameName?.split(' ');
  const firstname = twin?.[0] ?? (world.chance(0.2) ? world.pick(FIRST_NAMES) : faker.person.firstName());
  const lastname = twin?.slice(1).join(' ') ?? faker.person.lastName();
  const name = `${firstname} ${lastname}`;
  const inactive = world.chance(0.06);
  const row = world.add('contact', {
    ...values,
    firstname,
    lastname,
    fullname: name,
    parentcustomerid: company && { table: 'account', id: company.id },
    jobtitle: world.maybe(0.8, () => faker.person.jobTitle()),
    department: world.maybe(0.3, () => faker.commerce.department()),
    emailaddress1: world.maybe(0.9, () =>
      faker.internet.email({ firstName: 'p', lastName: lastname, provider: 'people.example' }).toLowerCase(),
    ),
    telephone1: world.maybe(0.5, () => faker.phone.number()),
    mobilephone: world.maybe(0.6, () => faker.phone.number()),
    birthdate: world.maybe(0.3, () => day(faker.date.birthdate({ refDate: world.nowMs }).getTime())),
    gendercode: world.maybe(0.3, () => world.pick([1, 2])),
    familystatuscode: world.maybe(0.2, () => world.pick([1, 2, 3, 4])),
    creditlimit: world.maybe(0.1, () => world.amount(100, 20_000)),
    transactioncurrencyid: platform.euro,
    donotemail: world.chance(0.1),
    donotphone: world.chance(0.1),
    preferredcontactmethodcode: 1,
    description: world.maybe(0.2, () => faker.lorem.sentences(3)),
    ...addressOf(world),
    statecode: inactive ? 1 : 0,
    statuscode: inactive ? 2 : 1,
  });
  return { ...row, name, owner, createdMs };
}
