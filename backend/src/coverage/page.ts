import { pageStyle } from './page-style.ts';
import type { Period } from './period.ts';
import type { ColumnCoverage, Counts, CoverageReport, Protection, Reason, TableCoverage } from './report.ts';

const words: Readonly<Record<Protection, string>> = {
  protected: 'Protected',
  partly: 'Partly protected',
  not: 'Not protected',
};

/** A page that prints well and needs nothing besides itself: no script, no address that a browser would fetch. */
export function coveragePage(report: CoverageReport, period: Period | null): string {
  const name = report.environment.name ?? report.environment.id;
  const by = (status: Protection) => report.tables.filter((table) => table.status === status);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Coverage of ${text(name)}</title><style>${pageStyle}</style></head><body>
<header><p class="kicker">Rowback coverage report</p><h1>${text(name)}</h1>
<p class="sub">${headline(report, period)}</p></header>
${summary(report)}
${period === null ? '' : periodSection(period)}
${notesSection(report)}
${tablesSection('Partly protected', by('partly'))}
${leftOutSection(by('not'))}
${protectedSection(by('protected'))}
${formerSection(report)}
${scopeSection(report)}
<footer>Made ${instant(report.madeAt)} from the vault alone. Environment ${text(report.environment.id)}, snapshot ${text(report.snapshot)}. All times are UTC.</footer>
</body></html>
`;
}

function headline(report: CoverageReport, period: Period | null): string {
  const at = `Snapshot ${text(report.snapshot)}, taken ${instant(report.startedAt)} to ${instant(report.endedAt)}, policy “${text(report.policy)}”`;
  return period === null ? at : `${instant(period.from)} to ${instant(period.to)}. ${at}`;
}

function summary({ counts, recoveryPoint, tables }: CoverageReport): string {
  const behind = recoveryPoint.behind.map(({ table }) => table);
  const rows = tables.reduce((sum, table) => sum + (table.rowCount ?? 0), 0);
  const point = recoveryPoint.worst === null ? 'none for some tables' : instant(recoveryPoint.worst);
  const note =
    behind.length === 0
      ? 'Everything saved before this instant, in every table that is read, can be restored.'
      : `${behind.length} behind the rest: ${text(behind.slice(0, 6).join(', '))}${behind.length > 6 ? ', …' : ''}`;
  return `<section class="cards">
<div class="card wide"><h3>Recovery point reached</h3><p class="figure">${point}</p><p>${note}</p></div>
<div class="card"><h3>Tables</h3>${bar(counts.tables)}</div>
<div class="card"><h3>Columns</h3>${bar(counts.columns)}</div>
<div class="card"><h3>Rows</h3><p class="figure">${number(rows)}</p></div>
</section>`;
}

function bar(counts: Counts): string {
  const kinds: readonly Protection[] = ['protected', 'partly', 'not'];
  const parts = kinds.map((kind) => `<span class="${kind}" style="flex:${counts[kind]}"></span>`).join('');
  const legend = kinds.map(
    (kind) => `<li><i class="${kind}"></i>${words[kind]} <b>${number(counts[kind])}</b></li>`,
  );
  return `<div class="bar">${parts}</div><ul class="legend">${legend.join('')}</ul>`;
}

function periodSection(period: Period): string {
  const gap =
    period.longestGap === null
      ? 'There was only one run.'
      : `Longest time between two runs: <b>${duration(period.longestGap.ms)}</b>, from ${instant(period.longestGap.from)} to ${instant(period.longestGap.to)}.`;
  const disturbed = period.disturbed.map(
    ({ table, status, from, to, why }) =>
      `<tr><td><b>${text(table)}</b></td><td>${status}</td><td>${instant(from)}</td><td>${to === null ? 'still so' : instant(to)}</td><td>${text(why)}</td></tr>`,
  );
  const alerts = period.alerts.map(
    ({ snapshot, code, message }) =>
      `<tr><td>${text(snapshot)}</td><td>${text(code)}</td><td>${text(message)}</td></tr>`,
  );
  return `<section><h2>The period</h2>
<p>${number(period.snapshots)} snapshots and ${number(period.quietRuns)} runs in which nothing moved. ${gap}</p>
${disturbed.length === 0 ? '<p>In every snapshot every table that is read was complete.</p>' : table(['Table', 'Status', 'From', 'To', 'Why'], disturbed)}
${alerts.length === 0 ? '' : `<h3>Alerts</h3>${table(['Snapshot', 'Alert', 'What'], alerts)}`}</section>`;
}

function notesSection({ notes, tables }: CoverageReport): string {
  const warned = tables.flatMap(({ table: name, warnings }) => warnings.map((one) => ({ name, ...one })));
  if (notes.length + warned.length === 0) return '';
  const items = [
    ...notes.map(({ why, hint }) => `<li>${sentence(why)} <em>${text(hint)}</em></li>`),
    ...warned.map(
      ({ name, why, hint }) => `<li><b>${text(name)}</b>: ${text(why)}. <em>${text(hint)}</em></li>`,
    ),
  ];
  return `<section><h2>Worth knowing</h2><ul class="notes">${items.join('')}</ul></section>`;
}

function tablesSection(title: string, tables: readonly TableCoverage[]): string {
  if (tables.length === 0) return '';
  const blocks = tables.map(
    (one) => `<article><h3>${text(one.label)} <code>${text(one.table)}</code></h3>
<p class="facts">${facts(one)}</p>${reasonList(one.reasons)}${gapList(one.columns)}</article>`,
  );
  return `<section><h2>${title} (${tables.length})</h2>${blocks.join('')}</section>`;
}

function facts({ mode, rowCount, recoveryPoint }: TableCoverage): string {
  const point = recoveryPoint === null ? 'no recovery point' : `recovery point ${instant(recoveryPoint)}`;
  return `${number(rowCount ?? 0)} rows · ${text(mode ?? 'not read')} · ${point}`;
}

function reasonList(reasons: readonly Reason[]): string {
  const items = reasons.map(({ why, hint }) => `<li>${sentence(why)} <em>${text(hint)}</em></li>`);
  return `<ul class="notes">${items.join('')}</ul>`;
}

/** Columns that are not wholly protected, those with the same reason together. */
function gapList(columns: readonly ColumnCoverage[]): string {
  const groups = new Map<string, { reason: Reason; names: string[] }>();
  for (const { column, status, reason } of columns) {
    if (status === 'protected' || reason === null) continue;
    const group = groups.get(reason.code) ?? { reason, names: [] };
    group.names.push(column);
    groups.set(reason.code, group);
  }
  const rows = [...groups.values()].map(
    ({ reason, names }) =>
      `<tr><td>${names.map((name) => `<code>${text(name)}</code>`).join(' ')}</td><td>${sentence(reason.why)} <em>${text(reason.hint)}</em></td></tr>`,
  );
  return rows.length === 0 ? '' : table(['Columns', 'Why, and the way to change it'], rows);
}

/** Tables left out for the same reason stand together. */
function leftOutSection(tables: readonly TableCoverage[]): string {
  const groups = new Map<string, { reason: Reason; names: string[] }>();
  for (const one of tables) {
    const [reason] = one.reasons;
    if (reason === undefined) continue;
    const key = `${reason.code} ${reason.why} ${reason.hint}`;
    const group = groups.get(key) ?? { reason, names: [] };
    group.names.push(one.table);
    groups.set(key, group);
  }
  const rows = [...groups.values()].map(
    ({ reason, names }) =>
      `<tr><td>${text(reason.code)}</td><td>${sentence(reason.why)} <em>${text(reason.hint)}</em></td><td>${names.map((name) => `<code>${text(name)}</code>`).join(' ')}</td></tr>`,
  );
  if (rows.length === 0) return '';
  return `<section><h2>Not protected (${tables.length})</h2>${table(['Reason', 'Why, and the way to change it', 'Tables'], rows, 'left-out')}</section>`;
}

function protectedSection(tables: readonly TableCoverage[]): string {
  const rows = tables.map(({ table: name, label, mode, rowCount, recoveryPoint, columns }) => {
    const gaps = columns.filter(({ status }) => status !== 'protected').length;
    return `<tr><td>${text(label)} <code>${text(name)}</code></td><td>${text(mode ?? '')}</td><td class="n">${number(rowCount ?? 0)}</td><td class="n">${columns.length - gaps} of ${columns.length}</td><td>${instant(recoveryPoint ?? '')}</td></tr>`;
  });
  const head = ['Table', 'Mode', 'Rows', 'Columns', 'Recovery point'];
  return `<section><h2>Protected (${tables.length})</h2>${table(head, rows)}
<p class="small">Columns that are not counted are computed by the platform or given to no program; the CSV file lists each.</p></section>`;
}

function formerSection({ former }: CoverageReport): string {
  if (former.length === 0) return '';
  const rows = former.map(
    ({ table: name, folder, rowCount }) =>
      `<tr><td><code>${text(name)}</code></td><td>${text(folder)}</td><td class="n">${number(rowCount)}</td></tr>`,
  );
  return `<section><h2>In the vault and no longer in the environment</h2>${table(['Table', 'Folder', 'Rows'], rows)}</section>`;
}

function scopeSection({ outOfScope }: CoverageReport): string {
  const rows = outOfScope.map(
    ({ what, why, hint }) =>
      `<tr><td><b>${text(what)}</b></td><td>${sentence(why)}</td><td>${text(hint)}</td></tr>`,
  );
  return `<section><h2>Out of scope</h2><p>No snapshot of Rowback holds these.</p>${table(['What', 'Why', 'Instead'], rows)}</section>`;
}

function table(head: readonly string[], rows: readonly string[], style = ''): string {
  const cells = head.map((cell) => `<th>${cell}</th>`).join('');
  return `<table class="${style}"><thead><tr>${cells}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Names and labels come from whoever may customize the environment. */
export function text(value: string): string {
  return value.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

function sentence(why: string): string {
  return `${text(why.charAt(0).toUpperCase() + why.slice(1))}.`;
}

function instant(iso: string): string {
  return text(iso.replace('T', ' ').replace(/(\.\d+)?Z$/, ''));
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function duration(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} minutes`;
  return minutes < 2880 ? `${(minutes / 60).toFixed(1)} hours` : `${(minutes / 1440).toFixed(1)} days`;
}
