/** A4, one column, colours that also tell apart in black and white; a block is not torn by a page's end. */
export const pageStyle = `
@page { size: A4; margin: 16mm 14mm 18mm; }
:root { --ink:#1b2430; --soft:#5b6776; --line:#dfe4ea; --good:#2f7d5b; --half:#d9932f; --bad:#b5483f; }
* { box-sizing: border-box; }
body { font: 10pt/1.45 "Segoe UI", "Helvetica Neue", Arial, sans-serif; color: var(--ink); margin: 0 auto; max-width: 190mm; padding: 8mm 0; background: #fff; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
header { border-bottom: 2.5pt solid var(--ink); padding-bottom: 3mm; margin-bottom: 5mm; }
.kicker { text-transform: uppercase; letter-spacing: .12em; font-size: 8pt; color: var(--soft); margin: 0; }
h1 { font-size: 24pt; line-height: 1.15; margin: 1mm 0; font-weight: 650; }
h2 { font-size: 13.5pt; margin: 8mm 0 2.5mm; padding-bottom: 1mm; border-bottom: .6pt solid var(--line); break-after: avoid; }
h3 { font-size: 10.5pt; margin: 0 0 1mm; break-after: avoid; }
.sub, .facts, .small { color: var(--soft); margin: 0; } .small, .facts { font-size: 8.5pt; }
.cards { display: grid; grid-template-columns: repeat(6, 1fr); gap: 3mm; }
.card { border: .6pt solid var(--line); border-radius: 2mm; padding: 3.5mm; break-inside: avoid; }
.card { grid-column: span 3; } .card.wide { grid-column: span 4; } .card:last-child { grid-column: span 2; } .card h3 { color: var(--soft); font-weight: 600; font-size: 8.5pt; }
.card:nth-child(2), .card:nth-child(3) { order: 1; }
.card p { margin: 0; } .figure { font-size: 17pt; font-weight: 650; line-height: 1.3; font-variant-numeric: tabular-nums; }
.bar { display: flex; height: 4mm; border-radius: 1mm; overflow: hidden; background: var(--line); margin: 1mm 0 2mm; }
.bar .protected, .legend .protected { background: var(--good); } .bar .partly, .legend .partly { background: repeating-linear-gradient(45deg, var(--half) 0 3px, #eab765 3px 5px); } .bar .not, .legend .not { background: #c7cdd5; }
.legend { list-style: none; margin: 0; padding: 0; font-size: 8.5pt; } .legend li { display: flex; gap: 1.5mm; align-items: center; } .legend b { margin-left: auto; font-variant-numeric: tabular-nums; } .legend i { width: 2.6mm; height: 2.6mm; border-radius: .6mm; flex: none; }
article { break-inside: avoid-page; margin: 0 0 4.5mm; padding-left: 3mm; border-left: 2pt solid var(--half); }
.notes { margin: 1mm 0 1.5mm; padding-left: 4mm; } em { color: var(--soft); font-style: normal; }
table { width: 100%; border-collapse: collapse; font-size: 8.7pt; margin: 1mm 0 2mm; } thead { display: table-header-group; } tr { break-inside: avoid; }
th { text-align: left; color: var(--soft); font-weight: 600; border-bottom: .8pt solid var(--ink); padding: 1mm 2mm 1mm 0; }
td { vertical-align: top; border-bottom: .4pt solid var(--line); padding: 1.2mm 2mm 1.2mm 0; overflow-wrap: anywhere; } .n { text-align: right; padding-right: 4mm; font-variant-numeric: tabular-nums; }
code { font: 8.2pt/1.3 "Cascadia Mono", Consolas, "Liberation Mono", monospace; color: #3a4656; }
.left-out { table-layout: fixed; } .left-out th:nth-child(1) { width: 15%; } .left-out th:nth-child(2) { width: 45%; }
footer { margin-top: 9mm; padding-top: 2mm; border-top: .6pt solid var(--line); color: var(--soft); font-size: 8pt; }
@media screen { body { padding: 12mm; } }
`;
