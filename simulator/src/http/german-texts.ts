import type { ServiceError } from '../service/errors.ts';

/**
 * Error texts as a user with German settings meets them. Of our own wording: what counts is that none of them holds
 * the English words and that the codes stay.
 */
const TEXTS: ReadonlyMap<string, string> = new Map([
  ['0x80040203', 'Ungültiges Argument.'],
  ['0x80040217', 'Der Datensatz ist nicht vorhanden.'],
  ['0x80040220', 'Dem Benutzer fehlt die erforderliche Berechtigung.'],
  ['0x80040227', 'Der Datensatz kann nicht gelöscht werden, weil andere Datensätze auf ihn verweisen.'],
  ['0x80040237', 'Ein Datensatz mit übereinstimmenden Schlüsselwerten ist bereits vorhanden.'],
  ['0x80040800', 'Die Methode unterstützt diese Entität nicht.'],
  ['0x80044150', 'Allgemeiner SQL-Fehler.'],
  ['0x80044151', 'Zeitüberschreitung bei SQL.'],
  [
    '0x80044352',
    'Die Versionsmarke des Clients ist abgelaufen. Führen Sie eine vollständige Synchronisierung aus.',
  ],
  ['0x80048306', 'Die Berechtigungen reichen für diesen Vorgang nicht aus.'],
  ['0x80048d19', 'In den übermittelten Daten wurde ein Fehler gefunden.'],
  ['0x80060882', 'Die Version des vorhandenen Datensatzes stimmt nicht mit der angegebenen überein.'],
  ['0x80060888', 'Die Anforderung ist ungültig.'],
  ['0x8006088a', 'Für das Segment wurde keine Ressource gefunden.'],
  ['0x80060891', 'Es gibt keinen Datensatz mit den angegebenen Schlüsselwerten.'],
  ['0x80072321', 'Die gesamte Ausführungszeit der eingehenden Anforderungen hat das Limit überschritten.'],
  ['0x80072322', 'Die Anzahl der Anforderungen hat das Limit überschritten.'],
  ['0x80072326', 'Die Anzahl gleichzeitiger Anforderungen hat das Limit überschritten.'],
  ['0x80072560', 'Der Benutzer ist kein Mitglied der Organisation.'],
]);

export function germanText({ code, status }: Pick<ServiceError, 'code' | 'status'>): string {
  return TEXTS.get(code.toLowerCase()) ?? `Der Vorgang ist fehlgeschlagen (Status ${status}).`;
}
