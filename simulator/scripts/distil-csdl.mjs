import { XMLParser } from 'fast-xml-parser';

const list = (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

/** The entity types and sets of a `$metadata` document, with the properties that a base activity type lends. */
export function readCsdl(text) {
  const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '', removeNSPrefix: true });
  const schema = parser.parse(text).Edmx.DataServices.Schema;
  const types = new Map(list(schema.EntityType).map((type) => [type.Name, type]));
  const sets = new Map(list(schema.EntityContainer.EntitySet).map((set) => [bare(set.EntityType), set.Name]));
  const entities = new Map();
  for (const [name, type] of types) entities.set(name, entityOf(type, types));
  return { entities, sets };
}

const bare = (typeName) => typeName.replace(/^Collection\(|\)$/g, '').replace(/^.*\./, '');

/** Some activity tables name their side of the ownership beside what they inherit. */
const ownPartner = (type) =>
  list(type.NavigationProperty).find(({ Name: name }) => name === `ownerid_${type.Name}`)?.Partner;

function entityOf(type, types) {
  const base = type.BaseType === 'mscrm.activitypointer' ? types.get('activitypointer') : undefined;
  const properties = [...list(base?.Property), ...list(type.Property)].map((property) => ({
    name: property.Name,
    edm: property.Type.replace('Edm.', ''),
  }));
  const navigations = list(type.NavigationProperty).map((navigation) => ({
    name: navigation.Name,
    target: bare(navigation.Type),
    many: navigation.Type.startsWith('Collection('),
    partner: navigation.Partner,
    // `_x_value` names the lookup column. A derived type leaves it out where the base type declares the column, and
    // a few name the key in its place: both are read from the name of the navigation property.
    column: /^_(.*)_value$/.exec(list(navigation.ReferentialConstraint)[0]?.Property ?? '')?.[1],
  }));
  const inherited = list(base?.NavigationProperty)
    .filter((navigation) => navigation.Name === 'ownerid')
    .map(() => ({
      name: 'ownerid',
      target: 'principal',
      many: false,
      partner: ownPartner(type) ?? `owner_${type.Name}s`,
      column: 'ownerid',
    }));
  const key = list((type.Key ?? base?.Key)?.PropertyRef)[0]?.Name ?? null;
  return { name: type.Name, key, properties, navigations: [...inherited, ...navigations] };
}
