import * as React from 'react';

/** Small icons of our own: the platform library ships none, and a bundled icon package would add a second style engine. */
const icon = (path: string) => {
  const Icon = (): JSX.Element => (
    <svg width="20" height="20" viewBox="0 0 20 20" fill="none" aria-hidden="true" focusable="false">
      <path d={path} stroke="currentColor" strokeWidth="1.25" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
  return Icon;
};

const circle = 'M10 2.75a7.25 7.25 0 1 1 0 14.5 7.25 7.25 0 0 1 0-14.5Z';

export const HistoryIcon = icon('M3.2 8.6A7 7 0 1 1 3 10.4M3 4.5v4.2h4.2M10 6.2V10l2.6 2');
export const CheckIcon = icon(`${circle}M6.8 10.2l2.2 2.2 4.3-4.6`);
export const InfoIcon = icon(`${circle}M10 9.2v4.2M10 6.6v.1`);
export const WarningIcon = icon('M10 3.2 17.4 16.4H2.6L10 3.2ZM10 8v4M10 14.2v.1');
export const ErrorIcon = icon(`${circle}M10 6.2v4.6M10 13.4v.1`);
export const LockIcon = icon('M5 9h10v7.5H5V9ZM7 9V6.2a3 3 0 0 1 6 0V9M10 12v1.6');
export const OfflineIcon = icon(
  'M5.5 15h8.8a3 3 0 0 0 .6-5.9A4.9 4.9 0 0 0 7 6.4M4.6 9a3.1 3.1 0 0 0 .9 6M3 3l14 14',
);
export const UndoIcon = icon('M4 4.5v4h4M4.3 8.3A6.4 6.4 0 1 1 4 12.4');
export const RefreshIcon = icon('M15.8 8.4A6.2 6.2 0 1 0 16 11.8M16 4.4v4h-4');
export const RecordIcon = icon('M5 2.8h6.6L15 6.2v11H5V2.8ZM11.4 3v3.4H15');
export const FileIcon = icon('M6 2.8h5.6L14.6 6v11.2H6V2.8ZM11.4 3v3.2h3');
