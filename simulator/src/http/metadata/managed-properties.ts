import { guidFromText } from '../../model/guid.ts';
import { label } from './labels.ts';
import type { Shape } from './table-shape.ts';

/** What a definition's publisher may allow or forbid, by the kind of definition that it first belongs to. */
const NAMES: Readonly<Record<string, string>> = {
  entity:
    'canbeincustomentityassociation canbeinmanytomany canbeprimaryentityinrelationship ' +
    'canberelatedentityinrelationship canchangehierarchicalrelationship cancreateattributes cancreatecharts ' +
    'cancreateforms cancreateviews canenablesynctoexternalsearchindex canmodifyauditsettings canmodifyconnectionsettings canchangetrackingbeenabled ' +
    'canmodifyduplicatedetectionsettings canmodifymailmergesettings canmodifymobileclientoffline ' +
    'canmodifymobileclientreadonly canmodifymobileclientvisibility canmodifymobilevisibility ' +
    'canmodifyqueuesettings ismappable isrenameable',
  attribute:
    'canmodifyadditionalsettings canmodifybehavior canmodifyglobalfiltersettings canmodifyissortablesettings ' +
    'canmodifyrequirementlevelsettings canmodifysearchsettings',
  '': 'canbedeleted iscustomizable',
};

/** The managed properties that definitions and rows name here, in the order of their names. */
export function managedProperties(): readonly Shape[] {
  return Object.entries(NAMES)
    .flatMap(([table, names]) => names.split(' ').map((name) => shapeOf(name, table)))
    .sort((a, b) => (String(a['LogicalName']) < String(b['LogicalName']) ? -1 : 1));
}

function shapeOf(name: string, table: string): Shape {
  return {
    MetadataId: guidFromText(`managed property ${name}`),
    HasChanged: null,
    LogicalName: name,
    DisplayName: label(name),
    ManagedPropertyType: 'Operation',
    Operation: name === 'canbedeleted' ? 'Delete' : 'Update',
    IsGlobalForOperation: table === '',
    EvaluationPriority: 'Normal',
    IsPrivate: false,
    ErrorCode: 0,
    EnablesEntityName: table === '' ? null : table,
    EnablesAttributeName: null,
    Description: label(''),
    IntroducedVersion: '5.0.0.0',
  };
}
