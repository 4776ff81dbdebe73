import { authorship } from './companies.ts';
import type { Platform } from './platform-rows.ts';
import { day, instant, money, type DemoRow, type DemoWorld, type Reference } from './world.ts';

interface Product extends Reference {
  readonly name: string;
  readonly cents: number;
}

interface Catalogue {
  readonly products: readonly Product[];
  readonly unit: Reference;
  readonly priceLists: ReadonlyMap<string, Reference>;
}

/** Unit group, products and one price list for each currency. */
export function addCatalogue(world: DemoWorld, platform: Platform): Catalogue {
  const schedule = world.add('uomschedule', { name: 'Default unit', baseuomname: 'Piece' });
  const unit = world.add('uom', {
    name: 'Piece',
    uomscheduleid: schedule,
    quantity: '1.0000000000',
    isschedulebaseuom: true,
  });
  world.add('uom', {
    name: 'Dozen',
    uomscheduleid: schedule,
    baseuom: unit,
    quantity: '12.0000000000',
    isschedulebaseuom: false,
  });
  const products = Array.from({ length: world.count(12) }, (_, at): Product => {
    const cents = world.faker.number.int({ min: 1_500, max: 900_000 });
    const name = `${world.faker.commerce.productName()} ${at + 1}`;
    const row = world.add('product', {
      name,
      productnumber: `P-${String(at + 1).padStart(4, '0')}`,
      defaultuomid: unit,
      defaultuomscheduleid: schedule,
      transactioncurrencyid: platform.euro,
      price: money(cents),
      quantitydecimal: 2,
      productstructure: 1,
      description: world.maybe(0.5, () => world.faker.commerce.productDescription()),
      statecode: at === 1 ? 1 : 0,
      statuscode: at === 1 ? 2 : 1,
    });
    return { ...row, name, cents };
  });
  const priceLists = new Map(
    [platform.euro, platform.dollar].map((currency) => [
      currency.id,
      addPriceList(world, currency, unit, products),
    ]),
  );
  return { products, unit, priceLists };
}

function addPriceList(
  world: DemoWorld,
  currency: Reference,
  unit: Reference,
  products: readonly Product[],
): Reference {
  const list = world.add('pricelevel', {
    name: `List price ${currency.id.slice(0, 4)}`,
    transactioncurrencyid: currency,
    begindate: instant(world.nowMs - 400 * 86_400_000),
    statecode: 0,
    statuscode: 100_001,
  });
  for (const product of products) {
    world.add('productpricelevel', {
      pricelevelid: list,
      productid: { table: 'product', id: product.id },
      uomid: unit,
      amount: money(product.cents),
      transactioncurrencyid: currency,
      pricingmethodcode: 1,
      quantitysellingcode: 1,
      roundingpolicycode: 1,
      roundingoptioncode: 1,
    });
  }
  return list;
}

/** Open, won and lost; totals agree with the lines. */
export function addOpportunities(
  world: DemoWorld,
  platform: Platform,
  companies: readonly DemoRow[],
  people: readonly DemoRow[],
): DemoRow[] {
  const catalogue = addCatalogue(world, platform);
  const competitors = Array.from({ length: 3 }, () =>
    world.add('competitor', { name: world.faker.company.name(), transactioncurrencyid: platform.euro }),
  );
  return Array.from({ length: world.count(45) }, () => {
    const opportunity = addOpportunity(world, platform, catalogue, world.pick(companies), world.pick(people));
    if (world.chance(0.2))
      world.link('opportunitycompetitors_association', opportunity, world.pick(competitors));
    if (world.chance(0.1)) addQuote(world, platform, catalogue, opportunity, world.pick(companies));
    return opportunity;
  });
}

const OUTCOMES = [
  { state: 0, status: 1 },
  { state: 0, status: 1 },
  { state: 0, status: 2 },
  { state: 1, status: 3 },
  { state: 2, status: 4 },
] as const;

function addOpportunity(
  world: DemoWorld,
  platform: Platform,
  catalogue: Catalogue,
  company: DemoRow,
  person: DemoRow,
): DemoRow {
  const { owner, createdMs, values } = authorship(
    world,
    platform,
    Math.max(company.createdMs, person.createdMs),
  );
  const currency = world.chance(0.25) ? platform.dollar : platform.euro;
  const lines = linesOf(world, catalogue);
  const total = money(lines.reduce((sum, line) => sum + line.cents, 0));
  const { state, status } = world.pick(OUTCOMES);
  const name = `${company.name}: ${lines[0]?.product.name ?? 'open enquiry'}`;
  const closed =
    state === 0
      ? {}
      : { actualclosedate: day(world.momentMs(createdMs)), actualvalue: state === 1 ? total : '0.0000' };
  const row = world.add('opportunity', {
    ...values,
    name: name.slice(0, 300),
    customerid: { table: 'account', id: company.id },
    parentaccountid: { table: 'account', id: company.id },
    parentcontactid: world.maybe(0.7, () => ({ table: 'contact', id: person.id })),
    transactioncurrencyid: currency,
    pricelevelid: catalogue.priceLists.get(currency.id),
    estimatedclosedate: day(createdMs + 90 * 86_400_000),
    estimatedvalue: total,
    closeprobability: world.maybe(0.7, () => world.pick([10, 25, 50, 75, 90])),
    opportunityratingcode: world.pick([1, 2, 3]),
    prioritycode: 1,
    isrevenuesystemcalculated: lines.length > 0,
    totallineitemamount: total,
    totalamountlessfreight: total,
    totalamount: total,
    totaltax: '0.0000',
    totaldiscountamount: '0.0000',
    description: world.maybe(0.5, () => world.faker.lorem.paragraph()),
    statecode: state,
    statuscode: status,
    ...closed,
  });
  for (const [at, line] of lines.entries())
    addLine(world, catalogue, 'opportunityproduct', { opportunityid: row }, currency, line, at);
  return { ...row, name, owner, createdMs };
}

