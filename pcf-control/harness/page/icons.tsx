import { React } from './platform.ts';

const icon = (path: string) => () => (
  <svg width="20" height="20" viewBox="0 0 20 20" fill="none" aria-hidden="true">
    <path d={path} stroke="currentColor" strokeWidth="1.25" strokeLinecap="round" strokeLinejoin="round" />
  </svg>
);

export const SaveIcon = icon('M3.5 3.5h10l3 3v10h-13v-13ZM6.5 3.5v4h6v-4M6 16.5v-5h8v5');
export const RefreshIcon = icon('M15.8 8.4A6.2 6.2 0 1 0 16 11.8M16 4.4v4h-4');
export const DeleteIcon = icon('M4 5.5h12M8 5.5V4h4v1.5M5.5 5.5l.8 11h7.4l.8-11M8.5 8.5v5M11.5 8.5v5');
export const SearchIcon = icon('M9 3.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11ZM13 13l4 4');
