/** A page that gets fewer rows than it was asked for although more follow; they come on later pages. */
export interface PageCut {
  /** The share of the rows that it gets: 0 makes it empty. */
  readonly share: number;
  /** Told when a page was really cut: the last page of a read cannot be. */
  readonly happened: (rows: number, of: number) => void;
}