interface Line {
  readonly product: Product;
  readonly quantity: number;
  readonly cents: number;
}

function linesOf(world: DemoWorld, catalogue: Catalogue): Line[] {
  return world.some(catalogue.products, world.pick([0, 1, 2, 3, 4])).map((product) => {
    const quantity = world.faker.number.int({ min: 1, max: 40 });
    return { product, quantity, cents: product.cents * quantity };
  });
}

function addLine(
  world: DemoWorld,
  catalogue: Catalogue,
  table: string,
  parent: Record<string, Reference>,
  currency: Reference,
  line: Line,
  at: number,
): void {
  const extended = money(line.cents);
  world.add(table, {
    ...parent,
    productid: { table: 'product', id: line.product.id },
    uomid: catalogue.unit,
    transactioncurrencyid: currency,
    [`${table}name`]: line.product.name,
    quantity: `${line.quantity}.0000000000`,
    priceperunit: money(line.product.cents),
    baseamount: extended,
    extendedamount: extended,
    ispriceoverridden: false,
    isproductoverridden: false,
    producttypecode: 1,
    lineitemnumber: at + 1,
  });
}

const QUOTE_STATES = [
  [0, 1],
  [1, 3],
  [2, 4],
  [3, 5],
] as const;

function addQuote(
  world: DemoWorld,
  platform: Platform,
  catalogue: Catalogue,
  opportunity: DemoRow,
  company: DemoRow,
): void {
  const { createdMs, values } = authorship(world, platform, opportunity.createdMs);
  const lines = linesOf(world, catalogue);
  const total = money(lines.reduce((sum, line) => sum + line.cents, 0));
  const [state, status] = world.pick(QUOTE_STATES);
  const quote = world.add('quote', {
    ...values,
    name: `Quote for ${opportunity.name}`.slice(0, 300),
    quotenumber: `QUO-${world.faker.number.int({ min: 1000, max: 9999 })}`,
    revisionnumber: 0,
    opportunityid: { table: 'opportunity', id: opportunity.id },
    customerid: { table: 'account', id: company.id },
    transactioncurrencyid: platform.euro,
    pricelevelid: catalogue.priceLists.get(platform.euro.id),
    effectivefrom: instant(createdMs),
    totallineitemamount: total,
    totalamount: total,
    statecode: state,
    statuscode: status,
  });
  for (const [at, line] of lines.entries())
    addLine(world, catalogue, 'quotedetail', { quoteid: quote }, platform.euro, line, at);
}

/** Leads, some qualified, some linked to people and companies that came of them. */
export function addLeads(world: DemoWorld, platform: Platform, people: readonly DemoRow[]): DemoRow[] {
  return Array.from({ length: world.count(18) }, () => {
    const { faker } = world;
    const { owner, createdMs, values } = authorship(world, platform);
    const [state, status] = world.pick([
      [0, 1],
      [0, 2],
      [1, 3],
      [2, 4],
    ] as const);
    const firstname = faker.person.firstName();
    const lastname = faker.person.lastName();
    const row = world.add('lead', {
      ...values,
      subject: `Interest in ${faker.commerce.product().toLowerCase()}`,
      firstname,
      lastname,
      fullname: `${firstname} ${lastname}`,
      companyname: world.maybe(0.8, () => faker.company.name()),
      emailaddress1: world.maybe(0.7, () => `lead-${faker.string.alphanumeric(6)}@people.example`),
      telephone1: world.maybe(0.5, () => faker.phone.number()),
      leadsourcecode: world.maybe(0.6, () => world.pick([1, 2, 8])),
      leadqualitycode: world.pick([1, 2, 3]),
      estimatedamount: world.maybe(0.3, () => world.amount(500, 60_000)),
      transactioncurrencyid: platform.euro,
      estimatedclosedate: world.maybe(0.4, () => day(createdMs + 60 * 86_400_000)),
      statecode: state,
      statuscode: status,
    });
    if (state === 1) world.link('contactleads_association', world.pick(people), row);
    return { ...row, name: `${firstname} ${lastname}`, owner, createdMs };
  });
}

/** A static list with its members, and a campaign. */
export function addMarketing(world: DemoWorld, platform: Platform, people: readonly DemoRow[]): void {
  const { values } = authorship(world, platform);
  world.add('campaign', {
    ...values,
    name: 'Autumn fairs',
    codename: 'CMP-01001',
    istemplate: false,
    typecode: 1,
    transactioncurrencyid: platform.euro,
    statecode: 0,
    statuscode: 2,
  });
  const list = world.add('list', {
    ...values,
    listname: 'Newsletter subscribers',
    type: false,
    createdfromcode: 2,
    membertype: 2,
    lockstatus: false,
    statecode: 0,
    statuscode: 0,
  });
  for (const person of world.some(people, world.count(20))) {
    world.add('listmember', {
      listid: list,
      entityid: { table: 'contact', id: person.id },
      entitytype: 'contact',
      name: person.name,
      createdon: instant(world.momentMs(person.createdMs)),
    });
  }
}
