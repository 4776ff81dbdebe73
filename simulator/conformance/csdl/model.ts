import csdl from 'odata-csdl';

const NAMESPACE = 'Microsoft.Dynamics.CRM';

/** A member of a type: a property, or a navigation property where `$Kind` says so. `$Type` absent means a text. */
export interface Member {
  readonly $Kind?: 'NavigationProperty';
  readonly $Type?: string;
  readonly $Collection?: true;
  readonly $Partner?: string;
  readonly $ReferentialConstraint?: Readonly<Record<string, string>>;
}

interface Operation {
  readonly $Kind: 'Action' | 'Function';
  readonly $IsBound?: true;
  readonly $Parameter?: readonly (Member & { readonly $Name: string })[];
  readonly $ReturnType?: Member;
}

/** One element of the schema in CSDL JSON: `$…` are its own facts, all else are its members. */
export type Element = Readonly<Record<string, unknown>> & {
  readonly $Kind?: string;
  readonly $BaseType?: string;
  readonly $Key?: readonly string[];
};

export interface EntitySet {
  readonly name: string;
  readonly type: string;
  readonly bindings: Readonly<Record<string, string>>;
}

/** A `$metadata` document, as the OASIS converter reads it. */
export class CsdlModel {
  readonly messages: unknown[] = [];
  readonly elements: ReadonlyMap<string, Element | readonly Operation[]>;
  readonly sets: readonly EntitySet[];
  /** Names of operations that can be called without a row, and the operation that each one stands for. */
  readonly imports: ReadonlyMap<string, string>;

  constructor(xml: string) {
    const json = csdl.xml2json(xml, { messages: this.messages });
    const schema = json[NAMESPACE] as Readonly<Record<string, Element | readonly Operation[]>>; // CSDL JSON, 5
    this.elements = new Map(Object.entries(schema).filter(([name]) => !/^[$@]/.test(name)));
    const container = this.elements.get(String(json['$EntityContainer']).slice(NAMESPACE.length + 1));
    const members = Object.entries(container ?? {}).filter(([name]) => !/^[$@]/.test(name)) as readonly [
      string,
      Readonly<Record<string, unknown>>,
    ][]; // members of a container are objects
    this.sets = members.flatMap(([name, one]) =>
      one['$Collection'] === true
        ? [
            {
              name,
              type: bareName(String(one['$Type'])),
              bindings: (one['$NavigationPropertyBinding'] ?? {}) as Readonly<Record<string, string>>,
            },
          ] // CSDL JSON, 13.2
        : [],
    );
    this.imports = new Map(
      members.flatMap(([name, one]) => {
        const operation = one['$Action'] ?? one['$Function'];
        return typeof operation === 'string' ? [[name, bareName(operation)]] : [];
      }),
    );
  }

  get types(): readonly (readonly [name: string, type: Element])[] {
    return [...this.elements].flatMap(([name, element]) =>
      !isOperations(element) && (element.$Kind === 'EntityType' || element.$Kind === 'ComplexType')
        ? [[name, element] as const]
        : [],
    );
  }

  get operations(): readonly (readonly [name: string, overload: Operation])[] {
    return [...this.elements].flatMap(([name, element]) =>
      isOperations(element) ? element.map((one) => [name, one] as const) : [],
    );
  }

  type(name: string): Element | undefined {
    const element = this.elements.get(bareName(name));
    return element === undefined || isOperations(element) ? undefined : element;
  }

  /** Members of a type with those of its bases. */
  members(name: string): ReadonlyMap<string, Member> {
    const type = this.type(name);
    if (type === undefined) return new Map();
    const inherited = type.$BaseType === undefined ? [] : this.members(type.$BaseType);
    return new Map([...inherited, ...ownMembers(type)]);
  }

  /** Is `name` the type `base` or derived from it? */
  derives(name: string, base: string): boolean {
    if (bareName(name) === bareName(base)) return true;
    const parent = this.type(name)?.$BaseType;
    return parent !== undefined && this.derives(parent, base);
  }

  keyOf(name: string): readonly string[] | undefined {
    const type = this.type(name);
    return type?.$Key ?? (type?.$BaseType === undefined ? undefined : this.keyOf(type.$BaseType));
  }

  /** Primitive, or declared here. */
  knows(type: string | undefined): boolean {
    if (type === undefined) return true;
    return type.startsWith('Edm.') ? EDM_TYPES.has(type.slice(4)) : this.type(type) !== undefined;
  }
}

const EDM_TYPES = new Set(
  'Binary Boolean Byte Date DateTimeOffset Decimal Double Guid Int16 Int32 Int64 String'.split(' '),
);

export function isOperations(element: Element | readonly Operation[]): element is readonly Operation[] {
  return Array.isArray(element);
}

export function ownMembers(type: Element): readonly (readonly [name: string, member: Member])[] {
  return Object.entries(type).filter(([name]) => !/[$@]/.test(name)) as [string, Member][]; // CSDL JSON, 7 and 8
}

/** Without namespace or alias. */
export function bareName(type: string): string {
  return type.replace(/^(?:mscrm|Microsoft\.Dynamics\.CRM)\./, '');
}
